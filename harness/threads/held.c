/* SPDX-License-Identifier: Apache-2.0 */
/* The gate is the count's highest bit. It is closed for as long as one invariant takes. */
#include "threads/held.h"

#include "base/sys.h"
#include "threads/self.h"

#define GATE (1ULL << 63)

void held_want(void)
{
	uint64_t *held = &perturb_board->held, seen = __atomic_load_n(held, __ATOMIC_RELAXED);

	for (;;) {
		if (seen & GATE) {
			sys_call0(SYS_sched_yield);
			seen = __atomic_load_n(held, __ATOMIC_RELAXED);
		} else if (__atomic_compare_exchange_n(held, &seen, seen + 1, false,
						       __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {
			return;
		}
	}
}

/* Never below 0: a lock may have been taken before there was a board. */
void held_miss(void)
{
	uint64_t *held = &perturb_board->held, seen = __atomic_load_n(held, __ATOMIC_RELAXED);

	while ((seen & ~GATE) && !__atomic_compare_exchange_n(held, &seen, seen - 1, false,
							      __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
		;
}

void held_gave(void)
{
	held_miss();
}

void held_got(const volatile void *object, const void *site, enum op_family family, bool shared)
{
	struct perturb_thread *entry = self.entry;

	if (!entry)
		return;
	if (entry->hold_count >= PERTURB_HOLDS_MAX) {
		entry->holds_lost++;
		return;
	}
	entry->holds[entry->hold_count] = (struct perturb_hold){
		.object = (uint64_t)(uintptr_t)object,
		.site = (uint64_t)(uintptr_t)site,
		.family = family,
		.shared = shared,
	};
	__atomic_store_n(&entry->hold_count, entry->hold_count + 1, __ATOMIC_RELEASE);
}

void held_drop(const volatile void *object)
{
	struct perturb_thread *entry = self.entry;
	uint32_t at;

	if (!entry)
		return;
	at = entry->hold_count;
	while (at > 0 && entry->holds[at - 1].object != (uint64_t)(uintptr_t)object)
		at--;
	if (at == 0)
		return; /* another thread's, or beyond the list's end */
	for (; at < entry->hold_count; at++)
		entry->holds[at - 1] = entry->holds[at];
	__atomic_store_n(&entry->hold_count, entry->hold_count - 1, __ATOMIC_RELEASE);
}

bool held_is_last(const volatile void *object)
{
	const struct perturb_thread *entry = self.entry;
	uint32_t times = 0;

	if (!entry || entry->holds_lost)
		return false;
	for (uint32_t i = 0; i < entry->hold_count; i++)
		times += entry->holds[i].object == (uint64_t)(uintptr_t)object;
	return times == 1;
}

bool held_close(unsigned own)
{
	uint64_t expected = own;

	return __atomic_compare_exchange_n(&perturb_board->held, &expected, GATE | own, false,
					   __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

void held_open(unsigned own)
{
	__atomic_store_n(&perturb_board->held, own, __ATOMIC_SEQ_CST);
}
