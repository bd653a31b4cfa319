/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ways in which the C++ library hands data from one thread to another, each beside a twin that
 * looks alike and orders nothing.
 */
#include "jostle.h"

#include <atomic>
#include <condition_variable>
#include <future>
#include <list>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>

struct jostle_state {
	long unused;
};

namespace {

/* On the heap: clang does not instrument what a function does to a member of its own variable. */
struct Parcel {
	std::mutex lock;
	std::condition_variable filled;
	std::atomic<bool> ready{ false };
	bool full = false;
	long content = 0;
};

void by_condition(jostle_state *)
{
	const auto owner = std::make_unique<Parcel>();
	Parcel &parcel = *owner;
	long got = 0;
	std::thread taker([&] {
		std::unique_lock<std::mutex> hold(parcel.lock);

		parcel.filled.wait(hold, [&] { return parcel.full; });
		got = parcel.content;
	});

	{
		std::lock_guard<std::mutex> hold(parcel.lock);

		parcel.content = 7;
		parcel.full = true;
	}
	parcel.filled.notify_one();
	taker.join();
	if (got != 7)
		std::abort();
}

void by_condition_too_late(jostle_state *)
{
	const auto owner = std::make_unique<Parcel>(); /* SEE: here it is allocated */
	Parcel &parcel = *owner;
	std::thread taker([&] {
		std::unique_lock<std::mutex> hold(parcel.lock);

		parcel.filled.wait(hold, [&] { return parcel.full; });
		parcel.content++; /* RACE(broken_condition): under the lock, the other is not */
	});

	{
		std::lock_guard<std::mutex> hold(parcel.lock);

		parcel.full = true;
	}
	parcel.filled.notify_one();
	parcel.content = 7; /* RACE(broken_condition): after it was handed over */
	taker.join();
}

template <std::memory_order store, std::memory_order load> long by_atomic(Parcel &parcel)
{
	long got = 0;
	std::thread taker([&] {
		if (parcel.ready.load(load))
			got = parcel.content; /* RACE(broken_atomic): relaxed orders nothing */
	});

	parcel.content = 7; /* RACE(broken_atomic): relaxed orders nothing */
	parcel.ready.store(true, store);
	taker.join();
	return got;
}

void by_release(jostle_state *)
{
	by_atomic<std::memory_order_release, std::memory_order_acquire>(
		*std::make_unique<Parcel>());
}

void by_relaxed(jostle_state *)
{
	by_atomic<std::memory_order_relaxed, std::memory_order_relaxed>(
		*std::make_unique<Parcel>()); /* SEE: here it is allocated */
}

/* The last owner frees what others used. */
void by_shared_pointer(jostle_state *)
{
	auto text = std::make_shared<std::string>("a text that does not fit into the object");
	std::thread one([text] { (void)text->size(); });
	std::thread other([text] { (void)text->size(); });

	text.reset();
	one.join();
	other.join();
}

void by_future(jostle_state *)
{
	long content = 0;
	std::promise<void> filled;
	std::future<void> seen = filled.get_future();
	std::thread filler([&] {
		content = 7;
		filled.set_value();
	});

	seen.wait();
	if (content != 7)
		std::abort();
	filler.join();
}

std::once_flag once;
long from_once;

void by_call_once(jostle_state *)
{
	auto look = [] {
		std::call_once(once, [] { from_once++; });
		return from_once;
	};
	std::thread other(look);

	look();
	other.join();
}

/*
 * Looking up moves an element to the front: two do it, under a lock for reading or for writing. The
 * shelf is left, since a list that was torn may have no end for who walks it.
 */
template <typename Hold> void by_moving_to_the_front(jostle_state *)
{
	struct Shelf { /* SEE: where its list is filled */
		std::shared_mutex lock;
		std::list<int> books{ 1, 2, 3 };
	};
	Shelf *const shelf = new Shelf; /* SEE: here it is allocated */
	const auto look_up = [&shelf] {
		Hold hold(shelf->lock);
		auto &books = shelf->books;

		books.splice(books.begin(), books, --books.end()); /* RACE(broken_list): twice */
	};
	std::thread other(look_up);

	look_up();
	other.join();
}

} // namespace

#define SILENT(name, how)                              \
	JOSTLE_CASE(name) = {                          \
		.title = "Handed over",                \
		.tags = "clean c++",                   \
		.why = "The C++ library orders it.",   \
		.ref = "C++11 30",                     \
		.expect = JOSTLE_PASS,                 \
		.body = how,                           \
	}

SILENT(condition, by_condition);
SILENT(release, by_release);
SILENT(shared_pointer, by_shared_pointer);
SILENT(future, by_future);
SILENT(call_once, by_call_once);
SILENT(list, by_moving_to_the_front<std::unique_lock<std::shared_mutex>>);

JOSTLE_CASE(broken_condition) = {
	.title = "Filled after it was handed over",
	.tags = "race c++",
	.why = "The lock was given back before the content was written.",
	.ref = "C++11 1.10p21",
	.expect = JOSTLE_RACE,
	.body = by_condition_too_late,
};

JOSTLE_CASE(broken_atomic) = {
	.title = "Announced by a relaxed store",
	.tags = "race c++",
	.why = "A relaxed store announces nothing but itself.",
	.ref = "C++11 29.3p11",
	.expect = JOSTLE_RACE,
	.body = by_relaxed,
};

JOSTLE_CASE(broken_list) = {
	.title = "A list turned under a lock for reading",
	.tags = "race c++",
	.why = "Looking up moves what was found, and that is writing.",
	.ref = "C++17 26.3.10.5",
	.expect = JOSTLE_RACE,
	.body = by_moving_to_the_front<std::shared_lock<std::shared_mutex>>,
};
