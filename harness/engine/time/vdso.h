/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vDSO: code of the kernel's in the process that reads the clock without a system call, so that
 * no trap sees it. libc has its addresses in private variables. Each entry's first bytes are
 * replaced by a jump to a function of ours.
 */
#ifndef JOSTLE_ENGINE_VDSO_H
#define JOSTLE_ENGINE_VDSO_H

/* 0; -ENOENT: there is no vDSO, nothing to do; or -errno of making it writable. */
int vdso_patch(void);

#endif
