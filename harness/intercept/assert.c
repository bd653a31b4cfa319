/* SPDX-License-Identifier: Apache-2.0 */
/*
 * assert.h: a failed assertion is a finding of its own, with its text. The message goes to the
 * program's standard error as libc's would; then the schedule ends here, unless the program wants
 * to handle SIGABRT.
 */
#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmt.h"
#include "base/sys.h"
#include "engine/engine.h"
#include "engine/output.h"
#include "engine/signal.h"
#include "engine/thread.h"

static _Noreturn void failed(const char *text, const char *file, unsigned line,
			     const char *function, void *site)
{
	struct finding f = { .kind = FINDING_ASSERT, .severity = SEVERITY_ERROR, .site_count = 1 };
	char message[512];
	const char *name = file;
	size_t length;

	for (const char *at = file; *at; at++)
		if (*at == '/')
			name = at + 1;
	length = fmt(message, sizeof(message), "%s: %s:%u: %s%sAssertion `%s' failed.\n",
		     engine_process_name(), file, line, function ? function : "",
		     function ? ": " : "", text);
	output_touched = true;
	sys_call3(SYS_write, 2, (long)message,
		  (long)(length < sizeof(message) ? length : sizeof(message) - 1));
	if (signal_effect_of(SIGABRT) == SIGNAL_HANDLED)
		abort();
	f.thread = engine_current->id;
	f.step = engine_world.step;
	f.sites[0].role = SITE_AT;
	f.sites[0].thread = engine_current->id;
	f.sites[0].pc = (uint64_t)(uintptr_t)site;
	f.sites[0].step = UINT32_MAX;
	memcpy(f.sites[0].thread_name, engine_current->name, sizeof(f.sites[0].thread_name));
	fmt(f.text, sizeof(f.text), "%s:%u: %s", name, line, text);
	engine_end_schedule(&f, 134);
}

INTERPOSE void __assert_fail(const char *assertion, const char *file, unsigned line,
			     const char *function)
{
	failed(assertion, file, line, function, CALLER);
}

INTERPOSE void __assert_perror_fail(int error, const char *file, unsigned line,
				    const char *function)
{
	failed(strerrordesc_np(error), file, line, function, CALLER);
}

/* assert() of C libraries and builds that do not pass the function. */
INTERPOSE void __assert(const char *assertion, const char *file, int line)
{
	failed(assertion, file, (unsigned)line, NULL, CALLER);
}
