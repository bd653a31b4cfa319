/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A library that is opened with RTLD_DEEPBIND looks for names in itself and in what it needs first:
 * it would find libc's malloc() and mutexes instead of ours, and give back memory to an allocator
 * that never had it. So it is opened without. libc looks at the return address to know on whose
 * behalf to search: that stays the program's.
 */
#include <dlfcn.h>

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

#if defined(__x86_64__)
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
#endif
