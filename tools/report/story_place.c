/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose line is it? A thread that locks a std::mutex stands in a header of the C++ library, and one
 * that GLib started in GLib: whoever reads the report looks for his own.
 */
#include <string.h>

#include "report/objects.h"
#include "report/story_parts.h"

#define FRAMES_MAX 64

/* Code that the user's own contains but did not write: the headers of the C++ library. */
static bool is_in_header(const struct frame *frame)
{
	return frame->file && (strncmp(frame->file, "/usr/include/", 13) == 0 ||
			       strncmp(frame->file, "/usr/lib/", 9) == 0);
}

/* The user's function may stand at lines of a header alone: what is inlined into it always has no
 * frame of its own in an unoptimised build. */
static bool is_of_library(const char *function)
{
	static const char *const starts[] = { "std::", "__", "_M_", "operator" };

	for (size_t i = 0; function && i < sizeof(starts) / sizeof(starts[0]); i++)
		if (strncmp(function, starts[i], strlen(starts[i])) == 0)
			return true;
	return !function;
}

bool story_is_user(struct symbols *symbols, const struct frame *frame)
{
	return !symbols_in_system(symbols, frame->pc) && !is_in_header(frame) &&
	       (frame->function || frame->line);
}

struct frame story_user_place(struct symbols *symbols, const struct frame *frames, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (story_is_user(symbols, &frames[i]))
			return frames[i];
	for (size_t i = 0; i < count; i++)
		if (!symbols_in_system(symbols, frames[i].pc) && !is_of_library(frames[i].function))
			return frames[i];
	return count ? frames[0] : (struct frame){ 0 };
}

struct frame story_line(struct symbols *symbols, const struct frame *frames, size_t count,
			const struct frame *otherwise)
{
	for (size_t i = 0; i < count; i++)
		if (frames[i].line && story_is_user(symbols, &frames[i]))
			return frames[i];
	return *otherwise;
}

static bool is_start_code(const char *function)
{
	static const char *const names[] = { "__libc_start_main",
					     "__libc_start_call_main",
					     "_start",
					     "start_thread",
					     "clone3",
					     "clone",
					     "__clone",
					     "__libc_start_main_impl",
					     "__GI___clone" };

	for (size_t i = 0; function && i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(function, names[i]) == 0)
			return true;
	return false;
}

/*
 * How many pcs of a stack lie within what started it; 0 when none of them is the program's: inside
 * exit() or a thread's last breath. Asks for nothing that needs libc's debug information, which
 * takes longer to read than all else that is told here.
 */
static size_t count_own(struct symbols *symbols, const uint64_t *pcs, size_t count)
{
	bool any_user = false;

	for (size_t i = 0; i < count; i++) {
		if (symbols_in_engine(symbols, pcs[i]))
			continue;
		if (is_start_code(symbols_linkage_name(symbols, pcs[i], i > 0))) {
			count = i;
			break;
		}
		any_user |= !symbols_in_system(symbols, pcs[i]);
	}
	return any_user ? count : 0;
}

size_t story_unwind(struct pool *pool, struct symbols *symbols, const struct board *board,
		    const struct board_stack *stack, const struct frame **result)
{
	struct frame frames[FRAMES_MAX];
	uint64_t pcs[FRAMES_MAX];
	size_t count = 0, pc_count = symbols_unwind(symbols, board, stack, pcs, FRAMES_MAX);
	struct frame *kept;

	pc_count = count_own(symbols, pcs, pc_count);
	for (size_t i = 0; i < pc_count && count < FRAMES_MAX; i++) {
		if (symbols_in_engine(symbols, pcs[i]))
			continue;
		/* The first is a return address, too, when it was called from the engine. */
		count += symbols_frames(symbols, pcs[i], i > 0, frames + count, FRAMES_MAX - count);
	}
	kept = pool_new(pool, struct frame, count);
	memcpy(kept, frames, count * sizeof(*kept));
	*result = kept;
	return count;
}

const struct board_stack *story_stack(const struct board *board, unsigned thread, uint32_t step)
{
	for (uint32_t i = 0; i < board->status.stack_count && i < BOARD_STACKS_MAX; i++)
		if (board->stacks[i].thread == thread && board->stacks[i].step == step)
			return &board->stacks[i];
	return NULL;
}

bool story_stack_fits(const struct frame *frames, size_t count, uint64_t pc)
{
	for (size_t i = 0; i < count; i++)
		if (frames[i].pc == pc)
			return true;
	return pc == 0;
}

/* What trapped is on the stack with its own address, not with the one behind it. */
static bool has_line(const struct frame *frames, size_t count, const struct frame *line)
{
	for (size_t i = 0; i < count; i++)
		if (line->line && frames[i].line == line->line && frames[i].file && line->file &&
		    strcmp(frames[i].file, line->file) == 0)
			return true;
	return false;
}

struct frame story_step_place(struct objects *objects, unsigned thread, uint32_t step, uint64_t pc,
			      bool is_return_address)
{
	struct frame frames[16], place;
	const struct board_stack *stack;
	const struct frame *callers = NULL;
	size_t count;

	if (!pc)
		return (struct frame){ 0 };
	count = symbols_frames(objects->symbols, pc, is_return_address, frames, 16);
	place = story_user_place(objects->symbols, frames, count);
	if (place.line && story_is_user(objects->symbols, &place))
		return place;
	stack = story_stack(objects->board, thread, step);
	count = stack ? story_unwind(objects->pool, objects->symbols, objects->board, stack,
				     &callers)
		      : 0;
	if (!story_stack_fits(callers, count, pc) && !has_line(callers, count, &frames[0]))
		return place;
	place = story_user_place(objects->symbols, callers, count);
	return story_line(objects->symbols, callers, count, &place);
}
