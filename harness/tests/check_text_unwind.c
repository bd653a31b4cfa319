/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a function that libc calls back to the one that called libc: through frames of libc, which
 * keep no frame pointer, and by what the tables of this very process say of them.
 */
#include "check_main.h"

#include <link.h>
#include <stdlib.h>

#include "engine/text_unwind.h"

extern void *__libc_stack_end; /* of the loader: where the stack was when the program began */

static int add_object(struct dl_phdr_info *info, size_t size, void *context)
{
	const void *header = NULL;

	(void)size;
	(void)context;
	for (int i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_GNU_EH_FRAME)
			header = (const void *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
	for (int i = 0; i < info->dlpi_phnum && header; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];

		if (p->p_type == PT_LOAD && (p->p_flags & PF_X))
			text_unwind_add(info->dlpi_addr + p->p_vaddr,
					info->dlpi_addr + p->p_vaddr + p->p_memsz, header);
	}
	return 0;
}

static uintptr_t wanted; /* the return address of sort_something() */
static unsigned frames_seen;
static bool arrived;

static __attribute__((noinline)) struct text_frame here(void)
{
	struct text_frame frame = { .exact = true };

	__asm__ volatile("leaq 0(%%rip), %0\n\t"
			 "movq %%rsp, %1\n\t"
			 "movq %%rbp, %2"
			 : "=&r"(frame.ip), "=&r"(frame.sp), "=&r"(frame.bp));
	while (!arrived && text_unwind_step(&frame, (uintptr_t)__libc_stack_end)) {
		frames_seen++;
		arrived = frame.ip == wanted;
	}
	return frame;
}

static int compare(const void *a, const void *b)
{
	if (!frames_seen)
		here();
	return *(const int *)a - *(const int *)b;
}

static __attribute__((noinline)) void sort_something(void)
{
	int numbers[] = { 3, 1, 2 };

	wanted = (uintptr_t)__builtin_return_address(0);
	qsort(numbers, 3, sizeof(numbers[0]), compare);
	ck_assert_int_eq(numbers[0], 1);
}

START_TEST(frames_of_libc_are_passed)
{
	dl_iterate_phdr(add_object, NULL);
	sort_something();
	ck_assert(arrived);
	ck_assert_uint_ge(frames_seen, 4); /* here, compare, qsort's own, sort_something */
}
END_TEST

START_TEST(what_nothing_describes_ends_the_walk)
{
	uintptr_t stack[8] = { 0 };
	struct text_frame frame = { .ip = 4096, .sp = (uintptr_t)stack };

	dl_iterate_phdr(add_object, NULL);
	ck_assert(!text_unwind_step(&frame, (uintptr_t)(stack + 8)));
	ck_assert_uint_eq(frame.ip, 4096);
	ck_assert_uint_eq(frame.sp, (uintptr_t)stack);
}
END_TEST

START_TEST(a_caller_beyond_the_end_of_the_stack_is_none)
{
	uintptr_t stack[1] = { 0 };
	struct text_frame frame = { .ip = (uintptr_t)sort_something + 64,
				    .sp = (uintptr_t)stack,
				    .bp = (uintptr_t)stack };

	dl_iterate_phdr(add_object, NULL);
	ck_assert(!text_unwind_step(&frame, (uintptr_t)stack));
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("text_unwind");
	TCase *tcase = tcase_create("frames");

	tcase_add_test(tcase, frames_of_libc_are_passed);
	tcase_add_test(tcase, what_nothing_describes_ends_the_walk);
	tcase_add_test(tcase, a_caller_beyond_the_end_of_the_stack_is_none);
	suite_add_tcase(suite, tcase);
	return suite;
}
