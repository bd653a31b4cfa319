/* SPDX-License-Identifier: Apache-2.0 */
/* The machine that figures were measured on, and who else used it meanwhile. */
#ifndef JOSTLE_COMPARE_MACHINE_H
#define JOSTLE_COMPARE_MACHINE_H

#include <stdint.h>

struct machine {
	char system[128];    /* "Linux 6.1.0 x86_64" */
	char processor[128]; /* the model, "" when the machine does not say */
	unsigned processors; /* that we may use */
	unsigned online;     /* that the machine has */
	double quota;        /* processors that the container may use at a time; 0: no limit */
	char folder[256];    /* where files are made */
	char file_system[32];
	double others; /* processors that other programs used meanwhile, on average */
	double stolen; /* processors that the hypervisor gave to others */
};

struct machine_clock {
	double busy_ns, stolen_ns, own_ns, now_ns;
};

void machine_read(struct machine *machine, const char *folder);
/* Processors that this process may use. */
unsigned machine_processors(void);
/* The last of them: interrupts tend to be served by the first. */
int machine_last_processor(void);
void machine_start(struct machine_clock *clock);
/* Fills in others and stolen. */
void machine_stop(struct machine *machine, const struct machine_clock *clock);
/* Where files are made: TMPDIR or /tmp. */
const char *machine_folder(void);

#endif
