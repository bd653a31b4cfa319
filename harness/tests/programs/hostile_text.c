/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text that breaks report formats which do not escape: in thread names, in an assertion, in a line
 * of a megabyte and in the output. What begins with "plain" finds nothing.
 */
#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOSTILE                                                                           \
	"\"quoted\" 'single' <tag a=\"b\">&amp; ]]> # todo \\ %s \x1b[31m \x01 \xff\xfe " \
	"\xed\xa0\x80"

static void *body(void *arg)
{
	pthread_setname_np(pthread_self(), "<\"]]>\x1b\xff#\\");
	if (arg) {
		puts("1..1\nok 1 - not a test\nnot ok 2\nBail out!\n  ...\n---\n" HOSTILE);
		fflush(stdout);
		__assert_fail(HOSTILE "\n...\nok 3", "no \"file\" ]]>.c", 7, "nobody");
	}
	return NULL;
}

int main(int argc, char **argv)
{
	const int plain = argc > 1 && strncmp(argv[1], "plain", 5) == 0;
	char *line = malloc(1 << 20);
	pthread_t thread;

	memset(line, ']', 1 << 20);
	memcpy(line + (1 << 20) - 4, ">\xf0\x9f\n", 4);
	fwrite(line, 1, 1 << 20, stdout);
	fflush(stdout);
	free(line);
	if (pthread_create(&thread, NULL, body, plain ? NULL : line))
		return 2;
	return pthread_join(thread, NULL);
}
