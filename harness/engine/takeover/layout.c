/* SPDX-License-Identifier: Apache-2.0 */
/*
 * execve(2) from within: see layout.h.
 *
 * The kernel places mappings top-down (mm/mmap.c), so one mapping that covers all addresses above
 * LAYOUT_TOP and cannot be touched sends every later one below. Program, loader and first stack get
 * places of their own there. The initial stack is that of the System V ABI, AMD64
 * supplement, 3.4.1.
 *
 * What the kernel keeps elsewhere stays as it was: /proc/self/auxv, and the arguments that
 * /proc/self/cmdline shows, for which the old stack stays, read-only. What can be refused is asked
 * for first, by prepare(): then the process goes on as it was.
 */
#include "engine/takeover/layout.h"

#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>

#include "base/hidden.h"
#include "base/insist.h"
#include "base/str.h"
#include "base/sys.h"
#include "engine/pool.h"
#include "engine/processes/exec.h"
#include "engine/reset/maps.h"
#include "engine/takeover/image.h"
#include "record/board.h"

#if defined(__x86_64__)

#define PAGE 4096UL

#define LAYOUT_STACK   (8UL << 20)  /* of loader and constructors; main has its own */
#define LAYOUT_GUARD   (64UL << 10) /* the lowest of them */
#define LAYOUT_LOADER  (LAYOUT_TOP - (32UL << 20))
#define LAYOUT_VDSO    (LAYOUT_TOP - (16UL << 20))
#define LAYOUT_JUMP    (LAYOUT_TOP - (12UL << 20))
#define LAYOUT_PROGRAM 0x555555554000UL /* as the kernel without randomisation */
#define STACK_GAP      (1UL << 20)      /* free below the old stack */

enum { AUXILIARIES_MAX = 48 };

struct start {
	struct image program, loader;
	char interpreter[PATH_MAX];
	const Elf64_auxv_t *auxiliaries;
	uintptr_t old_stack, old_stack_end;
	uintptr_t vdso; /* the lowest of the kernel's pages, 0: none */
	bool vdso_moved;
};

/* Static: the old stack may be nearly used up. */
static struct start start;

bool layout_was_fixed(void)
{
	return getauxval(AT_BASE) == LAYOUT_LOADER;
}

/*
 * layout_jump(cover, cover_size, stack, entry, old_stack, old_size), from a page of its own, since
 * it covers the code that comes here: lays the cover, lets the old stack only be read, and begins
 * as the kernel would (rdx: nothing is registered to run at exit).
 */
__asm__(".pushsection .text\n"
	"layout_jump:\n"
	"	movq %rdx, %rsp\n"
	"	movq %rcx, %r12\n"
	"	movq %r8, %r13\n"
	"	movq %r9, %r14\n"
	"	xorl %edx, %edx\n"     /* PROT_NONE */
	"	movl $0x4032, %r10d\n" /* MAP_NORESERVE | MAP_ANONYMOUS | MAP_FIXED | MAP_PRIVATE */
	"	movq $-1, %r8\n"
	"	xorl %r9d, %r9d\n"
	"	movl $9, %eax\n" /* mmap */
	"	syscall\n"
	"	testq %rax, %rax\n"
	"	js 1f\n"
	"	movq %r13, %rdi\n"
	"	movq %r14, %rsi\n"
	"	movl $1, %edx\n"  /* PROT_READ */
	"	movl $10, %eax\n" /* mprotect */
	"	syscall\n"
	"	xorl %ebp, %ebp\n"
	"	xorl %edx, %edx\n"
	"	jmp *%r12\n"
	"1:	ud2\n"
	"layout_jump_end:\n"
	".popsection\n");
extern const char layout_jump[] HIDDEN;
extern const char layout_jump_end[] HIDDEN;

static bool is_kernels(const struct maps_entry *entry)
{
	return (strcmp(entry->path, "[vdso]") == 0 || str_starts_with(entry->path, "[vvar")) &&
	       entry->start < LAYOUT_TOP << 1;
}

static void look(const struct maps_entry *entry, void *context)
{
	(void)context;
	if (is_kernels(entry) && (start.vdso == 0 || entry->start < start.vdso))
		start.vdso = entry->start;
	if (strcmp(entry->path, "[stack]") == 0) {
		start.old_stack = entry->start;
		start.old_stack_end = entry->end;
	}
}

/* The kernel's own pages keep their distances: its code finds its data by them. */
static void move_kernels(const struct maps_entry *entry, void *context)
{
	const size_t size = entry->end - entry->start;
	long result;

	(void)context;
	if (!is_kernels(entry))
		return;
	result = sys_call5(SYS_mremap, (long)entry->start, (long)size, (long)size,
			   MREMAP_MAYMOVE | MREMAP_FIXED,
			   (long)(LAYOUT_VDSO + (entry->start - start.vdso)));
	start.vdso_moved &= !sys_failed(result);
}

/* What lies below is the program as the kernel mapped it. */
static void unmap_program(const struct maps_entry *entry, void *context)
{
	(void)context;
	if (entry->start < LAYOUT_LOADER && !str_starts_with(entry->path, "["))
		sys_munmap((void *)entry->start, entry->end - entry->start);
}

/* A stack that is filled from its top: first the bytes, then the words that point at them. */
struct stack {
	uintptr_t top;
};

static uintptr_t stack_bytes(struct stack *stack, const void *bytes, size_t size)
{
	stack->top -= size;
	memcpy((void *)stack->top, bytes, size);
	return stack->top;
}

static uintptr_t stack_text(struct stack *stack, const char *text)
{
	return stack_bytes(stack, text, strlen(text) + 1);
}

static uint64_t auxiliary_value(struct stack *stack, const Elf64_auxv_t *a)
{
	/* So that the loader's guard of pointers is the same, too. */
	static const unsigned char random[16] = { 0x6a, 0x87, 0xa4, 0xc1, 0xde, 0xfb, 0x18, 0x35,
						  0x52, 0x6f, 0x8c, 0xa9, 0xc6, 0xe3, 0x00, 0x1d };

	switch (a->a_type) {
	case AT_PHDR:
		return image_headers(&start.program);
	case AT_ENTRY:
		return start.program.bias + start.program.header.e_entry;
	case AT_BASE:
		return start.loader.bias;
	case AT_SYSINFO_EHDR:
		return LAYOUT_VDSO + (a->a_un.a_val - start.vdso);
	case AT_RANDOM:
		return stack_bytes(stack, random, sizeof(random));
	case AT_EXECFN:
	case AT_PLATFORM:
	case AT_BASE_PLATFORM:
		return stack_text(stack, (const char *)a->a_un.a_val);
	default:
		return a->a_un.a_val;
	}
}

/* The initial stack, and where it is; argv is the old one, NULL and envp follow. */
static uintptr_t stack_build(char **argv, char **envp)
{
	static Elf64_auxv_t auxiliaries[AUXILIARIES_MAX];
	struct stack stack = { LAYOUT_TOP - sizeof(long) };
	const size_t pointers = (size_t)(envp - argv), argc = pointers - 1;
	size_t count = 0, variables = 0, words;
	uintptr_t *word;

	for (const Elf64_auxv_t *a = start.auxiliaries; a->a_type != AT_NULL; a++) {
		if (a->a_type == AT_SYSINFO_EHDR && !start.vdso_moved)
			continue;
		insist(count < AUXILIARIES_MAX - 1);
		auxiliaries[count].a_type = a->a_type;
		auxiliaries[count++].a_un.a_val = auxiliary_value(&stack, a);
	}
	auxiliaries[count++] = (Elf64_auxv_t){ .a_type = AT_NULL };
	while (envp[variables])
		variables++;
	words = 1 + pointers + variables + 1 + count * (sizeof(Elf64_auxv_t) / sizeof(*word));
	/* Their sizes are known when the texts are there; the words lie below, so they wait. */
	word = (uintptr_t *)(LAYOUT_TOP - LAYOUT_STACK + LAYOUT_GUARD);
	for (size_t i = variables; i-- > 0;)
		word[i] = stack_text(&stack, envp[i]);
	for (size_t i = argc; i-- > 0;)
		word[variables + i] = stack_text(&stack, argv[i]);
	stack.top = (stack.top - words * sizeof(*word)) & ~15UL;
	{
		uintptr_t *to = (uintptr_t *)stack.top;

		*to++ = argc;
		memcpy(to, word + variables, argc * sizeof(*word));
		to += argc;
		*to++ = 0;
		memcpy(to, word, variables * sizeof(*word));
		to += variables;
		*to++ = 0;
		memcpy(to, auxiliaries, count * sizeof(auxiliaries[0]));
	}
	memset(word, 0, (variables + argc) * sizeof(*word));
	return stack.top;
}

/* How much of it texts and words will need, and the loader at least. */
static size_t stack_needs(char **argv)
{
	size_t size = 64 << 10, ends = 0;

	for (char **text = argv; ends < 2; text++) {
		size += 2 * sizeof(*text) + (*text ? strlen(*text) + 1 : 0);
		ends += !*text;
	}
	return size;
}

static bool is_traced(void)
{
	static const char label[] = "TracerPid:\t";
	static char text[1024];
	const long fd = sys_openat(AT_FDCWD, "/proc/self/status", O_RDONLY | O_CLOEXEC, 0);
	const char *found;
	long size;

	if (fd < 0)
		return true;
	size = sys_read((int)fd, text, sizeof(text) - 1);
	sys_close((int)fd);
	text[size > 0 ? size : 0] = '\0';
	found = strstr(text, label);
	return !found || found[sizeof(label) - 1] != '0';
}

static bool is_controlled(char **envp)
{
	for (; *envp; envp++)
		if (str_starts_with(*envp, BOARD_ENV "="))
			return true;
	return false;
}

static bool map_new(uintptr_t address, size_t size)
{
	return sys_mmap((void *)address, size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1,
			0) == (long)address;
}

/* The stack, the page to jump from, and address space enough (ulimit -v) for the cover. */
static bool reserve(void)
{
	const size_t cover = start.old_stack - STACK_GAP - LAYOUT_TOP;
	long result;

	if (!map_new(LAYOUT_TOP - LAYOUT_STACK, LAYOUT_STACK) || !map_new(LAYOUT_JUMP, PAGE))
		return false;
	sys_mprotect((void *)(LAYOUT_TOP - LAYOUT_STACK), LAYOUT_GUARD, PROT_NONE);
	memcpy((void *)LAYOUT_JUMP, layout_jump, (size_t)(layout_jump_end - layout_jump));
	if (sys_mprotect((void *)LAYOUT_JUMP, PAGE, PROT_READ | PROT_EXEC) != 0)
		return false;
	/* For a moment, where nothing is. */
	result = sys_mmap(NULL, cover, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
			  0);
	if (sys_failed(result))
		return false;
	sys_munmap((void *)result, cover);
	return true;
}

/* Everything that can be refused, before anything is given up. */
static bool prepare(char **argv)
{
	const Elf64_Phdr *name;

	start.program.fd = start.loader.fd = -1;
	if (!image_open(&start.program, "/proc/self/exe"))
		return false;
	name = image_find(&start.program, PT_INTERP);
	if (!name ||
	    !image_read(&start.program, name, start.interpreter, sizeof(start.interpreter)) ||
	    start.interpreter[name->p_filesz - 1] != '\0' ||
	    !image_open(&start.loader, start.interpreter) || start.loader.header.e_type != ET_DYN ||
	    !image_place(&start.program, LAYOUT_PROGRAM) ||
	    !image_place(&start.loader, LAYOUT_LOADER) || start.loader.bias != LAYOUT_LOADER)
		return false;
	if (maps_read(look, NULL) != 0 || start.old_stack <= LAYOUT_TOP + STACK_GAP ||
	    stack_needs(argv) > LAYOUT_STACK / 2)
		return false;
	if (reserve())
		return true;
	sys_munmap((void *)(LAYOUT_TOP - LAYOUT_STACK), LAYOUT_STACK);
	sys_munmap((void *)LAYOUT_JUMP, PAGE);
	return false;
}

static _Noreturn void start_over(char **argv, char **envp)
{
	typedef void jump(uintptr_t cover, size_t cover_size, uintptr_t stack, uintptr_t entry,
			  uintptr_t old_stack, size_t old_size);
	union {
		uintptr_t address;
		jump *call;
	} page = { LAYOUT_JUMP };
	uintptr_t stack;

	pool_leave_rseq();
	start.vdso_moved = start.vdso != 0;
	maps_read(move_kernels, NULL);
	stack = stack_build(argv, envp);
	maps_read(unmap_program, NULL);
	image_map(&start.program);
	image_map(&start.loader);
	page.call(LAYOUT_TOP, start.old_stack - STACK_GAP - LAYOUT_TOP, stack,
		  start.loader.bias + start.loader.header.e_entry, start.old_stack,
		  start.old_stack_end - start.old_stack);
	__builtin_unreachable();
}

void layout_fix(char **envp)
{
	const uintptr_t base = getauxval(AT_BASE);
	char **argv = envp - 1, **end = envp;

	/* Below the top the kernel places bottom-up; at 0 the loader was started as the program. */
	if (base <= LAYOUT_TOP || !is_controlled(envp) || exec_addresses_stay() || is_traced())
		return;
	while (*end)
		end++;
	start.auxiliaries = (const Elf64_auxv_t *)(const void *)(end + 1);
	/* argc stands before the arguments that it counts. */
	for (size_t argc = 0; (uintptr_t)argv[-1] != argc; argc++)
		argv--;
	if (prepare(argv))
		start_over(argv, envp);
	image_close(&start.program);
	image_close(&start.loader);
}

#else

void layout_fix(char **envp)
{
	(void)envp;
}

bool layout_was_fixed(void)
{
	return false;
}

#endif
