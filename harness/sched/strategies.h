/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every strategy by name, for the registry and for those that hand schedules to others. One line
 * each.
 */
#ifndef JOSTLE_SCHED_STRATEGIES_H
#define JOSTLE_SCHED_STRATEGIES_H

#include "sched/sched.h"

extern const struct sched_strategy sched_auto;
extern const struct sched_strategy sched_random;
extern const struct sched_strategy sched_sticky;
extern const struct sched_strategy sched_pct;
extern const struct sched_strategy sched_pos;
extern const struct sched_strategy sched_delay;
extern const struct sched_strategy sched_rare;
extern const struct sched_strategy sched_replay;
extern const struct sched_strategy sched_steer;

#endif
