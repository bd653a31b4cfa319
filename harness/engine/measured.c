/* SPDX-License-Identifier: Apache-2.0 */
/* See measured.h; proc(5) lists the fields. */
#include "engine/measured.h"

#include "base/fmt.h"
#include "base/str.h"

/* Files of /proc that say the same each time, or what jostle itself keeps the same. */
static const char *const stable_of_process[] = {
	"",       "maps",        "exe",        "cmdline",      "environ",   "comm",
	"cgroup", "limits",      "auxv",       "mounts",       "mountinfo", "cwd",
	"root",   "oom_adj",     "setgroups",  "uid_map",      "gid_map",   "loginuid",
	"mem",    "personality", "clear_refs", "oom_score_adj"
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
	{ "smaps_rollup", MEASURED_SMAPS }, { "io", MEASURED_COUNTS },
	{ "schedstat", MEASURED_COUNTS },
};
static const struct known_file files_of_machine[] = {
	{ "stat", MEASURED_CPUS },     { "meminfo", MEASURED_MEMORY },
	{ "loadavg", MEASURED_LOAD },  { "uptime", MEASURED_UPTIME },
	{ "vmstat", MEASURED_COUNTS }, { "cpuinfo", MEASURED_CPUINFO },
};

#define NAME_COLUMNS 16 /* of smaps and meminfo, up to the number */

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

enum measured_file measured_file(const char *path)
{
	const char *name = behind(path, "/proc"), *of_process;

	if (!name)
		return behind(path, "/sys/fs/cgroup") ? MEASURED_UNKNOWN : MEASURED_NONE;
	of_process = behind_process(name);
	if (of_process)
		return file_of_process(of_process);
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

/* ---- lines ---- */

struct text {
	char *to;
	size_t size, used;
};

static void put(struct text *text, const char *from, size_t length)
{
	for (size_t i = 0; i < length && text->used < text->size; i++)
		text->to[text->used++] = from[i];
}

static void put_text(struct text *text, const char *from)
{
	put(text, from, str_length(from));
}

static void put_number(struct text *text, unsigned long number)
{
	char digits[24];

	put(text, digits, fmt(digits, sizeof(digits), "%lu", number));
}

static bool begins(const char *line, size_t length, const char *word)
{
	const size_t wanted = str_length(word);

	for (size_t i = 0; i < wanted; i++)
		if (i == length || line[i] != word[i])
			return false;
	return true;
}

/* The number of a field of /proc/PID/stat, counted from 1; what is not measured stays. */
static bool stat_figure(unsigned field, unsigned threads, unsigned long *figure)
{
	*figure = 0;
	switch (field) {
	case 10: /* faults */
	case 11:
	case 12:
	case 13:
	case 14: /* times */
	case 15:
	case 16:
	case 17:
	case 29: /* registers, what it waits in, processor */
	case 30:
	case 35:
	case 39:
	case 42: /* waiting for the disk, running a guest */
	case 43:
	case 44:
		return true;
	case 20:
		*figure = threads;
		return threads != 0;
	case 22:
		*figure = MEASURED_START_S * 100UL;
		return true;
	case 23:
		*figure = MEASURED_SIZE_KB * 1024UL;
		return true;
	case 24:
		*figure = MEASURED_RESIDENT_KB / 4;
		return true;
	default:
		return false;
	}
}

/* The name in parentheses may hold anything, also parentheses. */
static void stat_line(const char *line, size_t length, unsigned threads, struct text *text)
{
	size_t at = length;
	unsigned field = 2;

	while (at > 0 && line[at - 1] != ')')
		at--;
	put(text, line, at);
	while (at < length) {
		unsigned long figure;
		size_t end = at;

		if (line[at] == ' ' || line[at] == '\n') {
			field += line[at] == ' ';
			put(text, &line[at++], 1);
			continue;
		}
		while (end < length && line[end] != ' ' && line[end] != '\n')
			end++;
		if (stat_figure(field, threads, &figure))
			put_number(text, figure);
		else
			put(text, &line[at], end - at);
		at = end;
	}
}

/* Every number that is no part of a word becomes 0. */
static void zero_line(const char *line, size_t length, struct text *text)
{
	for (size_t i = 0; i < length; i++) {
		const char before = i ? line[i - 1] : ' ';

		if (!is_digit(line[i]) || (before != ' ' && before != '\t' && before != ':')) {
			put(text, &line[i], 1);
			continue;
		}
		while (i + 1 < length && (is_digit(line[i + 1]) || line[i + 1] == '.'))
			i++;
		put_text(text, "0");
	}
}

/* "Name:  number kB", as the kernel aligns it. */
static void size_line(const char *line, size_t length, unsigned long kb, struct text *text)
{
	char number[64];
	size_t at = 0;

	while (at < length && line[at] != ':')
		at++;
	put(text, line, at);
	put_text(text, ":");
	if (at + 1 < length && line[at + 1] == '\t')
		put_text(text, "\t");
	else
		for (size_t column = at + 1; column < NAME_COLUMNS; column++)
			put_text(text, " ");
	put(text, number, fmt(number, sizeof(number), "%8lu kB\n", kb));
}

static bool is_size(const char *line, size_t length)
{
	return length > 4 && begins(line + length - 4, 4, " kB\n");
}

static void status_line(const char *line, size_t length, unsigned threads, struct text *text)
{
	if (is_size(line, length)) {
		if (begins(line, length, "VmSize") || begins(line, length, "VmPeak"))
			size_line(line, length, MEASURED_SIZE_KB, text);
		else if (begins(line, length, "VmRSS") || begins(line, length, "VmHWM"))
			size_line(line, length, MEASURED_RESIDENT_KB, text);
		else
			size_line(line, length, 0, text);
	} else if (begins(line, length, "Threads:") && threads) {
		put_text(text, "Threads:\t");
		put_number(text, threads);
		put_text(text, "\n");
	} else if (begins(line, length, "voluntary_ctxt") || begins(line, length, "SigQ:") ||
		   begins(line, length, "nonvoluntary_ctxt")) {
		zero_line(line, length, text);
	} else {
		put(text, line, length);
	}
}

/* What a mapping is stays, what lies in it now does not. */
static void smaps_line(const char *line, size_t length, struct text *text)
{
	if (is_size(line, length) && !begins(line, length, "Size:") &&
	    !begins(line, length, "KernelPageSize:") && !begins(line, length, "MMUPageSize:"))
		size_line(line, length, 0, text);
	else
		put(text, line, length);
}

static void memory_line(const char *line, size_t length, struct text *text)
{
	static const char *const stable[] = { "MemTotal:",     "SwapTotal:", "CommitLimit:",
					      "VmallocTotal:", "Hugetlb:",   "Hugepagesize:" };

	for (size_t i = 0; i < COUNT(stable); i++)
		if (begins(line, length, stable[i])) {
			put(text, line, length);
			return;
		}
	if (!is_size(line, length))
		put(text, line, length);
	else if (begins(line, length, "MemFree:") || begins(line, length, "MemAvailable:"))
		size_line(line, length, MEASURED_FREE_KB, text);
	else
		size_line(line, length, 0, text);
}

/* A counter for each interrupt there is: their sum says as much, and has an end. */
static void cpus_line(const char *line, size_t length, struct text *text)
{
	if (begins(line, length, "intr"))
		put_text(text, "intr 0\n");
	else if (begins(line, length, "softirq"))
		put_text(text, "softirq 0\n");
	else
		zero_line(line, length, text);
}

size_t measured_line(enum measured_file file, const char *line, size_t length, unsigned threads,
		     char *to, size_t size)
{
	struct text text = { to, size, 0 };
	char own[64];

	switch (file) {
	case MEASURED_STAT:
		stat_line(line, length, threads, &text);
		break;
	case MEASURED_STATM:
		put(&text, own,
		    fmt(own, sizeof(own), "%u %u 0 0 0 %u 0\n", MEASURED_SIZE_KB / 4,
			MEASURED_RESIDENT_KB / 4, MEASURED_SIZE_KB / 4));
		break;
	case MEASURED_STATUS:
		status_line(line, length, threads, &text);
		break;
	case MEASURED_SMAPS:
		smaps_line(line, length, &text);
		break;
	case MEASURED_COUNTS:
		zero_line(line, length, &text);
		break;
	case MEASURED_MEMORY:
		memory_line(line, length, &text);
		break;
	case MEASURED_CPUS:
		cpus_line(line, length, &text);
		break;
	case MEASURED_LOAD:
		put_text(&text, "0.00 0.00 0.00 1/1 1\n");
		break;
	case MEASURED_UPTIME:
		put(&text, own,
		    fmt(own, sizeof(own), "%u.00 %u.00\n", MEASURED_START_S, MEASURED_START_S));
		break;
	case MEASURED_CPUINFO:
		if (begins(line, length, "cpu MHz"))
			put_text(&text, "cpu MHz\t\t: 1000.000\n");
		else
			put(&text, line, length);
		break;
	case MEASURED_NONE:
	case MEASURED_UNKNOWN:
		put(&text, line, length);
		break;
	}
	return text.used;
}
