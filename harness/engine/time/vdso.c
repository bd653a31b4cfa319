/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the entries through the vDSO's own dynamic symbols. The page is private to the process:
 * writing copies it. What jumps in has C's calling convention, returns like the kernel (0 or
 * -errno), and in a forked child asks the kernel.
 */
#include "engine/time/vdso.h"

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stddef.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>

#include "engine/calls/call.h"

#if defined(__x86_64__)
#define JUMP_SIZE 12 /* movabs $target, %rax; jmp *%rax */

static long emulate(long nr, long a, long b, long c, void *site)
{
	const long args[6] = { a, b, c };

	return system_call(nr, args, site);
}

static long our_clock_gettime(clockid_t clock, struct timespec *to)
{
	return emulate(SYS_clock_gettime, clock, (long)to, 0, CALLER);
}

static long our_gettimeofday(void *to, void *zone)
{
	return emulate(SYS_gettimeofday, (long)to, (long)zone, 0, CALLER);
}

static long our_time(time_t *to)
{
	return emulate(SYS_time, (long)to, 0, 0, CALLER);
}

static long our_getcpu(unsigned *cpu, unsigned *node, void *unused)
{
	return emulate(SYS_getcpu, (long)cpu, (long)node, (long)unused, CALLER);
}

static long our_getrandom(void *buffer, size_t size, unsigned flags)
{
	return emulate(SYS_getrandom, (long)buffer, (long)size, flags, CALLER);
}

static const struct {
	const char *name;
	uintptr_t target;
} entries[] = {
	{ "__vdso_clock_gettime", (uintptr_t)our_clock_gettime },
	{ "__vdso_gettimeofday", (uintptr_t)our_gettimeofday },
	{ "__vdso_time", (uintptr_t)our_time },
	{ "__vdso_getcpu", (uintptr_t)our_getcpu },
};

static void write_jump(unsigned char *at, uintptr_t target)
{
	at[0] = 0x48;
	at[1] = 0xb8;
	memcpy(at + 2, &target, sizeof(target));
	at[10] = 0xff;
	at[11] = 0xe0;
}

/* __vdso_getrandom keeps state in pages that only it may touch; libc 2.36 does not use it, a later
 * one passes a buffer size of ~0 to ask for parameters: that must fail, so it falls back to the
 * call, which is trapped. */
static long no_getrandom(void *buffer, size_t size, unsigned flags, void *state, size_t state_size)
{
	(void)state;
	return state_size == ~(size_t)0 ? -ENOSYS : our_getrandom(buffer, size, flags);
}

static void patch_symbol(const char *name, unsigned char *at, size_t size)
{
	if (size < JUMP_SIZE)
		return;
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
		if (strcmp(name, entries[i].name) == 0)
			write_jump(at, entries[i].target);
	if (strcmp(name, "__vdso_getrandom") == 0)
		write_jump(at, (uintptr_t)no_getrandom);
}

int vdso_patch(void)
{
	const uintptr_t base = (uintptr_t)getauxval(AT_SYSINFO_EHDR);
	const ElfW(Ehdr) *header = (const ElfW(Ehdr) *)base;
	const ElfW(Sym) *symbols = NULL;
	const char *names = NULL;
	const uint32_t *hash = NULL;
	uintptr_t bias = 0, end = 0;
	long error;

	if (!base)
		return -ENOENT;
	for (unsigned i = 0; i < header->e_phnum; i++) {
		const ElfW(Phdr) *p = (const ElfW(Phdr) *)(base + header->e_phoff) + i;

		if (p->p_type == PT_LOAD) {
			bias = base + p->p_offset - p->p_vaddr;
			end = base + p->p_offset + p->p_memsz;
		}
	}
	for (unsigned i = 0; i < header->e_phnum; i++) {
		const ElfW(Phdr) *p = (const ElfW(Phdr) *)(base + header->e_phoff) + i;

		if (p->p_type != PT_DYNAMIC)
			continue;
		for (const ElfW(Dyn) *d = (const ElfW(Dyn) *)(base + p->p_offset);
		     d->d_tag != DT_NULL; d++) {
			if (d->d_tag == DT_SYMTAB)
				symbols = (const ElfW(Sym) *)(bias + d->d_un.d_ptr);
			else if (d->d_tag == DT_STRTAB)
				names = (const char *)(bias + d->d_un.d_ptr);
			else if (d->d_tag == DT_HASH)
				hash = (const uint32_t *)(bias + d->d_un.d_ptr);
		}
	}
	if (!symbols || !names)
		return -ENOENT;
	end = (end + 4095) & ~(uintptr_t)4095;
	error = sys_mprotect((void *)base, end - base, PROT_READ | PROT_WRITE | PROT_EXEC);
	if (error < 0)
		return (int)error;
	/* DT_HASH says how many symbols there are; without it the table ends where the names begin.
	 */
	for (size_t i = 1; hash ? i < hash[1] : (const char *)&symbols[i] < names; i++)
		patch_symbol(names + symbols[i].st_name,
			     (unsigned char *)(bias + symbols[i].st_value), symbols[i].st_size);
	sys_mprotect((void *)base, end - base, PROT_READ | PROT_EXEC);
	return 0;
}
#else
int vdso_patch(void)
{
	return -ENOENT;
}
#endif
