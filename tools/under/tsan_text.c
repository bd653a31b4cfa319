/* SPDX-License-Identifier: Apache-2.0 */
/* Line by line; a line of a megabyte is a line. */
#include "under/tsan_text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "report/suite.h"

#define TITLE     "WARNING: ThreadSanitizer: "
#define SUMMARY   "SUMMARY: ThreadSanitizer: "
#define STACK_MAX 256 /* the runtime's own limit */

struct reader {
	struct pool *pool;
	struct tsan_report *report; /* NULL: between reports */
	struct frame stack[STACK_MAX];
	size_t stack_count;
};

static bool begins(const char *line, const char *word)
{
	return strncmp(line, word, strlen(word)) == 0;
}

/* The stack that was read belongs to the last sentence. */
static void end_stack(struct reader *reader)
{
	struct tsan_report *report = reader->report;
	struct tsan_section *section;
	struct frame *frames;

	if (!reader->stack_count)
		return;
	if (report->section_count == 0 || report->sections[report->section_count - 1].frame_count) {
		if (report->section_count == TSAN_SECTIONS_MAX)
			return;
		report->sections[report->section_count++] = (struct tsan_section){ .text = "" };
	}
	section = &report->sections[report->section_count - 1];
	frames = pool_new(reader->pool, struct frame, reader->stack_count);
	memcpy(frames, reader->stack, reader->stack_count * sizeof(*frames));
	section->frames = frames;
	section->frame_count = reader->stack_count;
	reader->stack_count = 0;
}

/* "(module+0x12ab)" at the end of the text, which is cut off; a "(BuildId: ...)" behind it as well.
 */
static void cut_module(struct pool *pool, char *text, struct frame *frame)
{
	for (unsigned i = 0; i < 2; i++) {
		const size_t length = strlen(text);
		char *open = strrchr(text, '('), *plus;

		if (!open || length == 0 || text[length - 1] != ')' ||
		    (open > text && open[-1] != ' '))
			return;
		plus = strrchr(open, '+');
		if (plus && begins(plus, "+0x")) {
			frame->module = pool_bytes(pool, open + 1, (size_t)(plus - open - 1));
			frame->offset = strtoull(plus + 1, NULL, 16);
		} else if (!begins(open, "(BuildId: ")) {
			return;
		}
		open[open > text ? -1 : 0] = '\0';
		if (frame->module)
			return;
	}
}

static bool is_number(const char *text)
{
	return isdigit((unsigned char)text[0]) && text[strspn(text, "0123456789")] == '\0';
}

/* "file.c:12" or "file.c:12:7"; clang writes the column. */
static void read_place(struct pool *pool, char *place, struct frame *frame)
{
	for (unsigned i = 0; i < 2; i++) {
		char *colon = strrchr(place, ':');

		if (!colon || !is_number(colon + 1))
			break;
		frame->line = (unsigned)strtoul(colon + 1, NULL, 10);
		*colon = '\0';
	}
	if (place[0] && strcmp(place, "<null>") != 0)
		frame->file = pool_text(pool, place);
}

/* What stands behind "#0 ": "function /path/file.c:12 (module+0x12ab)". Paths may hold blanks, and
 * so do functions of C++: an absolute path begins at the first " /". */
static struct frame read_frame(struct pool *pool, const char *text)
{
	char *copy = pool_text(pool, text), *place;
	struct frame frame = { 0 };

	cut_module(pool, copy, &frame);
	place = strstr(copy, " /");
	if (!place)
		place = strrchr(copy, ' ');
	if (place) {
		*place++ = '\0';
		read_place(pool, place, &frame);
	}
	if (copy[0] && strcmp(copy, "<null>") != 0)
		frame.function = copy;
	return frame;
}

static void read_sentence(struct reader *reader, const char *text)
{
	struct tsan_report *report = reader->report;
	const size_t length = strlen(text);

	end_stack(reader);
	if (report->section_count == TSAN_SECTIONS_MAX)
		return;
	report->sections[report->section_count++] = (struct tsan_section){
		.text = pool_bytes(reader->pool, text,
				   length && text[length - 1] == ':' ? length - 1 : length)
	};
}

/* "data race (pid=1234)" without the process. */
static void begin_report(struct reader *reader, const char *title)
{
	const char *end = strstr(title, " (pid=");

	reader->report = pool_new(reader->pool, struct tsan_report, 1);
	reader->report->title =
		pool_bytes(reader->pool, title, end ? (size_t)(end - title) : strlen(title));
	reader->stack_count = 0;
}

/* True when the report is complete. */
static bool read_line(struct reader *reader, const char *line)
{
	const char *text = line + strspn(line, " ");

	if (begins(line, TITLE)) {
		begin_report(reader, line + strlen(TITLE));
		return false;
	}
	if (!reader->report)
		return false;
	if (begins(line, SUMMARY) || begins(line, "==================")) {
		end_stack(reader);
		return true;
	}
	if (text[0] == '#' && isdigit((unsigned char)text[1])) {
		text += 1 + strspn(text + 1, "0123456789");
		if (reader->stack_count < STACK_MAX && text[0] == ' ')
			reader->stack[reader->stack_count++] = read_frame(reader->pool, text + 1);
	} else if (text[0] && text > line) {
		read_sentence(reader, text);
	}
	return false;
}

void tsan_read(struct pool *pool, const char *bytes, size_t size,
	       void (*call)(void *context, const struct tsan_report *report), void *context)
{
	struct reader *reader = calloc(1, sizeof(*reader));
	char *line = text_clean(pool, bytes, size), *end;

	if (!reader)
		abort();
	reader->pool = pool;
	/* A last line without an end was not finished. */
	for (; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		if (!read_line(reader, line))
			continue;
		call(context, reader->report);
		reader->report = NULL;
	}
	free(reader);
}
