/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JUnit XML, as Jenkins, GitLab and others read it; share/jostle/schema/junit.xsd says what we use
 * of it. libxml2 writes the markup, so quotes, brackets and "]]>" are its affair; bytes that XML
 * cannot hold at all were made visible before.
 */
#include <libxml/xmlwriter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/suite.h"

#define X(text) ((const xmlChar *)(text))

static void attribute(xmlTextWriter *writer, struct pool *pool, const char *name, const char *text)
{
	xmlTextWriterWriteAttribute(writer, X(name), X(text_line(pool, text)));
}

static void number(xmlTextWriter *writer, const struct suite *suite, const char *name,
		   enum suite_status first, enum suite_status second)
{
	size_t count = 0;

	for (size_t i = 0; i < suite->count; i++)
		count += suite->tests[i].status == first || suite->tests[i].status == second;
	xmlTextWriterWriteFormatAttribute(writer, X(name), "%zu", count);
}

static void totals(xmlTextWriter *writer, const struct suite *suite)
{
	xmlTextWriterWriteFormatAttribute(writer, X("tests"), "%zu", suite->count);
	number(writer, suite, "failures", SUITE_FAILED, SUITE_FAILED);
	number(writer, suite, "errors", SUITE_ERROR, SUITE_ERROR);
	xmlTextWriterWriteFormatAttribute(writer, X("time"), "%.3f", suite->seconds);
}

static void write_test(xmlTextWriter *writer, struct pool *pool, const char *group,
		       const struct suite_test *test)
{
	static const char *const elements[] = { [SUITE_PASSED] = NULL,
						[SUITE_FAILED] = "failure",
						[SUITE_SKIPPED] = "skipped",
						[SUITE_KNOWN] = "skipped",
						[SUITE_ERROR] = "error" };
	const char *element = elements[test->status], *text = test->text ? test->text : "";

	xmlTextWriterStartElement(writer, X("testcase"));
	attribute(writer, pool, "classname", group);
	attribute(writer, pool, "name", test->name);
	xmlTextWriterWriteFormatAttribute(writer, X("time"), "%.3f", test->seconds);
	if (element) {
		xmlTextWriterStartElement(writer, X(element));
		attribute(writer, pool, "message", test->message);
		if (test->status != SUITE_SKIPPED && test->status != SUITE_KNOWN)
			attribute(writer, pool, "type", test->type);
		xmlTextWriterWriteString(writer, X(text_clean(pool, text, strlen(text))));
		xmlTextWriterEndElement(writer);
	} else if (text[0]) {
		xmlTextWriterWriteElement(writer, X("system-out"),
					  X(text_clean(pool, text, strlen(text))));
	}
	if (test->output_size)
		xmlTextWriterWriteElement(writer, X("system-err"),
					  X(text_clean(pool, test->output, test->output_size)));
	xmlTextWriterEndElement(writer);
}

void suite_junit(const struct suite *suite, struct page *page)
{
	xmlBuffer *buffer = xmlBufferCreate();
	xmlTextWriter *writer = buffer ? xmlNewTextWriterMemory(buffer, 0) : NULL;
	struct pool pool = { NULL };

	if (!writer)
		abort();
	xmlTextWriterSetIndent(writer, 1);
	xmlTextWriterStartDocument(writer, NULL, "UTF-8", NULL);
	xmlTextWriterStartElement(writer, X("testsuites"));
	totals(writer, suite);
	xmlTextWriterStartElement(writer, X("testsuite"));
	attribute(writer, &pool, "name", suite->name);
	totals(writer, suite);
	number(writer, suite, "skipped", SUITE_SKIPPED, SUITE_KNOWN);
	for (size_t i = 0; i < suite->count; i++)
		write_test(writer, &pool, suite->name, &suite->tests[i]);
	xmlTextWriterEndDocument(writer);
	xmlFreeTextWriter(writer);
	page_add(page, "%s", (const char *)xmlBufferContent(buffer));
	xmlBufferFree(buffer);
	pool_fini(&pool);
}
