// SPDX-License-Identifier: Apache-2.0
// C++'s own names for the same things: a bounded queue, one-time initialisation that throws, shared
// locks, semaphores, latches, barriers and thread-local destructors. Exits 0 when all adds up.
#include <barrier>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <future>
#include <latch>
#include <mutex>
#include <semaphore>
#include <shared_mutex>
#include <stdexcept>
#include <thread>
#include <vector>

static void require(bool condition, const char *text)
{
	if (condition)
		return;
	std::printf("not so: %s\n", text);
	std::exit(1);
}
#define REQUIRE(condition) require(condition, #condition)

namespace
{
class Queue
{
	std::mutex mutex;
	std::condition_variable filled, emptied;
	std::deque<int> items;

      public:
	void put(int item)
	{
		std::unique_lock lock(mutex);
		emptied.wait(lock, [this] { return items.size() < 2; });
		items.push_back(item);
		filled.notify_one();
	}

	int get()
	{
		std::unique_lock lock(mutex);
		filled.wait(lock, [this] { return !items.empty(); });
		const int item = items.front();
		items.pop_front();
		emptied.notify_one();
		return item;
	}
};

void queue()
{
	Queue q;
	int sum = 0;
	std::thread consumer([&] {
		for (int i = 0; i < 12; i++)
			sum += q.get();
	});
	std::vector<std::thread> producers;
	for (int p = 0; p < 3; p++)
		producers.emplace_back([&q, p] {
			for (int i = 0; i < 4; i++)
				q.put(10 * p + i);
		});
	for (auto &t : producers)
		t.join();
	consumer.join();
	REQUIRE(sum == 3 * (0 + 1 + 2 + 3) + 4 * (0 + 10 + 20));
}

void once()
{
	std::once_flag flag;
	int tries = 0, done = 0, caught = 0;
	std::mutex mutex;
	auto body = [&] {
		try {
			std::call_once(flag, [&] {
				if (++tries == 1)
					throw std::runtime_error("the first try fails");
				done++;
			});
		} catch (const std::runtime_error &) {
			std::lock_guard lock(mutex);
			caught++;
		}
	};
	std::thread a(body), b(body);
	a.join();
	b.join();
	REQUIRE(tries == 2 && done == 1 && caught == 1);
}

struct Counted {
	static inline std::mutex mutex;
	static inline int alive = 0;
	Counted()
	{
		std::lock_guard lock(mutex);
		alive++;
	}
	~Counted()
	{
		std::lock_guard lock(mutex);
		alive--;
	}
};

thread_local Counted counted;

void thread_locals()
{
	std::thread t([] { (void)&counted; });
	t.join();
	REQUIRE(Counted::alive == 0);
}

void sharing()
{
	std::shared_timed_mutex mutex;
	int value = 0, seen = 0;
	std::thread writer([&] {
		std::lock_guard lock(mutex);
		value = 1;
		value = 2;
	});
	std::thread reader([&] {
		std::shared_lock lock(mutex);
		seen = value;
	});
	writer.join();
	reader.join();
	REQUIRE(seen == 0 || seen == 2);
	std::shared_lock held(mutex);
	REQUIRE(!mutex.try_lock_for(std::chrono::milliseconds(1)));
}

void twenty()
{
	std::counting_semaphore<4> semaphore(0);
	std::latch latch(2);
	std::barrier barrier(2);
	int turns = 0;
	std::thread t([&] {
		semaphore.acquire();
		turns++;
		latch.count_down();
		barrier.arrive_and_wait();
		turns++;
		barrier.arrive_and_wait();
	});
	semaphore.release();
	latch.arrive_and_wait();
	REQUIRE(turns == 1);
	barrier.arrive_and_wait();
	barrier.arrive_and_wait();
	REQUIRE(turns == 2);
	t.join();
	REQUIRE(!semaphore.try_acquire_for(std::chrono::milliseconds(1)));
}

void futures()
{
	auto future = std::async(std::launch::async, [] { return 42; });
	REQUIRE(future.get() == 42);
	std::promise<int> promise;
	std::thread t(
		[&] { promise.set_exception(std::make_exception_ptr(std::logic_error("x"))); });
	bool thrown = false;
	try {
		promise.get_future().get();
	} catch (const std::logic_error &) {
		thrown = true;
	}
	t.join();
	REQUIRE(thrown);
}

void timed()
{
	std::timed_mutex mutex;
	std::condition_variable condition;
	std::mutex other;
	std::unique_lock lock(other);
	REQUIRE(condition.wait_for(lock, std::chrono::milliseconds(2)) == std::cv_status::timeout);
	mutex.lock();
	std::thread t([&] { REQUIRE(!mutex.try_lock_for(std::chrono::milliseconds(2))); });
	t.join();
	mutex.unlock();
}
} // namespace

int main()
{
	queue();
	once();
	thread_locals();
	sharing();
	twenty();
	futures();
	timed();
	std::puts("it all adds up");
}
