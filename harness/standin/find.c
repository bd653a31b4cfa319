/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A library named libtsan.so.2 for programs that were built for ThreadSanitizer.
 *
 * The linker resolved such a program's calls of realpath() to libtsan's own, so that the program
 * asks for "realpath" without a version, and the loader gives it, in a libc that has several, the
 * oldest: realpath(path, NULL) fails, and the condition variables are those of 2002. So each name
 * that libtsan exports and libc has in several versions is defined here, unversioned, and goes to
 * the default one (forward.S). What libjostle.so interposes never comes here: it is asked first.
 */
#include <dlfcn.h>
#include <unistd.h>

/* forward.S is the only caller. Never NULL. */
void *standin_find(unsigned index) __attribute__((visibility("hidden")));

static const char *const names[] = {
#define F(name) #name,
#include "names.list"
};

static unsigned length_of(const char *text)
{
	unsigned length = 0;

	while (text[length])
		length++;
	return length;
}

static void complain(const char *text)
{
	if (write(STDERR_FILENO, text, length_of(text)) < 0)
		_exit(127);
}

void *standin_find(unsigned index)
{
	void *function = dlsym(RTLD_NEXT, names[index]);

	if (function)
		return function;
	complain("jostle: libtsan's stand-in: libc has no ");
	complain(names[index]);
	complain("\n");
	_exit(127);
}
