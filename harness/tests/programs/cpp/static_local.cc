/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A static local of C++ is made by whoever comes first, and the others wait for it. The same by
 * hand, with a flag that nobody guards, is a race on the flag and on what it announces.
 */
#include "jostle.h"

#include <cstddef>
#include <stdexcept>

struct jostle_state {
	long seen[2];
};

namespace {

struct Table {
	long entries[4];

	explicit Table(long start)
	{
		for (std::size_t i = 0; i < 4; i++)
			entries[i] = start + static_cast<long>(i);
	}

	long sum() const
	{
		long result = 0;

		for (long entry : entries)
			result += entry;
		return result;
	}
};

long guarded()
{
	static const Table table(1);

	return table.sum();
}

bool failed_once; /* written by whoever makes the table, one at a time */

long start_or_throw()
{
	if (!failed_once) {
		failed_once = true;
		throw std::runtime_error("the first attempt fails");
	}
	return 1;
}

/* Whoever finds it not made after an exception makes it. */
long guarded_at_last()
{
	for (;;)
		try {
			static const Table table(start_or_throw());

			return table.sum();
		} catch (const std::runtime_error &) {
		}
}

long values[4];
bool made;

long by_hand()
{
	if (!made) { /* RACE: made by two, or seen before what it announces */
		values[0] = 10; /* RACE: made by two */
		made = true; /* RACE: nothing keeps it behind the value */
	}
	return values[0]; /* RACE: perhaps made, perhaps not */
}

template <long (*look)(), int who> void body(jostle_state *s)
{
	s->seen[who] = look();
}

} // namespace

JOSTLE_CASE(fixed) = {
	.title = "A static local, made by whoever comes first",
	.tags = "clean c++",
	.why = "The compiler guards it.",
	.ref = "C++11 6.7p4",
	.expect = JOSTLE_PASS,
	.threads = { { "first", body<guarded, 0> }, { "second", body<guarded, 1> } },
};

JOSTLE_CASE(fixed_after_exception) = {
	.title = "A static local that is made at the second attempt",
	.tags = "clean c++",
	.why = "Who failed hands over what it did to who tries next.",
	.ref = "C++11 6.7p4",
	.expect = JOSTLE_PASS,
	.threads = { { "first", body<guarded_at_last, 0> },
		     { "second", body<guarded_at_last, 1> } },
};

JOSTLE_CASE(broken) = {
	.title = "Made by hand, behind a flag that nobody guards",
	.tags = "race c++",
	.why = "Two threads find the flag not set, or one sees it before the value.",
	.ref = "C++11 1.10p21",
	.expect = JOSTLE_RACE,
	.threads = { { "first", body<by_hand, 0> }, { "second", body<by_hand, 1> } },
};
