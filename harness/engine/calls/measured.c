/* SPDX-License-Identifier: Apache-2.0 */
/* Which files are files of figures; see measured.h and proc(5). */
#include "engine/calls/measured.h"

#include "base/fmt.h"
#include "base/str.h"

/* Files of /proc that say the same each time, or what jostle itself keeps the same. */
static const char *const stable_of_process[] = {
	"",        "exe",     "cmdline",   "environ", "comm",        "cgroup",     "limits",
	"auxv",    "mounts",  "mountinfo", "cwd",     "root",        "oom_adj",    "setgroups",
	"uid_map", "gid_map", "loginuid",  "mem",     "personality", "clear_refs", "oom_score_adj"
};
static const char *const stable_folders_of_process[] = { "fd", "fdinfo", "ns", "attr", "task" };
static const char *const stable_of_machine[] = { "cmdline", "version", "filesystems",
						 "mounts",  "devices", "modules" };

struct known_file {
	const char *name;
	enum measured_file file;
};

static const struct known_file files_of_process[] = {
	{ "stat", MEASURED_STAT },          { "statm", MEASURED_STATM },
	{ "status", MEASURED_STATUS },      { "smaps", MEASURED_SMAPS },
	{ "smaps_rollup", MEASURED_SMAPS }, { "maps", MEASURED_MAPS },
	{ "io", MEASURED_COUNTS },          { "schedstat", MEASURED_COUNTS },
};
static const struct known_file files_of_machine[] = {
	{ "stat", MEASURED_CPUS },     { "meminfo", MEASURED_MEMORY },
	{ "loadavg", MEASURED_LOAD },  { "uptime", MEASURED_UPTIME },
	{ "vmstat", MEASURED_COUNTS }, { "cpuinfo", MEASURED_CPUINFO },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool listed(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (str_equal(names[i], name))
			return true;
	return false;
}

static enum measured_file find(const struct known_file *files, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (str_equal(files[i].name, name))
			return files[i].file;
	return MEASURED_UNKNOWN;
}

/* Behind the name and its slash when the path begins with it, else NULL. */
static const char *behind(const char *path, const char *name)
{
	const size_t length = str_length(name);

	if (!str_starts_with(path, name) || (path[length] && path[length] != '/'))
		return NULL;
	path += length;
	while (*path == '/')
		path++;
	return path;
}

static const char *behind_number(const char *path)
{
	const char *at = path;

	while (is_digit(*at))
		at++;
	if (at == path || (*at && *at != '/'))
		return NULL;
	while (*at == '/')
		at++;
	return at;
}

/* Behind the folder of a process or of one of its threads. */
static const char *behind_process(const char *path)
{
	const char *rest = behind(path, "self"), *task;

	if (!rest)
		rest = behind(path, "thread-self");
	if (!rest)
		rest = behind_number(path);
	if (rest && (task = behind(rest, "task")) && behind_number(task))
		rest = behind_number(task);
	return rest;
}

static enum measured_file file_of_process(const char *name)
{
	if (listed(stable_of_process, COUNT(stable_of_process), name))
		return MEASURED_NONE;
	for (size_t i = 0; i < COUNT(stable_folders_of_process); i++)
		if (behind(name, stable_folders_of_process[i]))
			return MEASURED_NONE;
	return find(files_of_process, COUNT(files_of_process), name);
}

/* Of devices and of memory. What else is there says how the machine is made. */
static enum measured_file file_of_devices(const char *path)
{
	static const char *const counts[] = { "stat",   "inflight",         "numastat",
					      "vmstat", "scaling_cur_freq", "cpuinfo_cur_freq",
					      "temp" };
	const char *name = path, *folder = "";

	for (const char *at = path; *at; at++)
		if (*at == '/') {
			folder = name;
			name = at + 1;
		}
	if (listed(counts, COUNT(counts), name) || behind(folder, "statistics"))
		return MEASURED_COUNTS;
	return str_equal(name, "meminfo") ? MEASURED_MEMORY : MEASURED_NONE;
}

enum measured_file measured_file(const char *path)
{
	const char *name = behind(path, "/proc"), *of_process;

	if (!name && behind(path, "/sys/fs/cgroup"))
		return MEASURED_UNKNOWN;
	if (!name)
		return behind(path, "/sys") ? file_of_devices(path) : MEASURED_NONE;
	of_process = behind_process(name);
	if (of_process)
		return file_of_process(of_process);
	if (behind(name, "sys/kernel/random") || behind(name, "sys/fs/file-nr"))
		return MEASURED_UNKNOWN;
	if (behind(name, "sys") || listed(stable_of_machine, COUNT(stable_of_machine), name))
		return MEASURED_NONE;
	return find(files_of_machine, COUNT(files_of_machine), name);
}

void measured_name(const char *path, char *to, size_t size)
{
	const char *name = behind(path, "/proc");

	if (name && behind_number(name)) {
		const char *rest = behind_number(name);

		fmt(to, size, "/proc/PID%s%s", *rest ? "/" : "", rest);
	} else {
		fmt(to, size, "%s", path);
	}
}
