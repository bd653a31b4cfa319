/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of files of figures, by the fields that proc(5) lists; see measured.h. */
#include "base/fmt.h"
#include "base/str.h"
#include "engine/calls/measured.h"

#define NAME_COLUMNS 16 /* of smaps and meminfo, up to the number */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int hex_digit(char c)
{
	return is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

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

static unsigned long number_at(const char *at, size_t length)
{
	unsigned long number = 0;

	for (size_t i = 0; i < length && is_digit(at[i]); i++)
		number = number * 10 + (unsigned long)(at[i] - '0');
	return number;
}

static bool is_outside(const struct measured_process *process, bool is_group, const char *at,
		       size_t length)
{
	if (is_group && process->group && number_at(at, length) == process->group)
		return true;
	return process->of_schedule && length > 0 && is_digit(*at) && number_at(at, length) > 1 &&
	       !process->of_schedule(number_at(at, length));
}

/* The number of a field of /proc/PID/stat, counted from 1; what is not measured stays. */
static bool stat_figure(unsigned field, const struct measured_process *process,
			unsigned long *figure)
{
	*figure = 0;
	switch (field) {
	case 7:  /* terminal */
	case 10: /* faults */
	case 11:
	case 12:
	case 13:
	case 14: /* times */
	case 15:
	case 16:
	case 17:
	case 29: /* registers */
	case 30:
	case 31: /* signals that wait, and the mask: of the first 31, long out of use */
	case 32:
	case 35: /* what it waits in, processor */
	case 39:
	case 42: /* waiting for the disk, running a guest */
	case 43:
	case 44:
		return true;
	case 9: /* flags of the scheduler: PF_RANDOMIZE, PF_SUPERPRIV */
		*figure = 4194560;
		return true;
	case 20:
		*figure = process->threads;
		return process->threads != 0;
	case 22:
		*figure = MEASURED_START_S * 100UL;
		return true;
	case 23:
		*figure = MEASURED_SIZE_KB * 1024UL;
		return true;
	case 24:
		*figure = MEASURED_RESIDENT_KB / 4;
		return true;
	case 26: /* where the kernel put code, data and the break before the process started over */
	case 27:
	case 45:
	case 46:
	case 47:
		return process->top != 0;
	case 28: /* the stack */
		*figure = process->stack_end ? process->stack_end : process->top;
		return *figure != 0;
	case 48: /* arguments and environment */
	case 49:
	case 50:
	case 51:
		*figure = process->top;
		return process->top != 0;
	default:
		return false;
	}
}

static void stat_field(unsigned field, const char *at, size_t length,
		       const struct measured_process *process, struct text *text)
{
	const bool is_pid = field >= 4 && field <= 6; /* parent, group, session */
	unsigned long figure;

	if (field == 8) /* group at the terminal */
		put_text(text, "-1");
	else if (is_pid && is_outside(process, field > 4, at, length))
		put_text(text, "1");
	else if (stat_figure(field, process, &figure))
		put_number(text, figure);
	else
		put(text, at, length);
}

/* The name in parentheses may hold anything, also parentheses. */
static void stat_line(const char *line, size_t length, const struct measured_process *process,
		      struct text *text)
{
	size_t at = length;
	unsigned field = 2;

	while (at > 0 && line[at - 1] != ')')
		at--;
	put(text, line, at);
	while (at < length) {
		size_t end = at;

		if (line[at] == ' ' || line[at] == '\n') {
			field += line[at] == ' ';
			put(text, &line[at++], 1);
			continue;
		}
		while (end < length && line[end] != ' ' && line[end] != '\n')
			end++;
		stat_field(field, &line[at], end - at, process, text);
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

/* "PPid:", and the same of groups and sessions. */
static void pid_line(const char *line, size_t length, const struct measured_process *process,
		     struct text *text)
{
	size_t at = 0;

	while (at < length && !is_digit(line[at]))
		at++;
	put(text, line, at);
	if (is_outside(process, line[0] == 'N', &line[at], length - at))
		put_text(text, "1\n");
	else
		put(text, &line[at], length - at);
}

static void status_line(const char *line, size_t length, const struct measured_process *process,
			struct text *text)
{
	if (is_size(line, length)) {
		if (begins(line, length, "VmSize") || begins(line, length, "VmPeak"))
			size_line(line, length, MEASURED_SIZE_KB, text);
		else if (begins(line, length, "VmRSS") || begins(line, length, "VmHWM"))
			size_line(line, length, MEASURED_RESIDENT_KB, text);
		else
			size_line(line, length, 0, text);
	} else if (begins(line, length, "Threads:") && process->threads) {
		put_text(text, "Threads:\t");
		put_number(text, process->threads);
		put_text(text, "\n");
	} else if (begins(line, length, "voluntary_ctxt") || begins(line, length, "SigQ:") ||
		   begins(line, length, "nonvoluntary_ctxt")) {
		zero_line(line, length, text);
	} else if (begins(line, length, "PPid:") || begins(line, length, "NSpgid:") ||
		   begins(line, length, "NSsid:")) {
		pid_line(line, length, process, text);
	} else {
		put(text, line, length);
	}
}

/* "start-end ...": addresses of user space that are not below the top become the top. */
static void mapping_line(const char *line, size_t length, uintptr_t top, struct text *text)
{
	char address[24];
	size_t at = 0;

	for (int i = 0; i < 2; i++) {
		uintptr_t value = 0;
		size_t end = at;

		for (int digit; end < length && (digit = hex_digit(line[end])) >= 0; end++)
			value = value << 4 | (uintptr_t)digit;
		if (end == at || end == length || line[end] != "- "[i])
			break;
		if (value >= top && value >> 47 == 0)
			put(text, address, fmt(address, sizeof(address), "%lx", top));
		else
			put(text, &line[at], end - at);
		put(text, &line[end], 1);
		at = end + 1;
	}
	put(text, &line[at], length - at);
}

/* What a mapping is stays, what lies in it now does not. */
static void smaps_line(const char *line, size_t length, const struct measured_process *process,
		       struct text *text)
{
	if (is_size(line, length) && !begins(line, length, "Size:") &&
	    !begins(line, length, "KernelPageSize:") && !begins(line, length, "MMUPageSize:"))
		size_line(line, length, 0, text);
	else if (process->top && hex_digit(line[0]) >= 0)
		mapping_line(line, length, process->top, text);
	else
		put(text, line, length);
}

static void memory_line(const char *line, size_t length, struct text *text)
{
	static const char *const stable[] = { "MemTotal:",     "SwapTotal:", "CommitLimit:",
					      "VmallocTotal:", "Hugetlb:",   "Hugepagesize:" };

	for (size_t i = 0; i < sizeof(stable) / sizeof(stable[0]); i++)
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

size_t measured_line(enum measured_file file, const char *line, size_t length,
		     const struct measured_process *process, char *to, size_t size)
{
	struct text text = { to, size, 0 };
	char own[64];

	switch (file) {
	case MEASURED_STAT:
		stat_line(line, length, process, &text);
		break;
	case MEASURED_STATM:
		put(&text, own,
		    fmt(own, sizeof(own), "%u %u 0 0 0 %u 0\n", MEASURED_SIZE_KB / 4,
			MEASURED_RESIDENT_KB / 4, MEASURED_SIZE_KB / 4));
		break;
	case MEASURED_STATUS:
		status_line(line, length, process, &text);
		break;
	case MEASURED_SMAPS:
		smaps_line(line, length, process, &text);
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
	case MEASURED_MAPS: /* see measured_maps_line() */
	case MEASURED_NONE:
	case MEASURED_UNKNOWN:
		put(&text, line, length);
		break;
	}
	return text.used;
}
