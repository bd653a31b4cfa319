/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/machine.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "compare/kernel.h"

static void allowed(cpu_set_t *set)
{
	CPU_ZERO(set);
	if (sched_getaffinity(0, sizeof(*set), set) < 0)
		CPU_SET(0, set);
}

unsigned machine_processors(void)
{
	cpu_set_t set;

	allowed(&set);
	return (unsigned)CPU_COUNT(&set);
}

int machine_last_processor(void)
{
	cpu_set_t set;

	allowed(&set);
	for (int i = CPU_SETSIZE - 1; i > 0; i--)
		if (CPU_ISSET(i, &set))
			return i;
	return 0;
}

const char *machine_folder(void)
{
	const char *folder = getenv("TMPDIR");

	return folder && folder[0] ? folder : "/tmp";
}

/* What stands behind the first line that begins with name, without blanks around it. */
static void read_line(const char *path, const char *name, char *value, size_t size)
{
	FILE *file = fopen(path, "re");
	char line[512];

	value[0] = '\0';
	while (file && fgets(line, sizeof(line), file)) {
		const char *text = line + strlen(name);

		if (strncmp(line, name, strlen(name)) != 0)
			continue;
		text += strspn(text, " \t:");
		snprintf(value, size, "%.*s", (int)strcspn(text, "\n"), text);
		break;
	}
	if (file)
		fclose(file);
}

/* "max 100000" or "150000 100000", microseconds in a period. */
static double read_quota(void)
{
	char group[300], path[400], text[64];
	double quota, period;

	read_line("/proc/self/cgroup", "0::", group, sizeof(group));
	snprintf(path, sizeof(path), "/sys/fs/cgroup%s/cpu.max", group);
	read_line(path, "", text, sizeof(text));
	if (sscanf(text, "%lf %lf", &quota, &period) != 2 || period <= 0)
		return 0;
	return quota / period;
}

static void read_file_system(struct machine *machine)
{
	static const struct {
		long type;
		const char *name;
	} known[] = {
		{ 0xef53, "ext4" },        { 0x01021994, "tmpfs" },
		{ 0x58465342, "xfs" },     { (long)0x9123683e, "btrfs" },
		{ 0x794c7630, "overlay" }, { 0x6969, "nfs" },
		{ 0x2fc12fc1, "zfs" },     { (long)0xf2f52010, "f2fs" },
	};
	struct statfs status;

	snprintf(machine->file_system, sizeof(machine->file_system), "unknown");
	if (statfs(machine->folder, &status) < 0)
		return;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].type == (long)status.f_type)
			snprintf(machine->file_system, sizeof(machine->file_system), "%s",
				 known[i].name);
}

void machine_read(struct machine *machine, const char *folder)
{
	struct utsname names;

	uname(&names);
	snprintf(machine->system, sizeof(machine->system), "%.20s %.60s %.20s", names.sysname,
		 names.release, names.machine);
	read_line("/proc/cpuinfo", "model name", machine->processor, sizeof(machine->processor));
	machine->processors = machine_processors();
	machine->online = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
	machine->quota = read_quota();
	snprintf(machine->folder, sizeof(machine->folder), "%s", folder);
	read_file_system(machine);
}

static double own_ns(void)
{
	struct rusage usage;
	double sum = 0;

	for (int i = 0; i < 2; i++) {
		getrusage(i ? RUSAGE_CHILDREN : RUSAGE_SELF, &usage);
		sum += (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e9 +
		       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e3;
	}
	return sum;
}

void machine_start(struct machine_clock *clock)
{
	const double tick_ns = 1e9 / (double)sysconf(_SC_CLK_TCK);
	unsigned long long user = 0, nice = 0, kernel = 0, idle, wait, hard = 0, soft = 0,
			   steal = 0;
	char text[256];

	read_line("/proc/stat", "cpu ", text, sizeof(text));
	sscanf(text, "%llu %llu %llu %llu %llu %llu %llu %llu", &user, &nice, &kernel, &idle, &wait,
	       &hard, &soft, &steal);
	clock->busy_ns = (double)(user + nice + kernel + hard + soft) * tick_ns;
	clock->stolen_ns = (double)steal * tick_ns;
	clock->own_ns = own_ns();
	clock->now_ns = (double)kernel_now_ns();
}

void machine_stop(struct machine *machine, const struct machine_clock *clock)
{
	struct machine_clock end;
	double elapsed;

	machine_start(&end);
	elapsed = end.now_ns - clock->now_ns;
	if (elapsed <= 0)
		return;
	machine->others = (end.busy_ns - clock->busy_ns - (end.own_ns - clock->own_ns)) / elapsed;
	machine->stolen = (end.stolen_ns - clock->stolen_ns) / elapsed;
	if (machine->others < 0)
		machine->others = 0;
}
