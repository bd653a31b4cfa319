/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes through stdio after deeper calls than that have left their return addresses on the stack.
 * Instrumented, what they leave differs between the first schedule of a process and the others.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static const char *names[] = { "one", "two", "three", "four", "five", "six", "seven", "eight" };
static int order(const void *a, const void *b)
{
	const char *const *one = a, *const *other = b;
	int result = strcmp(*one, *other);
	return result;
}
static int prefixes(const void *a, const void *b)
{
	const char *const *one = a, *const *other = b;
	return strncmp(*one, "s", 1) ? order(a, b) : -strncmp("s", *other, 1);
}
int main(void)
{
	qsort(names, 8, sizeof(names[0]), order);
	qsort(names, 8, sizeof(names[0]), prefixes);
	fprintf(stderr, "the first is %s\n", names[0]);
	return 3;
}
