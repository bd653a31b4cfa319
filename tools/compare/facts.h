/* SPDX-License-Identifier: Apache-2.0 */
/* Processes and threads side by side in words: what stands before the figures. */
#ifndef JOSTLE_COMPARE_FACTS_H
#define JOSTLE_COMPARE_FACTS_H

struct fact {
	const char *about, *process, *thread;
};

extern const struct fact compare_facts[]; /* the last has no about */
extern const char compare_python[];       /* why Python's figures differ */
/* What is done in each kind of run time, by the row's id; NULL: no such. */
const char *facts_task(const char *id);

#endif
