/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a frame to its caller's, by the tables of .eh_frame: as much of them as the frames of libc
 * and of our own library need. A frame's address is a distance from the stack or the frame pointer,
 * and no register but those two is followed (System V ABI for x86-64, 3.7; DWARF 5, 6.4). What
 * needs more, an expression or another register, ends the walk.
 *
 * What is found for an address is remembered, so that a walk costs a few nanoseconds a frame.
 * Async-signal-safe after text_unwind_add(); one thread at a time.
 */
#ifndef JOSTLE_ENGINE_TEXT_UNWIND_H
#define JOSTLE_ENGINE_TEXT_UNWIND_H

#include <stdbool.h>
#include <stdint.h>

struct text_frame {
	uintptr_t ip;
	uintptr_t sp, bp;
	bool exact; /* ip is not a return address: what stopped there did not call */
};

/* The code in [start, end) is described by that section .eh_frame_hdr. Both stay where they are. */
void text_unwind_add(uintptr_t start, uintptr_t end, const void *header);

/* The object with the lowest address from @from on. False: there is none. */
bool text_unwind_next(uintptr_t from, uintptr_t *start, uintptr_t *end);

/* Each function of the object that begins at start, by address. */
void text_unwind_functions(uintptr_t start,
			   void (*visit)(uintptr_t start, uintptr_t size, void *context),
			   void *context);

/* Does a function that is described begin there? */
bool text_unwind_is_function(uintptr_t address);

/* Makes the frame its caller's. False, and *frame is what it was: nothing describes it, or its
 * caller does not lie on the stack that ends at limit. */
bool text_unwind_step(struct text_frame *frame, uintptr_t limit);

#endif
