/* SPDX-License-Identifier: Apache-2.0 */
/* Lines as the kernel writes them, comparing two pictures, and taking real mappings back. */
#include "check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engine/reset/dirty.h"
#include "engine/reset/maps.h"

enum { PAGE = 4096, RW = PROT_READ | PROT_WRITE };

static const struct {
	const char *line;
	bool good;
	struct maps_entry entry;
} lines[] = {
	{ "5581e000-5581f000 r-xp 00001000 fe:01 1234                       /bin/a b",
	  true,
	  { 0x5581e000, 0x5581f000, 0x1000, 1234, 0xfe, 1, PROT_READ | PROT_EXEC, false,
	    "/bin/a b" } },
	{ "7ffc0000-7ffd0000 rw-s 00000000 00:05 18446744073709551615 /dev/zero (deleted)",
	  true,
	  { 0x7ffc0000, 0x7ffd0000, 0, UINT64_MAX, 0, 5, RW, true, "/dev/zero (deleted)" } },
	{ "100000000000-101000000000 ---p 00000000 00:00 0 ",
	  true,
	  { 0x100000000000, 0x101000000000, 0, 0, 0, 0, PROT_NONE, false, "" } },
	{ "1000-2000 rwxp 00000000 00:00 0",
	  true,
	  { 0x1000, 0x2000, 0, 0, 0, 0, RW | PROT_EXEC, false, "" } },
	{ "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0          [vsyscall]",
	  true,
	  { 0xffffffffff600000, 0xffffffffff601000, 0, 0, 0, 0, PROT_EXEC, false, "[vsyscall]" } },
	{ "", false, { 0 } },
	{ "1000", false, { 0 } },
	{ "1000-2000", false, { 0 } },
	{ "2000-1000 r--p 00000000 00:00 0", false, { 0 } },
	{ "1000-2000 rw-q 00000000 00:00 0", false, { 0 } },
	{ "1000-2000 rw-", false, { 0 } },
	{ "1000-2000 rw-p 00000000 0000 0", false, { 0 } },
	{ "1000-2000 rw-p 00000000 00:00 ", false, { 0 } },
	{ "1000-g000 rw-p 00000000 00:00 0", false, { 0 } },
};

START_TEST(a_line_is_understood_or_refused)
{
	const struct maps_entry *expected = &lines[_i].entry;
	struct maps_entry entry = { 0 };
	char line[128];

	snprintf(line, sizeof(line), "%s", lines[_i].line);
	ck_assert(maps_parse(line, &entry) == lines[_i].good);
	if (!lines[_i].good)
		return;
	ck_assert_uint_eq(entry.start, expected->start);
	ck_assert_uint_eq(entry.end, expected->end);
	ck_assert_uint_eq(entry.offset, expected->offset);
	ck_assert_uint_eq(entry.inode, expected->inode);
	ck_assert_uint_eq(entry.device_major, expected->device_major);
	ck_assert_uint_eq(entry.device_minor, expected->device_minor);
	ck_assert_int_eq(entry.protection, expected->protection);
	ck_assert(entry.shared == expected->shared);
	ck_assert_str_eq(entry.path, expected->path);
}
END_TEST

struct walk {
	unsigned int count;
	uintptr_t last;
};

static void compare_with_line(const struct maps_entry *entry, void *context)
{
	struct walk *walk = context;

	ck_assert_uint_ge(entry->start, walk->last);
	walk->last = entry->end;
	walk->count++;
}

/* Thousands of lines: many reads, and lines that straddle them. */
START_TEST(long_files_are_read_whole)
{
	enum { MAPPINGS = 5000 };
	char *area = mmap(NULL, (size_t)2 * MAPPINGS * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
	struct walk walk = { 0 };
	unsigned int before;

	ck_assert_int_eq(maps_read(compare_with_line, &walk), 0);
	before = walk.count;
	for (int i = 0; i < MAPPINGS; i++)
		ck_assert_int_eq(mprotect(area + (size_t)2 * i * PAGE, PAGE, PROT_READ), 0);
	walk = (struct walk){ 0 };
	ck_assert_int_eq(maps_read(compare_with_line, &walk), 0);
	ck_assert_uint_ge(walk.count, before + 2 * MAPPINGS - 1);
	ck_assert_uint_le(walk.count, before + 2 * MAPPINGS + 8);
}
END_TEST

static const struct maps_entry *find(const struct maps_list *list, const void *at)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->entries[i].start <= (uintptr_t)at && (uintptr_t)at < list->entries[i].end)
			return &list->entries[i];
	return NULL;
}

START_TEST(a_list_holds_what_is_mapped)
{
	static char data[PAGE] = "data";
	char program[4096] = "";
	struct maps_list list = { 0 };
	const struct maps_entry *entry;

	ck_assert_int_gt(readlink("/proc/self/exe", program, sizeof(program) - 1), 0);
	ck_assert_int_eq(maps_list_read(&list), 0);
	entry = find(&list, data);
	ck_assert_ptr_nonnull(entry);
	ck_assert_int_eq(entry->protection, RW);
	ck_assert_str_eq(entry->path, program);
	entry = find(&list, &list);
	ck_assert_ptr_nonnull(entry);
	ck_assert_str_eq(entry->path, "[stack]");
	ck_assert_ptr_null(find(&list, NULL));
	maps_list_fini(&list);
	ck_assert_ptr_null(list.entries);
}
END_TEST

/* Scripted pictures: start, end in pages, one letter for what is there. */
struct piece {
	uintptr_t start, end;
	char what; /* a: anonymous rw, r: anonymous r, s: shared, f: file, g: file moved, 0: none */
};

static const struct {
	struct piece before[4], now[4];
	const char *changes; /* as printed by note_change() */
} pictures[] = {
	{ { { 1, 5, 'a' } }, { { 1, 5, 'a' } }, "" },
	{ { { 1, 5, 'a' } }, { { 1, 2, 'a' }, { 2, 3, 'a' }, { 3, 5, 'a' } }, "" },
	{ { { 1, 2, 'f' }, { 2, 3, 'f' } }, { { 1, 3, 'f' } }, "" },
	{ { { 1, 5, 'a' } }, { { 0 } }, "lost 1-5 " },
	{ { { 0 } }, { { 1, 5, 'a' } }, "extra 1-5 " },
	{ { { 1, 5, 'a' } }, { { 1, 2, 'a' }, { 3, 5, 'a' } }, "lost 2-3 " },
	{ { { 2, 4, 'a' } }, { { 1, 5, 'a' } }, "extra 1-2 extra 4-5 " },
	{ { { 2, 4, 'a' } }, { { 1, 3, 'a' } }, "extra 1-2 lost 3-4 " },
	{ { { 1, 5, 'a' } }, { { 1, 3, 'a' }, { 3, 4, 'r' }, { 4, 5, 'a' } }, "protected 3-4 " },
	{ { { 1, 5, 'a' } }, { { 1, 3, 's' }, { 3, 5, 'f' } }, "replaced 1-3 replaced 3-5 " },
	{ { { 1, 5, 'f' } }, { { 1, 3, 'f' }, { 3, 5, 'g' } }, "replaced 3-5 " },
	{ { { 1, 2, 'a' }, { 8, 9, 'a' } },
	  { { 4, 5, 'a' }, { 8, 9, 'r' } },
	  "lost 1-2 extra 4-5 protected 8-9 " },
};

static void draw(struct maps_list *list, struct maps_entry *entries, const struct piece *pieces)
{
	*list = (struct maps_list){ .entries = entries };
	for (int i = 0; i < 4 && pieces[i].what; i++) {
		const char what = pieces[i].what;
		struct maps_entry *entry = &entries[list->count++];

		*entry = (struct maps_entry){ .start = pieces[i].start * PAGE,
					      .end = pieces[i].end * PAGE };
		entry->protection = what == 'r' ? PROT_READ : RW;
		entry->shared = what == 's';
		entry->inode = what == 's' || what == 'f' || what == 'g' ? 7 : 0;
		entry->offset = what == 'f' ? entry->start : 0;
		entry->path = "";
	}
}

static int note_change(enum maps_change change, uintptr_t start, uintptr_t end,
		       const struct maps_entry *before, const struct maps_entry *now, void *context)
{
	static const char *const names[] = { "extra", "lost", "replaced", "protected" };
	char *text = context;

	ck_assert((before == NULL) == (change == MAPS_EXTRA));
	ck_assert((now == NULL) == (change == MAPS_LOST));
	sprintf(text + strlen(text), "%s %lu-%lu ", names[change], (unsigned long)(start / PAGE),
		(unsigned long)(end / PAGE));
	return 0;
}

START_TEST(pictures_differ_where_bytes_do)
{
	struct maps_entry entries[2][4];
	struct maps_list before, now;
	char text[256] = "";

	draw(&before, entries[0], pictures[_i].before);
	draw(&now, entries[1], pictures[_i].now);
	ck_assert_int_eq(maps_diff(&before, &now, note_change, text), 0);
	ck_assert_str_eq(text, pictures[_i].changes);
}
END_TEST

static int refuse(enum maps_change change, uintptr_t start, uintptr_t end,
		  const struct maps_entry *before, const struct maps_entry *now, void *context)
{
	(void)change, (void)start, (void)end, (void)before, (void)now;
	++*(int *)context;
	return -42;
}

START_TEST(a_walk_ends_when_it_is_told_to)
{
	struct maps_entry entries[2][4];
	struct maps_list before, now;
	int calls = 0;

	draw(&before, entries[0], pictures[6].before);
	draw(&now, entries[1], pictures[6].now);
	ck_assert_int_eq(maps_diff(&before, &now, refuse, &calls), -42);
	ck_assert_int_eq(calls, 1);
}
END_TEST

/*
 * Real mappings, in a field of their own: all outside it is kept, since libcheck, and a sanitizer's
 * run time all the more, map what they like in between.
 */
enum { FIELD_PAGES = 64, KEPT_MAX = 3 };

static struct maps_list before, now;
static char *field;
static struct maps_range kept[KEPT_MAX];
static char remapped[256];

static void setup(void)
{
	field = mmap(NULL, (size_t)FIELD_PAGES * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		     0);
	ck_assert_ptr_ne(field, MAP_FAILED);
	ck_assert_int_eq(munmap(field, (size_t)FIELD_PAGES * PAGE), 0);
	kept[0] = (struct maps_range){ 0, (uintptr_t)field };
	kept[1] = (struct maps_range){ (uintptr_t)field + (uintptr_t)FIELD_PAGES * PAGE,
				       UINTPTR_MAX };
}

static char *map(size_t page, size_t pages, int protection, int flags, int fd)
{
	char *at = mmap(field + page * PAGE, pages * PAGE, protection, flags | MAP_FIXED, fd, 0);

	ck_assert_ptr_eq(at, field + page * PAGE);
	return at;
}

static void note_remapped(uintptr_t start, uintptr_t end, void *context)
{
	const uintptr_t base = (uintptr_t)field;

	sprintf((char *)context + strlen(context), "%lu-%lu ",
		(unsigned long)((start - base) / PAGE), (unsigned long)((end - base) / PAGE));
}

static int undo(size_t kept_count)
{
	remapped[0] = '\0';
	return maps_undo(&before, &now, kept, kept_count, note_remapped, remapped);
}

static int file_of(size_t pages, char *path)
{
	const int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ftruncate(fd, (off_t)(pages * PAGE)), 0);
	ck_assert_int_eq(pwrite(fd, "file", 4, 2 * PAGE), 4);
	return fd;
}

/* All that a schedule may do to the address space at once, in many schedules. */
START_TEST(mappings_are_taken_back)
{
	char path[] = "/tmp/check_maps.XXXXXX";
	const int fd = file_of(4, path);
	char *file = map(10, 4, PROT_READ, MAP_PRIVATE, fd);
	char *memory = map(20, 8, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	ck_assert_int_eq(maps_list_read(&before), 0);
	for (int i = 0; i < 100; i++) {
		/* Touches `memory`: the kernel makes one line of them. */
		char *extra = map(28, 3, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1);

		memset(extra, 7, 3 * PAGE);
		map(24, 1, RW, MAP_SHARED | MAP_ANONYMOUS, -1);
		ck_assert_int_eq(munmap(file + 2 * PAGE, PAGE), 0);
		ck_assert_int_eq(mprotect(memory, PAGE, PROT_NONE), 0);
		ck_assert_int_eq(munmap(memory + 5 * PAGE, 2 * PAGE), 0);
		kept[2] =
			(struct maps_range){ (uintptr_t)extra + PAGE, (uintptr_t)extra + 2 * PAGE };
		ck_assert_int_eq(undo(3), 0);
		ck_assert_str_eq(remapped, "12-13 24-25 25-27 ");
		memory[0] = memory[4 * PAGE] = memory[5 * PAGE] = 1;
		ck_assert_str_eq(file + 2 * PAGE, "file");
		ck_assert_int_eq(extra[PAGE], 7);
		ck_assert_int_eq(maps_list_read(&now), 0);
		ck_assert_ptr_null(find(&now, extra));
		ck_assert_ptr_null(find(&now, extra + 2 * PAGE));
		/* Not kept any more, it goes, too. */
		ck_assert_int_eq(undo(2), 0);
		ck_assert_str_eq(remapped, "");
		ck_assert_int_eq(maps_list_read(&now), 0);
		ck_assert_ptr_null(find(&now, extra + PAGE));
	}
	close(fd);
	unlink(path);
}
END_TEST

/* The file has no name; its pages come with the bytes that were adopted. */
START_TEST(adopted_memory_is_taken_back)
{
	char *memory = map(20, 6, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	memset(memory, 3, 6 * PAGE);
	ck_assert(dirty_open(~0U) & DIRTY_CAN_ADOPT);
	ck_assert_int_eq(dirty_adopt((uintptr_t)memory, (uintptr_t)memory + 2 * PAGE, RW), 0);
	ck_assert_int_eq(
		dirty_adopt((uintptr_t)memory + 2 * PAGE, (uintptr_t)memory + 6 * PAGE, RW), 0);
	ck_assert_int_eq(maps_list_read(&before), 0);
	for (int i = 0; i < 100; i++) {
		memset(memory, 4, 6 * PAGE);
		ck_assert_int_eq(munmap(memory + PAGE, PAGE), 0);
		map(23, 1, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1);
		ck_assert_int_eq(undo(2), 0);
		ck_assert_str_eq(remapped, "21-22 23-24 ");
		for (int page = 0; page < 6; page++) {
			const char *at = memory + page * PAGE;

			ck_assert_int_eq(at[0], page == 1 || page == 3 ? 3 : 4);
			ck_assert_int_eq(memcmp(at, at + 1, PAGE - 1), 0);
		}
	}
	dirty_forget();
	dirty_close();
}
END_TEST

static const char *const stale[] = { "shared memory", "a removed file", "another file" };

START_TEST(what_cannot_come_back_is_said)
{
	char path[] = "/tmp/check_maps.XXXXXX", other[] = "/tmp/check_maps.XXXXXX";
	const int fd = file_of(3, path), other_fd = file_of(3, other);
	char *shared = map(0, 1, RW, MAP_SHARED | MAP_ANONYMOUS, -1);
	char *file = map(10, 1, PROT_READ, MAP_PRIVATE, fd);
	char *memory = map(20, 1, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	ck_assert_int_eq(maps_list_read(&before), 0);
	if (_i == 1)
		ck_assert_int_eq(unlink(path), 0);
	if (_i == 2)
		ck_assert_int_eq(rename(other, path), 0);
	ck_assert_int_eq(munmap(_i == 0 ? shared : file, PAGE), 0);
	ck_assert_int_eq(mprotect(memory, PAGE, PROT_READ), 0);
	ck_assert_msg(undo(2) == -ESTALE, "%s came back", stale[_i]);
	/* The rest is undone all the same. */
	memory[0] = 1;
	close(fd);
	close(other_fd);
	unlink(path);
	unlink(other);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("maps");
	TCase *tcase = tcase_create("maps");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_loop_test(tcase, a_line_is_understood_or_refused, 0,
			    sizeof(lines) / sizeof(lines[0]));
	tcase_add_test(tcase, long_files_are_read_whole);
	tcase_add_test(tcase, a_list_holds_what_is_mapped);
	tcase_add_loop_test(tcase, pictures_differ_where_bytes_do, 0,
			    sizeof(pictures) / sizeof(pictures[0]));
	tcase_add_test(tcase, a_walk_ends_when_it_is_told_to);
	tcase_add_test(tcase, mappings_are_taken_back);
	tcase_add_test(tcase, adopted_memory_is_taken_back);
	tcase_add_loop_test(tcase, what_cannot_come_back_is_said, 0,
			    sizeof(stale) / sizeof(stale[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}
