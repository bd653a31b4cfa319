/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The calling thread: its entry on the board, and its share of chance. Everything in it belongs to
 * the thread itself; the board's entry is written by it alone and read by the command, and by who
 * signals a condition.
 *
 * Without a board (the environment does not name one, or it cannot be opened) every function of the
 * library calls the real one and does nothing else.
 */
#ifndef JOSTLE_THREADS_SELF_H
#define JOSTLE_THREADS_SELF_H

#include <stdbool.h>
#include <stdint.h>

#include "record/perturb.h"
#include "threads/choice.h"

#define EXPORT __attribute__((visibility("default")))
#define CALLER __builtin_return_address(0)

struct self {
	struct perturb_thread *entry; /* NULL: the board has no more room, or was not looked at */
	uint32_t index;               /* of entry */
	bool known;                   /* the fields were filled */
	bool aside; /* in a function of the program that we call: no points there */
	uint64_t lineage;
	uint32_t children;
	uint32_t guided_as; /* order.h: whose turns it takes, and where to look for the next */
	uint32_t turn;
	bool late; /* it has none any more */
	struct choice choice;
};

extern __thread struct self self __attribute__((tls_model("initial-exec")));
extern struct perturb_board *perturb_board; /* NULL: none. Written while one thread runs. */

/* Claims an entry for a thread that creator starts; NULL when the board is full. */
struct perturb_thread *self_claim(uint64_t lineage, uint64_t routine, uint64_t create_site);
/* The calling thread is the one that the entry was claimed for. */
void self_begin(struct perturb_thread *entry, uint64_t lineage);
void self_end(void);
/* A thread that nobody announced: main, or one that a library's own clone() made. */
void self_meet(void);
/* In the child of a fork. */
void self_forked(uint64_t lineage);

static inline struct self *self_get(void)
{
	if (!self.known)
		self_meet();
	return &self;
}

#endif
