/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two readings of one file at two moments come out the same, and what is not measured stays. Paths
 * are told apart as proc(5) lists them.
 */
#include "check_main.h"

#include <stdlib.h>
#include <string.h>

#include "engine/calls/measured.h"

static const struct path {
	const char *path;
	enum measured_file file;
} paths[] = {
	{ "/proc/self/stat", MEASURED_STAT },
	{ "/proc//12345/stat", MEASURED_STAT },
	{ "/proc/self/task/77/stat", MEASURED_STAT },
	{ "/proc/thread-self/status", MEASURED_STATUS },
	{ "/proc/self/statm", MEASURED_STATM },
	{ "/proc/1/smaps", MEASURED_SMAPS },
	{ "/proc/self/smaps_rollup", MEASURED_SMAPS },
	{ "/proc/self/io", MEASURED_COUNTS },
	{ "/proc/stat", MEASURED_CPUS },
	{ "/proc/meminfo", MEASURED_MEMORY },
	{ "/proc/loadavg", MEASURED_LOAD },
	{ "/proc/uptime", MEASURED_UPTIME },
	{ "/proc/cpuinfo", MEASURED_CPUINFO },
	{ "/proc/self/maps", MEASURED_MAPS },
	{ "/proc/self/fd/3", MEASURED_NONE },
	{ "/proc/self", MEASURED_NONE },
	{ "/proc/self/task", MEASURED_NONE },
	{ "/proc/sys/vm/overcommit_memory", MEASURED_NONE },
	{ "/proc/sys/kernel/random/uuid", MEASURED_UNKNOWN },
	{ "/process/self/stat", MEASURED_NONE },
	{ "/procfs", MEASURED_NONE },
	{ "stat", MEASURED_NONE },
	{ "", MEASURED_NONE },
	{ "/proc/selfish/stat", MEASURED_UNKNOWN },
	{ "/proc/12x/stat", MEASURED_UNKNOWN },
	{ "/proc/self/wchan", MEASURED_UNKNOWN },
	{ "/proc/interrupts", MEASURED_UNKNOWN },
	{ "/proc", MEASURED_UNKNOWN },
	{ "/sys/fs/cgroup/memory.current", MEASURED_UNKNOWN },
	{ "/sys/devices/system/cpu/online", MEASURED_NONE },
	{ "/sys/dev/block/8:0/../stat", MEASURED_COUNTS },
	{ "/sys/class/net/lo/statistics/rx_bytes", MEASURED_COUNTS },
	{ "/sys/class/net/statistics", MEASURED_NONE },
	{ "/sys/devices/system/node/node0/meminfo", MEASURED_MEMORY },
	{ "/sys", MEASURED_NONE },
	{ "/system/stat", MEASURED_NONE },
};

START_TEST(each_path_is_the_file_that_proc_5_lists)
{
	ck_assert_msg(measured_file(paths[_i].path) == paths[_i].file, "%s", paths[_i].path);
}
END_TEST

static const struct line {
	enum measured_file file;
	unsigned threads;
	const char *one, *other, *wanted;
} lines[] = {
	{ MEASURED_STAT, 3,
	  "4242 (a) b) R 777 4242 31 34816 31 4194560 99 0 1 0 17 3 0 0 20 0 9 0 81203 3000000 "
	  "512 18446744073709551615 1 2 3 0 0 0 0 4096 81920 0 0 0 17 1 0 0 0 0 0 6 7 8\n",
	  "4242 (a) b) R 30001 4242 4000 0 -1 64 1234 5 0 0 0 0 0 0 20 0 17 0 9 67108864 "
	  "90000 18446744073709551615 1 2 3 99 8 0 0 4096 81920 1 0 0 17 0 0 0 4 0 0 6 7 8\n",
	  "4242 (a) b) R 1 4242 1 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 3 0 100000 67108864 "
	  "4096 18446744073709551615 1 2 3 0 0 0 0 4096 81920 0 0 0 17 0 0 0 0 0 0 6 7 8\n" },
	{ MEASURED_STATM, 0, "900 80 70 60 0 50 0\n", "123456 7 70 60 0 5 0\n",
	  "16384 4096 0 0 0 16384 0\n" },
	{ MEASURED_STATUS, 2, "VmRSS:\t    9999 kB\n", "VmRSS:\t10000000 kB\n",
	  "VmRSS:\t   16384 kB\n" },
	{ MEASURED_STATUS, 2, "VmData:\t  123456789 kB\n", "VmData:\t       4 kB\n",
	  "VmData:\t       0 kB\n" },
	{ MEASURED_STATUS, 2, "Threads:\t17\n", "Threads:\t33\n", "Threads:\t2\n" },
	{ MEASURED_STATUS, 0, "Threads:\t17\n", "Threads:\t17\n", "Threads:\t17\n" },
	{ MEASURED_STATUS, 2, "nonvoluntary_ctxt_switches:\t100\n",
	  "nonvoluntary_ctxt_switches:\t7\n", "nonvoluntary_ctxt_switches:\t0\n" },
	{ MEASURED_STATUS, 2, "PPid:\t777\n", "PPid:\t30001\n", "PPid:\t1\n" },
	{ MEASURED_STATUS, 2, "NSpgid:\t4300\n", "NSpgid:\t777\n", "NSpgid:\t1\n" },
	{ MEASURED_STATUS, 2, "NSsid:\t4242\n", "NSsid:\t4242\n", "NSsid:\t4242\n" },
	{ MEASURED_STATUS, 2, "PPid:\t4300\n", "PPid:\t4300\n", "PPid:\t4300\n" },
	{ MEASURED_STATUS, 2, "PPid:\t4242\n", "PPid:\t4242\n", "PPid:\t4242\n" },
	{ MEASURED_STATUS, 2, "SigQ:\t5/3902\n", "SigQ:\t17/3902\n", "SigQ:\t0/3902\n" },
	{ MEASURED_SMAPS, 0, "Size:                132 kB\n", "Size:                132 kB\n",
	  "Size:                132 kB\n" },
	{ MEASURED_SMAPS, 0, "Private_Dirty:        12 kB\n", "Private_Dirty:  123456789 kB\n",
	  "Private_Dirty:         0 kB\n" },
	{ MEASURED_SMAPS, 0, "7ffff7ff8000-7ffff7ffc000 r--p 00000000 00:00 0    [vvar]\n",
	  "7ffff7ff8000-7ffff7ffc000 r--p 00000000 00:00 0    [vvar]\n",
	  "7ffff7ff8000-7ffff7ffc000 r--p 00000000 00:00 0    [vvar]\n" },
	{ MEASURED_MEMORY, 0, "MemTotal:       8000000 kB\n", "MemTotal:       8000000 kB\n",
	  "MemTotal:       8000000 kB\n" },
	{ MEASURED_MEMORY, 0, "MemAvailable:    123456 kB\n", "MemAvailable:   7123456 kB\n",
	  "MemAvailable:     524288 kB\n" },
	{ MEASURED_CPUS, 0, "cpu12 1 22 333 4444 0\n", "cpu12 10 9 8 7 123456\n",
	  "cpu12 0 0 0 0 0\n" },
	{ MEASURED_CPUS, 0, "intr 12 3 4\n", "intr 13 3 5\n", "intr 0\n" },
	{ MEASURED_COUNTS, 0, "rchar: 323934931\n", "rchar: 1\n", "rchar: 0\n" },
	{ MEASURED_COUNTS, 0, "1 22.5 3", "999 1.25 4567", "0 0 0" },
	{ MEASURED_LOAD, 0, "0.52 0.58 10.59 1/389 12345\n", "9.1 1 1 7/88 1\n",
	  "0.00 0.00 0.00 1/1 1\n" },
	{ MEASURED_UPTIME, 0, "123.45 99.1\n", "7.00 1.00\n", "1000.00 1000.00\n" },
	{ MEASURED_CPUINFO, 0, "cpu MHz\t\t: 2200.123\n", "cpu MHz\t\t: 800.0\n",
	  "cpu MHz\t\t: 1000.000\n" },
	{ MEASURED_CPUINFO, 0, "model name\t: one 2.2 GHz\n", "model name\t: one 2.2 GHz\n",
	  "model name\t: one 2.2 GHz\n" },
};

/* Of a process that was started over: nothing of it lies at TOP or above. */
#define TOP 0x6e0000000000UL
static const struct line moved[] = {
	{ MEASURED_SMAPS, 0, "78010000-7ffdd0594000 ---p 00000000 00:00 0    [rollup]\n",
	  "78010000-7ffd2516f000 ---p 00000000 00:00 0    [rollup]\n",
	  "78010000-6e0000000000 ---p 00000000 00:00 0    [rollup]\n" },
	{ MEASURED_SMAPS, 0, "7ffc2fc12000-7ffc2fc33000 r--p 00000000 00:00 0    [stack]\n",
	  "6ffce9004000-6ffce9025000 r--p 00000000 00:00 0    [stack]\n",
	  "6e0000000000-6e0000000000 r--p 00000000 00:00 0    [stack]\n" },
	{ MEASURED_SMAPS, 0, "5a0000000000-5a0000004000 rw-p 00000000 00:00 0\n",
	  "5a0000000000-5a0000004000 rw-p 00000000 00:00 0\n",
	  "5a0000000000-5a0000004000 rw-p 00000000 00:00 0\n" },
	{ MEASURED_SMAPS, 0, "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0\n",
	  "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0\n",
	  "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0\n" },
	{ MEASURED_STAT, 3,
	  "4242 (a) R 1 4242 1 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 3 0 9 67108864 4096 9 94 95 96 0 "
	  "0 0 0 4096 81920 0 0 0 17 0 0 0 0 0 0 97 98 99 100 101 102 103 0\n",
	  "4242 (a) R 1 4242 1 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 3 0 9 67108864 4096 9 4 5 6 0 0 0 "
	  "0 4096 81920 0 0 0 17 0 0 0 0 0 0 7 8 9 10 11 12 13 0\n",
	  "4242 (a) R 1 4242 1 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 3 0 100000 67108864 4096 9 0 0 "
	  "120946279055360 0 0 0 0 4096 81920 0 0 0 17 0 0 0 0 0 0 0 0 0 120946279055360 "
	  "120946279055360 120946279055360 120946279055360 0\n" },
};

static bool is_ours(unsigned long pid)
{
	return pid == 4242 || pid == 4300;
}

static void both_readings_become(const struct line *line, uintptr_t top)
{
	const char *readings[] = { line->one, line->other };
	const struct measured_process process = { line->threads, is_ours, 4300, top, 0, NULL };
	char to[512];

	for (int i = 0; i < 2; i++) {
		const size_t used = measured_line(line->file, readings[i], strlen(readings[i]),
						  &process, to, sizeof(to) - 1);

		to[used] = '\0';
		ck_assert_str_eq(to, line->wanted);
	}
}

START_TEST(figures_become_constants_and_all_else_stays)
{
	both_readings_become(&lines[_i], 0);
}
END_TEST

START_TEST(what_the_kernel_placed_is_at_the_top_once_started_over)
{
	both_readings_become(&moved[_i], TOP);
}
END_TEST

/* The first as the kernel shows it with pages of ours and with pages watched, the second without.
 */
static const struct list_of_mappings {
	uintptr_t top;
	const char *ours, *wanted;
} lists_of_mappings[] = {
	{ 0,
	  "1000-2000 rw-p 00000000 00:00 0 \n"
	  "2000-3000 rw-s 00001000 00:01 99                         /memfd:jostle (deleted)\n"
	  "3000-4000 rw-p 00000000 00:00 0 \n",
	  "00001000-00004000 rw-p 00000000 00:00 0 \n" },
	{ 0,
	  "00001000-00002000 rw-p 00003000 fe:00 7   /lib/a b.so\n"
	  "00002000-00003000 rw-p 00004000 fe:00 7   /lib/a b.so\n"
	  "00003000-00004000 rw-p 00004000 fe:00 7   /lib/a b.so\n"
	  "00004000-00005000 r--p 00005000 fe:00 7   /lib/a b.so\n"
	  "00005000-00006000 r--p 00006000 fe:00 8   /lib/a b.so\n",
	  "00001000-00003000 rw-p 00003000 fe:00 7                                  /lib/a b.so\n"
	  "00003000-00004000 rw-p 00004000 fe:00 7                                  /lib/a b.so\n"
	  "00004000-00005000 r--p 00005000 fe:00 7                                  /lib/a b.so\n"
	  "00005000-00006000 r--p 00006000 fe:00 8                                  /lib/a "
	  "b.so\n" },
	{ 0,
	  "00001000-00002000 rw-p 00000000 00:00 0    [heap]\n"
	  "00002000-00003000 rw-p 00000000 00:00 0 \n"
	  "00003000-00004000 rw-p 00000000 00:00 0    [stack]\n"
	  "00004000-00005000 r--p 00000000 00:00 0    [vvar]\n"
	  "00006000-00007000 r--p 00000000 00:00 0 \n",
	  "00001000-00003000 rw-p 00000000 00:00 0                                  [heap]\n"
	  "00003000-00004000 rw-p 00000000 00:00 0                                  [stack]\n"
	  "00004000-00005000 r--p 00000000 00:00 0                                  [vvar]\n"
	  "00006000-00007000 r--p 00000000 00:00 0 \n" },
	{ 0,
	  "7ffffffde000-7fffffffe000 rw-p 00000000 00:00 0 \n"
	  "7fffffffe000-7ffffffff000 rw-p 00000000 00:00 0                          [stack]\n",
	  "7ffffffde000-7ffffffff000 rw-p 00000000 00:00 0                          [stack]\n" },
	{ 0x6e0000000000,
	  "7ffc2fc12000-7ffc2fc33000 rw-p 00000000 00:00 0                          [stack]\n"
	  "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]\n",
	  "6e0000000000-6e0000000000 rw-p 00000000 00:00 0                          [stack]\n"
	  "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  "
	  "[vsyscall]\n" },
	{ 0,
	  "9000a000-9000b000 rw-p 00000000 00:00 0 \n"
	  "90010000-90012000 rw-p 00000000 00:00 0 \n"
	  "90100000-90101000 rw-p 00000000 00:00 0 \n",
	  "9000a000-9000b000 rw-p 00000000 00:00 0 \n"
	  "90010000-90011000 rw-p 00000000 00:00 0 \n" },
	{ 0, "nothing of the kind\n", "nothing of the kind\n" },
};

static uintptr_t own_ends_in_the_middle(uintptr_t start, uintptr_t end)
{
	const uintptr_t limit = 0x90011000;

	if (start < 0x90000000 || start > 0x90200000 || end <= limit)
		return end;
	return start > limit ? start : limit;
}

static void lists_become(const char *list, const struct list_of_mappings *row)
{
	static struct measured_maps maps;
	const struct measured_process process = { .top = row->top,
						  .end_of_own = own_ends_in_the_middle };
	char to[1024];
	size_t used = 0;

	while (*list) {
		const size_t length = strcspn(list, "\n") + 1;

		used += measured_maps_line(&maps, list, length, &process, to + used,
					   sizeof(to) - used - 1);
		list += length;
	}
	used += measured_maps_end(&maps, to + used, sizeof(to) - used - 1);
	to[used] = '\0';
	ck_assert_str_eq(to, row->wanted);
}

START_TEST(a_list_of_mappings_does_not_show_what_is_ours)
{
	lists_become(lists_of_mappings[_i].ours, &lists_of_mappings[_i]);
}
END_TEST

START_TEST(and_one_without_stays)
{
	lists_become(lists_of_mappings[_i].wanted, &lists_of_mappings[_i]);
}
END_TEST

static void stays_within_bounds(const struct line *line, uintptr_t top)
{
	const struct measured_process process = { line->threads, is_ours, 4300, top, 0, NULL };
	char to[512];

	for (size_t length = 0; length <= strlen(line->one); length++)
		for (size_t size = 0; size < 64; size += 7) {
			char *from = malloc(length + 1); /* its end is watched when sanitized */

			memcpy(from, line->one, length);
			memset(to, '#', sizeof(to));
			ck_assert_uint_le(
				measured_line(line->file, from, length, &process, to, size), size);
			ck_assert_int_eq(to[size], '#');
			free(from);
		}
}

START_TEST(a_cut_line_of_any_length_stays_within_its_bounds)
{
	stays_within_bounds(&lines[_i], 0);
}
END_TEST

START_TEST(so_does_a_cut_line_once_started_over)
{
	stays_within_bounds(&moved[_i], TOP);
}
END_TEST

START_TEST(a_process_has_no_number_in_a_sentence)
{
	char to[64];

	measured_name("/proc/4242/wchan", to, sizeof(to));
	ck_assert_str_eq(to, "/proc/PID/wchan");
	measured_name("/proc/interrupts", to, sizeof(to));
	ck_assert_str_eq(to, "/proc/interrupts");
	measured_name("/proc/4242/wchan", to, 8);
	ck_assert_str_eq(to, "/proc/P");
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("measured");
	TCase *tcase = tcase_create("measured");

	tcase_add_loop_test(tcase, each_path_is_the_file_that_proc_5_lists, 0,
			    sizeof(paths) / sizeof(paths[0]));
	tcase_add_loop_test(tcase, figures_become_constants_and_all_else_stays, 0,
			    sizeof(lines) / sizeof(lines[0]));
	tcase_add_loop_test(tcase, a_cut_line_of_any_length_stays_within_its_bounds, 0,
			    sizeof(lines) / sizeof(lines[0]));
	tcase_add_loop_test(tcase, what_the_kernel_placed_is_at_the_top_once_started_over, 0,
			    sizeof(moved) / sizeof(moved[0]));
	tcase_add_loop_test(tcase, so_does_a_cut_line_once_started_over, 0,
			    sizeof(moved) / sizeof(moved[0]));
	tcase_add_loop_test(tcase, a_list_of_mappings_does_not_show_what_is_ours, 0,
			    sizeof(lists_of_mappings) / sizeof(lists_of_mappings[0]));
	tcase_add_loop_test(tcase, and_one_without_stays, 0,
			    sizeof(lists_of_mappings) / sizeof(lists_of_mappings[0]));
	tcase_add_test(tcase, a_process_has_no_number_in_a_sentence);
	suite_add_tcase(suite, tcase);
	return suite;
}
