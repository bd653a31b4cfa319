/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names and stacks of this very process: it puts its own modules, registers and stack on a board,
 * as the engine does for a target, and looks itself up.
 */
#include "check_main.h"

#include <limits.h>
#include <link.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "campaign/slot.h"
#include "report/story_parts.h"
#include "symbols/symbols.h"

extern void *__libc_stack_end; /* of the loader: where the stack was when the program began */

static struct slot slot;
static struct pool pool;
static struct symbols *symbols;

static struct account {
	int id;
	pthread_mutex_t lock;
	struct {
		long balance;
		pthread_cond_t changed;
	} parts[3];
} accounts[4];
static pthread_mutex_t plain;
static pthread_mutex_t several[5];

static int add_module(struct dl_phdr_info *info, size_t size, void *context)
{
	struct board *board = slot.board;
	struct board_module *module = &board->modules[board->status.module_count++];

	(void)size;
	(void)context;
	module->base = info->dlpi_addr;
	module->start = UINT64_MAX;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		uint64_t start = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;

		if (info->dlpi_phdr[i].p_type != PT_LOAD)
			continue;
		if (start < module->start)
			module->start = start;
		if (start + info->dlpi_phdr[i].p_memsz > module->end)
			module->end = start + info->dlpi_phdr[i].p_memsz;
	}
	if (info->dlpi_name[0])
		strncpy(module->path, info->dlpi_name, BOARD_PATH_MAX - 1);
	else
		ck_assert_ptr_nonnull(realpath("/proc/self/exe", module->path));
	return 0;
}

static void setup(void)
{
	ck_assert_int_eq(slot_open(&slot), 0);
	dl_iterate_phdr(add_module, NULL);
	symbols = symbols_new(&pool, slot.board);
}

static void teardown(void)
{
	symbols_destroy(symbols);
	pool_fini(&pool);
	slot_close(&slot);
}

START_TEST(an_address_in_a_function_has_its_name_file_and_line)
{
	struct frame frames[4];

	ck_assert_uint_ge(
		symbols_frames(symbols, (uint64_t)(uintptr_t)add_module, false, frames, 4), 1);
	ck_assert_str_eq(frames[0].function, "add_module");
	ck_assert_ptr_nonnull(strstr(frames[0].file, "/check_tool_symbols.c"));
	ck_assert_uint_gt(frames[0].line, 20);
	ck_assert(frames[0].file[0] == '/');
}
END_TEST

START_TEST(an_address_of_nobody_has_no_name_and_does_no_harm)
{
	struct frame frames[2];

	ck_assert_uint_eq(symbols_frames(symbols, 16, true, frames, 2), 1);
	ck_assert_ptr_null(frames[0].function);
	ck_assert_uint_eq(symbols_frames(symbols, 16, true, frames, 0), 0);
	ck_assert_ptr_null(symbols_variable(symbols, 16, NULL));
	ck_assert_ptr_null(symbols_variable(symbols, 0, NULL));
}
END_TEST

#define named(object, text) \
	ck_assert_str_eq(symbols_variable(symbols, (uint64_t)(uintptr_t)(object), NULL), text)

START_TEST(variables_are_named_down_to_the_member)
{
	named(&plain, "plain");
	named(&several[3], "several[3]");
	named(&accounts[2].lock, "accounts[2].lock");
	named(&accounts[1].parts[2].changed, "accounts[1].parts[2].changed");
	named(&accounts[0].parts[1].balance, "accounts[0].parts[1].balance");
}
END_TEST

START_TEST(heap_and_stack_have_no_variable)
{
	int local = 0;
	void *heap = malloc(100);

	ck_assert_ptr_null(symbols_variable(symbols, (uint64_t)(uintptr_t)&local, NULL));
	ck_assert_ptr_null(symbols_variable(symbols, (uint64_t)(uintptr_t)heap, NULL));
	free(heap);
}
END_TEST

/* What the engine dumps of a fiber that is switched out: registers, and the stack from rsp upwards.
 */
static __attribute__((noinline, no_sanitize("address"))) void dump_here(struct board_stack *stack)
{
	static uint8_t copy[8192];
	uint64_t rsp, size;

	__asm__ volatile("leaq 0(%%rip), %0\n\t"
			 "movq %%rsp, %1\n\t"
			 "movq %%rbp, %2\n\t"
			 "movq %%rbx, %3"
			 : "=&r"(stack->rip), "=&r"(rsp), "=m"(stack->rbp), "=m"(stack->rbx));
	__asm__ volatile("movq %%r12, %0\n\t"
			 "movq %%r13, %1\n\t"
			 "movq %%r14, %2\n\t"
			 "movq %%r15, %3"
			 : "=m"(stack->r12), "=m"(stack->r13), "=m"(stack->r14), "=m"(stack->r15));
	stack->rsp = stack->base = rsp;
	size = (uint64_t)(uintptr_t)__libc_stack_end - rsp;
	if (size > sizeof(copy))
		size = sizeof(copy);
	for (uint64_t i = 0; i < size; i++)
		copy[i] = ((volatile uint8_t *)(uintptr_t)rsp)[i];
	stack->bytes = slot_append(&slot, copy, size);
}

static __attribute__((noinline)) void inner(struct board_stack *stack)
{
	dump_here(stack);
	__asm__ volatile("");
}

static __attribute__((noinline)) void outer(struct board_stack *stack)
{
	inner(stack);
	__asm__ volatile("");
}

START_TEST(a_dumped_stack_is_unwound_to_its_callers)
{
	struct board_stack stack = { .thread = 1, .step = UINT32_MAX };
	const struct frame *frames;
	size_t count;

	outer(&stack);
	count = story_unwind(&pool, symbols, slot.board, &stack, &frames);
	ck_assert_uint_ge(count, 4);
	ck_assert_str_eq(frames[0].function, "dump_here");
	ck_assert_str_eq(frames[1].function, "inner");
	ck_assert_str_eq(frames[2].function, "outer");
	ck_assert_str_eq(frames[3].function, "a_dumped_stack_is_unwound_to_its_callers_fn");
	ck_assert_str_eq(frames[count - 1].function, "main");
}
END_TEST

struct part {
	int number;
	double weight[2];
};

/* Its variables lie elsewhere below that sanitizer. */
#if !defined(__SANITIZE_ADDRESS__)
static __attribute__((noinline)) void look_for_parts(struct board_stack *stack,
						     const struct part *parts)
{
	struct value_type type;
	const char *name;

	dump_here(stack);
	name = symbols_stack_variable(symbols, slot.board, stack,
				      (uint64_t)(uintptr_t)&parts[2].weight[1], &type);
	ck_assert_str_eq(name, "parts[2].weight[1] of caller_with_parts()");
	ck_assert_int_eq(type.kind, VALUE_FLOAT);
	ck_assert_uint_eq(type.size, sizeof(double));
	name = symbols_stack_variable(symbols, slot.board, stack,
				      (uint64_t)(uintptr_t)&parts[0].number, &type);
	ck_assert_str_eq(name, "parts[0].number of caller_with_parts()");
	ck_assert_int_eq(type.kind, VALUE_SIGNED);
}

static __attribute__((noinline)) void caller_with_parts(struct board_stack *stack)
{
	struct part parts[3] = { { 1, { 2, 3 } } };

	look_for_parts(stack, parts);
	__asm__ volatile("" : : "r"(parts) : "memory");
}

START_TEST(a_variable_of_a_caller_is_named_with_its_function)
{
	struct board_stack stack = { .thread = 1, .step = UINT32_MAX };

	caller_with_parts(&stack);
}
END_TEST
#endif

START_TEST(what_is_no_variable_of_the_stack_has_no_name)
{
	struct board_stack stack = { .thread = 1, .step = UINT32_MAX };
	struct value_type type;

	outer(&stack);
	ck_assert_ptr_null(symbols_stack_variable(symbols, slot.board, &stack, 16, &type));
	ck_assert_ptr_null(symbols_stack_variable(symbols, slot.board, &stack,
						  (uint64_t)(uintptr_t)&plain, &type));
	ck_assert_ptr_null(
		symbols_stack_variable(symbols, slot.board, &stack, stack.rsp - 8, &type));
	stack.bytes.offset = UINT64_MAX;
	ck_assert_ptr_null(
		symbols_stack_variable(symbols, slot.board, &stack, stack.rsp + 64, &type));
}
END_TEST

START_TEST(a_variable_says_how_its_bytes_are_read)
{
	static const char *const text = "text";
	static unsigned char byte;
	struct value_type type;

	symbols_variable(symbols, (uint64_t)(uintptr_t)&accounts[1].parts[0].balance, &type);
	ck_assert_int_eq(type.kind, VALUE_SIGNED);
	ck_assert_uint_eq(type.size, sizeof(long));
	symbols_variable(symbols, (uint64_t)(uintptr_t)&text, &type);
	ck_assert_int_eq(type.kind, VALUE_POINTER);
	symbols_variable(symbols, (uint64_t)(uintptr_t)&byte, &type);
	ck_assert_int_eq(type.kind, VALUE_UNSIGNED);
	symbols_variable(symbols, (uint64_t)(uintptr_t)&accounts[1].lock, &type);
	ck_assert_int_eq(type.kind, VALUE_UNKNOWN);
	/* Half of it is not it. */
	symbols_variable(symbols, (uint64_t)(uintptr_t)&accounts[1].id + 2, &type);
	ck_assert_int_eq(type.kind, VALUE_UNKNOWN);
}
END_TEST

START_TEST(a_stack_of_noise_ends_the_unwinding_early)
{
	struct board_stack stack = {
		.thread = 1, .rip = (uint64_t)(uintptr_t)add_module, .rsp = 4096, .base = 4096
	};
	const struct frame *frames;
	uint64_t noise[64];

	for (size_t i = 0; i < 64; i++)
		noise[i] = (uint64_t)(uintptr_t)inner + i * 8;
	stack.bytes = slot_append(&slot, noise, sizeof(noise));
	ck_assert_uint_ge(story_unwind(&pool, symbols, slot.board, &stack, &frames), 1);
	stack.bytes.offset = UINT64_MAX;
	ck_assert_uint_eq(story_unwind(&pool, symbols, slot.board, &stack, &frames), 0);
}
END_TEST

START_TEST(libraries_of_the_system_are_told_from_the_program)
{
	ck_assert(symbols_in_system(symbols, (uint64_t)(uintptr_t)slot.board->modules) == false);
	ck_assert(!symbols_in_system(symbols, (uint64_t)(uintptr_t)add_module));
	ck_assert(!symbols_in_engine(symbols, (uint64_t)(uintptr_t)add_module));
}
END_TEST

/* A board whose only module is that file, where this program lies. */
static const char *name_in(const char *path, struct slot *one)
{
	struct symbols *opened;
	struct frame frame;

	one->board->modules[0] = slot.board->modules[0];
	snprintf(one->board->modules[0].path, BOARD_PATH_MAX, "%s", path);
	one->board->status.module_count = 1;
	opened = symbols_new(&pool, one->board);
	ck_assert_uint_eq(symbols_frames(opened, (uint64_t)(uintptr_t)add_module, false, &frame, 1),
			  1);
	symbols_destroy(opened);
	return frame.function;
}

static void copy_over(const char *from, const char *to)
{
	char command[2 * PATH_MAX + 64];

	snprintf(command, sizeof(command), "cp -f '%s' '%s'", from, to);
	ck_assert_int_eq(system(command), 0);
}

START_TEST(a_file_that_was_written_since_has_other_names)
{
	char path[] = "/tmp/check_symbols_XXXXXX", self[PATH_MAX];
	struct slot one;
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	close(fd);
	ck_assert_int_eq(slot_open(&one), 0);
	ck_assert_ptr_nonnull(realpath("/proc/self/exe", self));
	for (int round = 0; round < 2; round++) {
		copy_over(self, path);
		ck_assert_str_eq(name_in(path, &one), "add_module");
		ck_assert_str_eq(name_in(path, &one), "add_module");
		copy_over("/bin/true", path);
		ck_assert(!name_in(path, &one) || strcmp(name_in(path, &one), "add_module") != 0);
	}
	unlink(path);
	slot_close(&one);
}
END_TEST

START_TEST(many_programs_take_turns)
{
	/* More than are kept open, and some at the same time. */
	struct symbols *open[7];
	struct slot others[7];

	for (int i = 0; i < 7; i++)
		ck_assert_int_eq(slot_open(&others[i]), 0);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 7; i++) {
			struct frame frame;

			others[i].board->modules[0] = slot.board->modules[0];
			others[i].board->modules[0].base += 4096U * (unsigned)i;
			others[i].board->modules[0].end += 4096U * (unsigned)i;
			others[i].board->status.module_count = 1;
			open[i] = symbols_new(&pool, others[i].board);
			symbols_frames(open[i],
				       (uint64_t)(uintptr_t)add_module + 4096U * (unsigned)i, false,
				       &frame, 1);
			ck_assert_str_eq(frame.function, "add_module");
			if (i % 2)
				symbols_destroy(open[i]);
		}
		for (int i = 0; i < 7; i += 2)
			symbols_destroy(open[i]);
	}
	for (int i = 0; i < 7; i++)
		slot_close(&others[i]);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("tool_symbols");
	TCase *tcase = tcase_create("symbols");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, an_address_in_a_function_has_its_name_file_and_line);
	tcase_add_test(tcase, an_address_of_nobody_has_no_name_and_does_no_harm);
	tcase_add_test(tcase, variables_are_named_down_to_the_member);
	tcase_add_test(tcase, heap_and_stack_have_no_variable);
	tcase_add_test(tcase, a_dumped_stack_is_unwound_to_its_callers);
#if !defined(__SANITIZE_ADDRESS__)
	tcase_add_test(tcase, a_variable_of_a_caller_is_named_with_its_function);
#endif
	tcase_add_test(tcase, what_is_no_variable_of_the_stack_has_no_name);
	tcase_add_test(tcase, a_variable_says_how_its_bytes_are_read);
	tcase_add_test(tcase, a_stack_of_noise_ends_the_unwinding_early);
	tcase_add_test(tcase, libraries_of_the_system_are_told_from_the_program);
	tcase_add_test(tcase, a_file_that_was_written_since_has_other_names);
	tcase_add_test(tcase, many_programs_take_turns);
	suite_add_tcase(suite, tcase);
	return suite;
}
