/* SPDX-License-Identifier: Apache-2.0 */
/* What the engine takes where the configuration on the board says 0. Plain decimal literals: --help
 * prints them. */
#ifndef JOSTLE_RECORD_DEFAULTS_H
#define JOSTLE_RECORD_DEFAULTS_H

#define DEFAULT_STEP_BOUND    200000
#define DEFAULT_THREADS_LIMIT 512 /* main among them */

#endif
