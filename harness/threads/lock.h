/* SPDX-License-Identifier: Apache-2.0 */
/* The steps around the real call that all locks share: mutexes, rwlocks, spin locks, C11's. */
#ifndef JOSTLE_THREADS_LOCK_H
#define JOSTLE_THREADS_LOCK_H

#include <errno.h>
#include <stddef.h>

#include "threads/checks.h"
#include "threads/held.h"
#include "threads/point.h"

static inline bool lock_begin(enum op_kind kind, const volatile void *object, const void *site,
			      bool timed)
{
	if (!point_begin(&(struct point){ kind, object, NULL, site, timed }))
		return false;
	held_want();
	return true;
}

/* got: the real call says so. Returns its result. */
static inline int lock_end(int result, bool got, const volatile void *object, const void *site,
			   enum op_family family, bool shared)
{
	if (got)
		held_got(object, site, family, shared);
	else
		held_miss();
	point_end();
	return result;
}

static inline bool lock_was_taken(int result)
{
	return result == 0 || result == EOWNERDEAD;
}

static inline bool unlock_begin(enum op_kind kind, const volatile void *object, const void *site)
{
	if (!point_begin(&(struct point){ kind, object, NULL, site, true }))
		return false;
	if (held_is_last(object))
		checks_guarded(object, site);
	held_drop(object);
	return true;
}

static inline int unlock_end(int result, const void *site)
{
	if (result == 0) {
		checks_unguarded(site);
		held_gave();
	}
	point_end();
	return result;
}

#endif
