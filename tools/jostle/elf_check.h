/* SPDX-License-Identifier: Apache-2.0 */
/* Whether an ELF file is a program that the preloaded library can take over: dynamic, 64 bits,
 * glibc, no other interposer. */
#ifndef JOSTLE_TOOL_ELF_CHECK_H
#define JOSTLE_TOOL_ELF_CHECK_H

#include <stddef.h>
#include <stdint.h>

/*
 * Returns 0 or EXIT_UNCONTROLLED, the reason having been said about name. build_id (at least
 * BUILD_ID_MAX bytes) and its size are set on success; size 0 when the file has none.
 */
int elf_check(const char *name, int fd, uint8_t *build_id, size_t *build_id_size);

#endif
