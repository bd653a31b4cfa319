/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A library that is opened with RTLD_DEEPBIND looks for names in itself and in what it needs first:
 * it would find libc's malloc() and mutexes instead of ours, and give back memory to an allocator
 * that never had it. So it is opened without. libc looks at the return address to know on whose
 * behalf to search: that stays the program's.
 *
 * Who asks one library for a name, libc itself say, goes past those that stand before it, and would
 * free by our free() what the other malloc() gave, or unlock what we never saw locked. Where what
 * is found is what one of our functions stands for, that is the answer.
 */
#include <dlfcn.h>
#include <link.h>
#include <stdint.h>
#include <string.h>

#include "base/hidden.h"
#include "engine/engine.h"
#include "engine/takeover/real.h"

HIDDEN int library_mode(int mode);

HIDDEN void *(*library_open)(const char *, int);

int library_mode(int mode)
{
	real_init();
	library_open = real.dlopen;
	if (!(mode & RTLD_DEEPBIND))
		return mode;
	engine_note("the program opened a library with RTLD_DEEPBIND, which would take that from "
		    "jostle's control: it was opened without, and may find names elsewhere");
	return mode & ~RTLD_DEEPBIND;
}

extern HIDDEN const char __ehdr_start[];

/* The loader makes addresses of what the file has, in place. */
static const void *own_table(long tag)
{
	const ElfW(Dyn) *d = _DYNAMIC;

	while (d->d_tag != tag && d->d_tag != DT_NULL)
		d++;
	if (d->d_tag == DT_NULL)
		return NULL;
	if (d->d_un.d_ptr < (uintptr_t)__ehdr_start)
		return __ehdr_start + d->d_un.d_ptr;
	return (const void *)d->d_un.d_ptr;
}

/*
 * Our function of that name. Asking for the first one that the program finds would give the linkage
 * table of an executable at a fixed address, or the program's own function, which wants the one
 * behind it.
 */
static void *own_function(const char *name)
{
	const ElfW(Sym) *symbols = own_table(DT_SYMTAB);
	const char *names = own_table(DT_STRTAB);
	const uint32_t *table = own_table(DT_GNU_HASH);
	uint32_t hash = 5381, first, bloom_words, n;
	const uint32_t *buckets, *chains;

	if (!symbols || !names || !table)
		return NULL;
	first = table[1];
	bloom_words = table[2] * (uint32_t)(sizeof(ElfW(Addr)) / sizeof(*table));
	buckets = table + 4 + bloom_words;
	chains = buckets + table[0];
	for (const char *at = name; *at; at++)
		hash = hash * 33 + (unsigned char)*at;
	n = buckets[hash % table[0]];
	if (n < first)
		return NULL;
	for (;; n++) {
		const uint32_t other = chains[n - first];

		if ((other | 1) == (hash | 1) && strcmp(names + symbols[n].st_name, name) == 0)
			return (void *)(uintptr_t)(__ehdr_start + symbols[n].st_value);
		if (other & 1)
			return NULL;
	}
}

HIDDEN void *library_symbol(void *handle, const char *name);

HIDDEN void *(*library_find)(void *, const char *);

/* Ours, or NULL: what libc finds is right. */
void *library_symbol(void *handle, const char *name)
{
	void *found;

	if (!library_find)
		*(void **)&library_find = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.34");
	if (!library_find)
		*(void **)&library_find = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.2.5");
	if (handle == RTLD_NEXT || handle == RTLD_DEFAULT)
		return NULL;
	found = library_find(handle, name);
	return found && found == library_find(RTLD_NEXT, name) ? own_function(name) : NULL;
}

#if defined(__x86_64__)
__asm__(".pushsection .text\n"
	".globl dlsym\n"
	".type dlsym, @function\n"
	"dlsym:\n\t"
	".cfi_startproc\n\t"
	"pushq %rdi\n\t"
	".cfi_adjust_cfa_offset 8\n\t"
	"pushq %rsi\n\t"
	".cfi_adjust_cfa_offset 8\n\t"
	"subq $8, %rsp\n\t"
	".cfi_adjust_cfa_offset 8\n\t"
	"call library_symbol\n\t"
	"addq $8, %rsp\n\t"
	".cfi_adjust_cfa_offset -8\n\t"
	"popq %rsi\n\t"
	".cfi_adjust_cfa_offset -8\n\t"
	"popq %rdi\n\t"
	".cfi_adjust_cfa_offset -8\n\t"
	"testq %rax, %rax\n\t"
	"jz 1f\n\t"
	"ret\n"
	"1:\tjmp *library_find(%rip)\n\t"
	".cfi_endproc\n\t"
	".size dlsym, . - dlsym\n"
	".popsection");
__asm__(".pushsection .text\n"
	".globl dlopen\n"
	".type dlopen, @function\n"
	"dlopen:\n\t"
	".cfi_startproc\n\t"
	"pushq %rdi\n\t"
	".cfi_adjust_cfa_offset 8\n\t"
	"movl %esi, %edi\n\t"
	"call library_mode\n\t"
	"movl %eax, %esi\n\t"
	"popq %rdi\n\t"
	".cfi_adjust_cfa_offset -8\n\t"
	"jmp *library_open(%rip)\n\t"
	".cfi_endproc\n\t"
	".size dlopen, . - dlopen\n"
	".popsection");
#else
INTERPOSE void *dlopen(const char *file, int mode)
{
	mode = library_mode(mode);
	return library_open(file, mode);
}

INTERPOSE void *dlsym(void *handle, const char *name)
{
	void *ours = library_symbol(handle, name);

	return ours ? ours : library_find(handle, name);
}
#endif
