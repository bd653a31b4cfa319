/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces by search, each piece by libxml2's strict parser, without entities and network. */
#include "under/valgrind_xml.h"

#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>

#include "report/suite.h"

#define ERRORS_MAX 4096

static bool is_named(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

static const xmlNode *child(const xmlNode *node, const char *name)
{
	for (const xmlNode *at = node->children; at; at = at->next)
		if (is_named(at, name))
			return at;
	return NULL;
}

static const char *text_of(struct pool *pool, const xmlNode *node)
{
	xmlChar *content = node ? xmlNodeGetContent(node) : NULL;
	const char *text = content ? pool_text(pool, (const char *)content) : NULL;

	xmlFree(content);
	return text;
}

static unsigned number_of(struct pool *pool, const xmlNode *node)
{
	const char *text = text_of(pool, node);

	return text ? (unsigned)strtoul(text, NULL, 10) : 0;
}

static struct frame frame_of(struct pool *pool, const xmlNode *node)
{
	const char *ip = text_of(pool, child(node, "ip"));
	const char *folder = text_of(pool, child(node, "dir"));
	struct frame frame = { .function = text_of(pool, child(node, "fn")),
			       .file = text_of(pool, child(node, "file")),
			       .line = number_of(pool, child(node, "line")),
			       .module = text_of(pool, child(node, "obj")),
			       .pc = ip ? strtoull(ip, NULL, 16) : 0 };

	if (frame.file && folder && folder[0] && frame.file[0] != '/')
		frame.file = pool_format(pool, "%s/%s", folder, frame.file);
	return frame;
}

static void add_stack(struct pool *pool, const xmlNode *node, const struct frame **frames,
		      size_t *count)
{
	struct frame *list;
	size_t children = 0;

	for (const xmlNode *at = node->children; at; at = at->next)
		children += is_named(at, "frame");
	list = pool_new(pool, struct frame, children);
	*count = 0;
	*frames = list;
	for (const xmlNode *at = node->children; at; at = at->next)
		if (is_named(at, "frame"))
			list[(*count)++] = frame_of(pool, at);
}

static struct valgrind_part *new_part(struct valgrind_error *error, const char *element)
{
	struct valgrind_part *part = &error->parts[error->part_count];

	if (error->part_count == VALGRIND_PARTS_MAX)
		return NULL;
	error->part_count++;
	*part = (struct valgrind_part){ .element = element, .text = "" };
	return part;
}

static void add_sentence(struct valgrind_error *error, struct pool *pool, const xmlNode *node,
			 const char *element)
{
	struct valgrind_part *part = new_part(error, element);
	const xmlNode *text = child(node, "text");

	if (!part)
		return;
	part->text = text_of(pool, text ? text : node);
	part->thread = number_of(pool, child(node, "hthreadid"));
}

/* Below the sentence that stands before it, unless that has one. */
static void add_stack_part(struct valgrind_error *error, struct pool *pool, const xmlNode *node,
			   const char *element)
{
	struct valgrind_part *part =
		error->part_count ? &error->parts[error->part_count - 1] : NULL;

	if (!part || part->frame_count || strcmp(element, "stack") != 0)
		part = new_part(error, element);
	if (part)
		add_stack(pool, node, &part->frames, &part->frame_count);
}

static void add_child(struct valgrind_error *error, struct pool *pool, const xmlNode *node)
{
	const xmlNode *stack;

	if (is_named(node, "kind"))
		error->kind = text_of(pool, node);
	else if (is_named(node, "tid"))
		error->tid = number_of(pool, node);
	else if (is_named(node, "what") || is_named(node, "xwhat"))
		add_sentence(error, pool, node, "what");
	else if (is_named(node, "auxwhat") || is_named(node, "xauxwhat"))
		add_sentence(error, pool, node, "auxwhat");
	else if (is_named(node, "stack"))
		add_stack_part(error, pool, node, "stack");
	else if (node->type == XML_ELEMENT_NODE && (stack = child(node, "stack")))
		add_stack_part(error, pool, stack, pool_text(pool, (const char *)node->name));
}

static void add_error(struct valgrind_output *output, struct pool *pool, const xmlNode *root)
{
	struct valgrind_error *error = &output->errors[output->error_count];

	*error = (struct valgrind_error){ .kind = "" };
	for (const xmlNode *at = root->children; at; at = at->next)
		add_child(error, pool, at);
	if (error->kind[0] && error->part_count)
		output->error_count++;
	else
		output->damaged++;
}

static void add_thread(struct valgrind_output *output, struct pool *pool, const xmlNode *root)
{
	struct valgrind_thread *thread = &output->threads[output->thread_count++];
	const xmlNode *stack = child(root, "stack");

	*thread = (struct valgrind_thread){ .number = number_of(pool, child(root, "hthreadid")) };
	if (stack)
		add_stack(pool, stack, &thread->frames, &thread->frame_count);
}

static void add_arguments(struct valgrind_output *output, struct pool *pool, const xmlNode *root)
{
	const xmlNode *argv = child(root, "argv"), *exe = argv ? child(argv, "exe") : NULL;

	if (exe)
		output->executable = text_of(pool, exe);
}

static const struct kind {
	const char *begin, *end;
	void (*add)(struct valgrind_output *output, struct pool *pool, const xmlNode *root);
} kinds[] = {
	{ "<error>", "</error>", add_error },
	{ "<announcethread>", "</announcethread>", add_thread },
	{ "<args>", "</args>", add_arguments },
};

static bool begins(const char *at, const char *word)
{
	return strncmp(at, word, strlen(word)) == 0;
}

/*
 * The nearest element of a kind that is read, and its end. Where another one begins before that
 * end, somebody wrote into it or never ended it: then that other one.
 */
static const char *next_piece(const char *at, const struct kind **kind, const char **end)
{
	const char *begin = NULL;

	for (; (at = strchr(at, '<')); at++) {
		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
			if (begins(at, kinds[i].begin)) {
				begin = at;
				*kind = &kinds[i];
			}
		if (begin && begins(at, (*kind)->end)) {
			*end = at + strlen((*kind)->end);
			return begin;
		}
	}
	return NULL;
}

static void read_piece(struct valgrind_output *output, struct pool *pool, const struct kind *kind,
		       const char *begin, size_t size)
{
	xmlDoc *document = xmlReadMemory(begin, (int)size, NULL, "UTF-8",
					 XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NONET |
						 XML_PARSE_HUGE);

	if (document)
		kind->add(output, pool, xmlDocGetRootElement(document));
	else
		output->damaged++;
	xmlFreeDoc(document);
}

static size_t count_of(const char *text, const char *word)
{
	size_t count = 0;

	while ((text = strstr(text, word)) && count < ERRORS_MAX) {
		count++;
		text += strlen(word);
	}
	return count;
}

void valgrind_read(struct valgrind_output *output, struct pool *pool, const char *bytes,
		   size_t size)
{
	const char *text = text_clean(pool, bytes, size), *at = text, *begin, *end;
	const size_t errors = count_of(text, "<error>"), threads = count_of(text, "<announcethr");
	const struct kind *kind = NULL;

	*output = (struct valgrind_output){ .executable = "" };
	output->errors = pool_new(pool, struct valgrind_error, errors + 1);
	output->threads = pool_new(pool, struct valgrind_thread, threads + 1);
	while ((begin = next_piece(at, &kind, &end))) {
		at = end;
		if (output->error_count == ERRORS_MAX || output->thread_count == ERRORS_MAX)
			output->damaged++;
		else if (end - begin < INT32_MAX)
			read_piece(output, pool, kind, begin, (size_t)(end - begin));
	}
}

const struct valgrind_thread *valgrind_thread(const struct valgrind_output *output, unsigned number)
{
	for (size_t i = 0; i < output->thread_count; i++)
		if (output->threads[i].number == number)
			return &output->threads[i];
	return NULL;
}
