/* SPDX-License-Identifier: Apache-2.0 */
/* Recognises the destructors that do nothing: see fini.h. */
#include "engine/takeover/fini.h"

#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "engine/calls/system.h"
#include "engine/state.h"

static void (*linker_fini)(void);
static bool trivial;

static const uint8_t *skip_endbr(const uint8_t *code)
{
	static const uint8_t endbr64[] = { 0xf3, 0x0f, 0x1e, 0xfa };

	return memcmp(code, endbr64, sizeof(endbr64)) == 0 ? code + sizeof(endbr64) : code;
}

#if defined(__x86_64__)
/* crtstuff.c, __do_global_dtors_aux: begins with `cmpb $0, completed(%rip)`, then a jump. */
static bool is_crtstuff(const uint8_t *code)
{
	code = skip_endbr(code);
	return code[0] == 0x80 && code[1] == 0x3d && code[6] == 0 &&
	       (code[7] == 0x75 || code[7] == 0x0f);
}

/* crti and crtn, _fini: moves the stack pointer down and up. */
static bool is_crti(const uint8_t *code)
{
	static const uint8_t empty[] = { 0x48, 0x83, 0xec, 0x08, 0x48, 0x83, 0xc4, 0x08, 0xc3 };

	return memcmp(skip_endbr(code), empty, sizeof(empty)) == 0;
}
#else
static bool is_crtstuff(const uint8_t *code)
{
	(void)code;
	return false;
}

static bool is_crti(const uint8_t *code)
{
	(void)code;
	return false;
}
#endif

static int look(struct dl_phdr_info *info, size_t size, void *context)
{
	const ElfW(Dyn) *dynamic = NULL;
	const uint8_t *fini = NULL;
	const uintptr_t *array = NULL;
	size_t bytes = 0;

	(void)size;
	(void)context;
	for (int i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_DYNAMIC)
			dynamic = (const void *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
	for (; dynamic && dynamic->d_tag != DT_NULL; dynamic++) {
		if (dynamic->d_tag == DT_FINI)
			fini = (const void *)(info->dlpi_addr + dynamic->d_un.d_ptr);
		else if (dynamic->d_tag == DT_FINI_ARRAY)
			array = (const void *)(info->dlpi_addr + dynamic->d_un.d_ptr);
		else if (dynamic->d_tag == DT_FINI_ARRAYSZ)
			bytes = dynamic->d_un.d_val;
	}
	if (fini && !is_crti(fini))
		trivial = false;
	if (array && bytes > sizeof(*array))
		trivial = false;
	if (array && bytes == sizeof(*array) && !is_crtstuff((const void *)*array))
		trivial = false;
	return !trivial;
}

void fini_look(void)
{
	trivial = true;
	dl_iterate_phdr(look, NULL);
}

static void instead(void)
{
	/* Whoever maps memory may have loaded an object. */
	if (trivial && engine.phase == PHASE_SCHEDULE && !system_dirty.mappings)
		return;
	if (linker_fini)
		linker_fini();
}

void (*fini_replace(void (*rtld_fini)(void)))(void)
{
	linker_fini = rtld_fini;
	return instead;
}
