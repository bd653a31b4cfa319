/* SPDX-License-Identifier: Apache-2.0 */
/* What the interception keeps for the program: see engine/kept.h. */
#include "intercept/kept.h"

#include "engine/kept.h"

void kept_regions(void (*add)(void *start, size_t size, void *context), void *context)
{
	void *(*const pieces[])(size_t *) = { key_kept };

	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		size_t size;
		void *start = pieces[i](&size);

		add(start, size, context);
	}
}
