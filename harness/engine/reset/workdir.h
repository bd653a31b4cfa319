/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --workdir: each schedule starts in a fresh copy of a template folder.
 *
 * The command makes the folder that the copies lie in (config.workdir_copy) and removes it at the
 * end. The copy is made when a schedule begins, over what the one before left.
 */
#ifndef JOSTLE_ENGINE_WORKDIR_H
#define JOSTLE_ENGINE_WORKDIR_H

/* Makes the copy afresh and enters it. 0, or -errno: the disk is full, the template is gone.
 * Nothing to do without a template. */
int workdir_refresh(void);

#endif
