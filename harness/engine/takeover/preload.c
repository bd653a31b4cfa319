/* SPDX-License-Identifier: Apache-2.0 */
/* See preload.h. Works on the block itself: libc's environ points at it. */
#include "engine/takeover/preload.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "engine/processes/exec.h"
#include "record/board.h"

static bool has_prefix(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static char library[512];

const char *preload_library(void)
{
	return library;
}

/* The first entry of LD_PRELOAD is ours. True: nothing is left. */
static bool strip_preload(char *variable)
{
	char *value = variable + strlen("LD_PRELOAD=");
	char *rest = value;

	while (*rest && *rest != ':' && *rest != ' ')
		rest++;
	if ((size_t)(rest - value) < sizeof(library)) {
		memcpy(library, value, (size_t)(rest - value));
		library[rest - value] = '\0';
	}
	while (*rest == ':' || *rest == ' ')
		rest++;
	memmove(value, rest, strlen(rest) + 1);
	return *value == '\0';
}

void preload_restore_environment(char **envp)
{
	char **to = envp;
	bool bind_ours = false, spin_ours = false;

	for (char **from = envp; *from; from++) {
		bind_ours |= strcmp(*from, BOARD_ENV_BIND "=1") == 0;
		spin_ours |= strcmp(*from, BOARD_ENV_SPIN "=1") == 0;
	}
	for (char **from = envp; *from; from++) {
		if (has_prefix(*from, BOARD_ENV "=") || has_prefix(*from, EXEC_ENV "=") ||
		    has_prefix(*from, BOARD_ENV_BIND "=") || has_prefix(*from, BOARD_ENV_SPIN "="))
			continue;
		if (spin_ours && has_prefix(*from, GOMP_SPIN "="))
			continue;
		if (bind_ours && has_prefix(*from, "LD_BIND_NOW="))
			continue;
		if (has_prefix(*from, "LD_PRELOAD=") && strstr(*from, "libjostle.so") &&
		    strip_preload(*from))
			continue;
		*to++ = *from;
	}
	*to = NULL;
}
