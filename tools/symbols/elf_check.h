/* SPDX-License-Identifier: Apache-2.0 */
/* Whether an ELF file is a program that the preloaded library can take over: dynamic, 64 bits,
 * glibc, no other interposer. */
#ifndef JOSTLE_TOOL_ELF_CHECK_H
#define JOSTLE_TOOL_ELF_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUILD_ID_MAX 32

/* What a file that can be controlled says of itself. */
struct elf_facts {
	uint8_t build_id[BUILD_ID_MAX];
	size_t build_id_size;  /* 0: it has none */
	bool tsan_allowed;     /* set before elf_check(): ThreadSanitizer's runtime may be inside */
	bool tsan_inside;      /* it is */
	bool instrumented;     /* calls __tsan_init(): its memory accesses are visible */
	bool go;               /* holds Go's runtime */
	char tsan_library[32]; /* the shared runtime it was linked with, "libtsan.so.2"; or "" */
	char compiler[128];    /* what the first compiler left in .comment; or "" */
};

/* Returns 0 or EXIT_UNCONTROLLED, the reason having been said about name. facts is set on success.
 */
int elf_check(const char *name, int fd, struct elf_facts *facts);

/* The same of a shared library, which need not be a program; says nothing. False: no ELF file. */
bool elf_look(int fd, struct elf_facts *facts);

#endif
