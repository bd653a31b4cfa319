/* SPDX-License-Identifier: Apache-2.0 */
/* A failed assertion is told with its text and place; then libc ends the program as ever. */
#include <assert.h>

#include "base/fmt.h"
#include "threads/checks.h"
#include "threads/real.h"
#include "threads/self.h"

EXPORT void __assert_fail(const char *assertion, const char *file, unsigned line,
			  const char *function)
{
	const char *name = file;
	char text[FINDING_TEXT_MAX];

	for (const char *at = file; *at; at++)
		if (*at == '/')
			name = at + 1;
	if (perturb_board) {
		self_get();
		fmt(text, sizeof(text), "%s:%u: %s", name, line, assertion);
		checks_report(FINDING_ASSERT, CAUSE_NONE, text, CALLER);
	}
	REAL(__assert_fail)(assertion, file, line, function);
	__builtin_unreachable();
}
