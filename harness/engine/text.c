/* SPDX-License-Identifier: Apache-2.0 */
/* Ranges of program text, from the program headers of the objects that are loaded at takeover. */
#include "engine/text.h"

#include <link.h>
#include <stddef.h>

#include "base/insist.h"
#include "base/str.h"
#include "engine/access/access.h"
#include "engine/engine.h"
#include "engine/fiber.h"
#include "engine/text_unwind.h"

#define RANGES_MAX 128
#define WORDS_SEARCHED \
	2048 /* of the stack above a trapped call: vfprintf has a buffer of 8 KiB there */

#define FRAMES_MAX 64 /* of libc between a trapped call and the program */

static struct {
	uintptr_t start, end;
	bool instrumented;
} program[RANGES_MAX];
static unsigned program_count;
static uintptr_t program_low = UINTPTR_MAX,
		 program_high; /* around all of them: most words are outside */
static uintptr_t own_start, own_end;

/* Objects whose code runs on behalf of the system: never preempted, never named as a site. */
static const char *const system_objects[] = {
	"libc.so",     "libc-",         "ld-linux",      "ld-",
	"libm.so",     "libpthread.so", "libdl.so",      "librt.so",
	"libgcc_s.so", "libstdc++.so",  "linux-vdso.so", "libjostle.so",
	"libtsan.so",  "libresolv.so",  "libnss_",       "libgomp.so",
};

/* Of them, those whose locks are not libc's, but their own. */
static const char *const locking_objects[] = { "libgomp.so", "libstdc++.so" };
static uintptr_t locking[sizeof(locking_objects) / sizeof(locking_objects[0])];
static unsigned locking_count;

static bool is_one_of(const char *path, const char *const *prefixes, size_t count)
{
	const char *name = path;

	for (const char *c = path; *c; c++)
		if (*c == '/')
			name = c + 1;
	for (size_t i = 0; i < count; i++)
		if (str_starts_with(name, prefixes[i]))
			return true;
	return false;
}

static bool is_system(const char *path)
{
	return is_one_of(path, system_objects, sizeof(system_objects) / sizeof(system_objects[0]));
}

static bool is_locking(const char *path)
{
	return is_one_of(path, locking_objects,
			 sizeof(locking_objects) / sizeof(locking_objects[0]));
}

/* An entry of an object's dynamic section; the loader has made addresses of most. */
static uintptr_t dynamic_of(const struct dl_phdr_info *info, const ElfW(Dyn) * dynamic, long tag)
{
	for (; dynamic->d_tag != DT_NULL; dynamic++)
		if (dynamic->d_tag == tag)
			return dynamic->d_un.d_ptr +
			       (dynamic->d_un.d_ptr < info->dlpi_addr ? info->dlpi_addr : 0);
	return 0;
}

static size_t size_in(const ElfW(Dyn) * dynamic, long tag)
{
	for (; dynamic->d_tag != DT_NULL; dynamic++)
		if (dynamic->d_tag == tag)
			return dynamic->d_un.d_val;
	return 0;
}

static bool names_tsan(const ElfW(Rela) * relocation, size_t bytes, const ElfW(Sym) * symbols,
		       const char *names)
{
	for (size_t i = 0; relocation && i < bytes / sizeof(*relocation); i++) {
		const size_t symbol = ELF64_R_SYM(relocation[i].r_info);

		if (symbol && str_starts_with(names + symbols[symbol].st_name, "__tsan_"))
			return true;
	}
	return false;
}

/* By what it has to be relocated for: no table tells how many names there are. */
static bool calls_tsan(const struct dl_phdr_info *info)
{
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		const ElfW(Dyn) *const d = (const ElfW(Dyn) *)(info->dlpi_addr + p->p_vaddr);
		const void *symbols, *names;

		if (p->p_type != PT_DYNAMIC)
			continue;
		symbols = (const void *)dynamic_of(info, d, DT_SYMTAB);
		names = (const void *)dynamic_of(info, d, DT_STRTAB);
		return symbols && names &&
		       (names_tsan((const void *)dynamic_of(info, d, DT_JMPREL),
				   size_in(d, DT_PLTRELSZ), symbols, names) ||
			names_tsan((const void *)dynamic_of(info, d, DT_RELA),
				   size_in(d, DT_RELASZ), symbols, names));
	}
	return false;
}

static int add_object(struct dl_phdr_info *info, size_t size, void *first)
{
	const uintptr_t here = (uintptr_t)&add_object;
	const bool executable = *(bool *)first;
	const bool instrumented = access_instrumented && calls_tsan(info);
	const void *frames = NULL;

	(void)size;
	*(bool *)first = false;
	for (int i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_GNU_EH_FRAME)
			frames = (const void *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		const uintptr_t start = info->dlpi_addr + p->p_vaddr;
		const uintptr_t end = start + p->p_memsz;

		if (p->p_type != PT_LOAD || !(p->p_flags & PF_X))
			continue;
		if (frames)
			text_unwind_add(start, end, frames);
		if (here >= start && here < end) {
			own_start = start;
			own_end = end;
		} else if (!executable && is_locking(info->dlpi_name)) {
			if (locking_count < sizeof(locking) / sizeof(locking[0]))
				locking[locking_count++] = start;
		} else if ((executable || !is_system(info->dlpi_name)) &&
			   program_count < RANGES_MAX) {
			program[program_count].instrumented = instrumented;
			program[program_count].start = start;
			program[program_count++].end = end;
			if (start < program_low)
				program_low = start;
			if (end > program_high)
				program_high = end;
		}
	}
	return 0;
}

void text_init(void)
{
	bool first = true;

	if (own_end != 0)
		return;
	dl_iterate_phdr(add_object, &first);
	insist(own_end != 0);
}

void text_own_range(uintptr_t *start, uintptr_t *end)
{
	*start = own_start;
	*end = own_end;
}

bool text_is_program(uintptr_t address)
{
	if (address < program_low || address >= program_high)
		return false;
	for (unsigned i = 0; i < program_count; i++)
		if (address >= program[i].start && address < program[i].end)
			return true;
	return false;
}

bool text_is_instrumented(uintptr_t address)
{
	for (unsigned i = 0; i < program_count; i++)
		if (address >= program[i].start && address < program[i].end)
			return program[i].instrumented;
	return false;
}

bool text_synchronises(uintptr_t start)
{
	for (unsigned i = 0; i < locking_count; i++)
		if (locking[i] == start)
			return true;
	return text_is_program(start);
}

bool text_is_own(uintptr_t address)
{
	return address >= own_start && address < own_end;
}

#if defined(__x86_64__)
/* call rel32, or call through a register or memory (ff /2 of 2 to 7 bytes). */
static bool follows_call(uintptr_t address)
{
	const uint8_t *p = (const uint8_t *)address;

	if (p[-5] == 0xe8)
		return true;
	for (int length = 2; length <= 7; length++)
		if (p[-length] == 0xff && (p[1 - length] >> 3 & 7) == 2)
			return true;
	return false;
}

void *text_call_site(const ucontext_t *context)
{
	const uintptr_t ip = (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
	const uintptr_t *word = (const uintptr_t *)context->uc_mcontext.gregs[REG_RSP];
	const struct fiber *f = fiber_of(engine_current);
	struct text_frame frame = { .ip = ip,
				    .sp = (uintptr_t)word,
				    .bp = (uintptr_t)context->uc_mcontext.gregs[REG_RBP],
				    .exact = true };
	uintptr_t limit =
		((uintptr_t)word | 4095) + 1; /* a stack that we do not know: its page is sure */

	if (text_is_program(ip))
		return (void *)ip;
	if ((uintptr_t)word >= f->stack_low && (uintptr_t)word < f->stack_high)
		limit = f->stack_high;
	for (unsigned i = 0; i < FRAMES_MAX && text_unwind_step(&frame, limit); i++)
		if (text_is_program(frame.ip))
			return (void *)frame.ip;
	/* Where we began the thread, or went on after main: none of the program's calls is under
	 * way, whatever they left on the stack. */
	if (text_is_own(frame.ip))
		return (void *)ip;
	for (unsigned i = 0; i < WORDS_SEARCHED && (uintptr_t)(word + 1) <= limit; i++, word++) {
		if (text_is_program(*word) && text_is_program(*word - 8) && follows_call(*word) &&
		    !access_is_place(*word))
			return (void *)*word;
	}
	return (void *)ip;
}
#endif
