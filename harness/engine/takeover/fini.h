/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The dynamic linker's last act, left out where it would do nothing.
 *
 * exit() ends with _dl_fini, which sorts all loaded objects and calls their destructors: some 150
 * ns and half a dozen written pages in each schedule. Most C programs have no destructor but the
 * one that crtstuff puts into every object, which finds nothing left to do there: exit() has run
 * all exit handlers by then. When every object of the process has only that, and none was loaded
 * later, _dl_fini is not called.
 */
#ifndef JOSTLE_ENGINE_FINI_H
#define JOSTLE_ENGINE_FINI_H

/* What to register with exit() in place of the linker's function; remembers that one. */
void (*fini_replace(void (*rtld_fini)(void)))(void);

/* At takeover, when everything that main starts with is loaded: looks at all objects. */
void fini_look(void);

#endif
