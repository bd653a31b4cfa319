/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Of a variable that several files of the library read in each step: it is the library's own, so
 * its distance is known when the library is linked. Without that a declaration makes the compiler
 * load the address first, from wherever another library might have put the variable.
 */
#ifndef JOSTLE_BASE_HIDDEN_H
#define JOSTLE_BASE_HIDDEN_H

#define HIDDEN __attribute__((visibility("hidden")))

#endif
