/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A C++ program as people write them: a bounded queue with std::condition_variable (plain and timed
 * waits), std::thread workers whose exceptions travel through std::exception_ptr and std::future,
 * std::async, thread_local objects with destructors, std::call_once, a recursive and a shared mutex.
 *
 * All checks itself; what it prints does not depend on the schedule, so that every schedule must
 * print the same, natively and under control.
 */
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <exception>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

namespace {

void must(bool condition, const char *what)
{
	if (condition)
		return;
	std::fprintf(stderr, "workshop: %s\n", what);
	std::abort();
}

/* Per thread: counts what lives and dies in which thread. */
std::atomic<int> notebooks_alive{0};
std::mutex ledger_lock;
std::map<std::string, int> ledger; /* written by destructors of thread_local objects */

class Notebook {
public:
	Notebook() { ++notebooks_alive; }
	~Notebook()
	{
		std::lock_guard<std::mutex> hold(ledger_lock);
		ledger[owner] += entries;
		--notebooks_alive;
	}
	void write(const std::string &name)
	{
		owner = name;
		++entries;
	}

private:
	std::string owner;
	int entries = 0;
};

thread_local Notebook notebook;
thread_local std::unique_ptr<std::vector<int>> scratch;

class Queue {
public:
	explicit Queue(size_t room) : room_(room) {}
	void put(int item)
	{
		std::unique_lock<std::mutex> hold(lock_);
		not_full_.wait(hold, [this] { return items_.size() < room_; });
		items_.push_back(item);
		not_empty_.notify_one();
	}
	void close()
	{
		std::lock_guard<std::mutex> hold(lock_);
		closed_ = true;
		not_empty_.notify_all();
	}
	/* Waits in slices, as programs do that also want to look at something else now and then. */
	bool take(int &item, int &slices)
	{
		std::unique_lock<std::mutex> hold(lock_);
		while (!not_empty_.wait_for(hold, 20ms,
					    [this] { return closed_ || !items_.empty(); }))
			++slices;
		if (items_.empty())
			return false;
		item = items_.front();
		items_.pop_front();
		not_full_.notify_one();
		return true;
	}

private:
	std::mutex lock_;
	std::condition_variable not_full_, not_empty_;
	std::deque<int> items_;
	size_t room_;
	bool closed_ = false;
};

struct Refused : std::runtime_error {
	explicit Refused(int which) : std::runtime_error("item " + std::to_string(which)), item(which) {}
	int item;
};

int process(int item)
{
	if (!scratch)
		scratch = std::make_unique<std::vector<int>>();
	scratch->push_back(item);
	if (item % 7 == 3)
		throw Refused(item);
	return item * item;
}

/* Exceptions of other threads are thrown again in main: the unwinder runs on several fibers. */
void workers_and_exceptions()
{
	Queue queue(2);
	std::mutex result_lock;
	long sum = 0;
	std::vector<std::exception_ptr> refused;
	std::vector<std::thread> workers;
	int slices[3] = {};

	for (int w = 0; w < 3; w++)
		workers.emplace_back([&, w] {
			int item;

			while (queue.take(item, slices[w])) {
				notebook.write("worker");
				try {
					const int value = process(item);
					std::lock_guard<std::mutex> hold(result_lock);
					sum += value;
				} catch (const Refused &) {
					std::this_thread::yield(); /* others unwind meanwhile */
					std::lock_guard<std::mutex> hold(result_lock);
					refused.push_back(std::current_exception());
				}
			}
		});
	for (int item = 0; item < 20; item++)
		queue.put(item);
	queue.close();
	for (auto &worker : workers)
		worker.join();

	int refused_items = 0;
	for (auto &pointer : refused) {
		try {
			std::rethrow_exception(pointer);
		} catch (const Refused &e) {
			refused_items += e.item;
			must(e.what() == "item " + std::to_string(e.item), "an exception changed");
		}
	}
	std::printf("sum %ld, %zu refused, items %d\n", sum, refused.size(), refused_items);
}

/* A nested throw in each of several threads at once, with destructors that run on the way. */
int depths(int depth)
{
	struct Step {
		int &count;
		~Step()
		{
			++count;
			std::this_thread::yield();
		}
	};
	int unwound = 0;
	std::function<void(int)> down = [&](int left) {
		Step step{unwound};
		if (left == 0)
			throw Refused(depth);
		down(left - 1);
	};
	try {
		down(depth);
	} catch (const Refused &e) {
		must(e.item == depth, "somebody else's exception was caught");
		must(std::uncaught_exceptions() == 0, "an exception was left over");
	}
	return unwound;
}

void futures()
{
	std::vector<std::future<int>> answers;
	std::promise<int> broken;
	auto promised = broken.get_future();
	int unwound = 0, thrown = 0;

	for (int depth = 1; depth <= 3; depth++)
		answers.push_back(std::async(std::launch::async, [depth] {
			notebook.write("async");
			return depths(depth);
		}));
	answers.push_back(std::async(std::launch::deferred, depths, 4));
	auto failing = std::async(std::launch::async, [] {
		notebook.write("async");
		return process(10);
	});
	std::packaged_task<int(int)> task(process);
	auto packaged = task.get_future();
	std::thread runner(std::move(task), 6);
	std::thread breaker([&broken] {
		try {
			throw std::logic_error("broken");
		} catch (...) {
			broken.set_exception(std::current_exception());
		}
	});
	while (packaged.wait_for(1ms) != std::future_status::ready)
		std::this_thread::sleep_for(1ms);
	for (auto &answer : answers)
		unwound += answer.get();
	try {
		failing.get();
	} catch (const Refused &) {
		++thrown;
	}
	try {
		promised.get();
	} catch (const std::logic_error &) {
		++thrown;
	}
	runner.join();
	breaker.join();
	std::printf("unwound %d, thrown %d, packaged %d\n", unwound, thrown, packaged.get());
}

void other_locks()
{
	std::once_flag once;
	std::shared_mutex shared;
	std::recursive_timed_mutex recursive;
	std::atomic<int> first{0};
	int value = 0, timeouts = 0;
	std::vector<std::thread> threads;

	for (int i = 0; i < 3; i++)
		threads.emplace_back([&, i] {
			/* The first call throws, so that another one has to do it. */
			static std::atomic<int> tries;
			try {
				std::call_once(once, [&] {
					if (tries++ == 0)
						throw Refused(0);
					first++;
				});
			} catch (const Refused &) {
				std::call_once(once, [&] { first++; });
			}
			if (i == 0) {
				std::unique_lock<std::shared_mutex> hold(shared);
				value = 5;
			} else {
				std::shared_lock<std::shared_mutex> hold(shared);
				must(value == 0 || value == 5, "a half-written value");
			}
			std::unique_lock<std::recursive_timed_mutex> hold(recursive, std::defer_lock);
			while (!hold.try_lock_for(5ms))
				++timeouts;
			std::lock_guard<std::recursive_timed_mutex> again(recursive);
		});
	for (auto &thread : threads)
		thread.join();
	(void)timeouts;
	std::printf("once %d, value %d\n", first.load(), value);
}

} /* namespace */

int main()
{
	notebook.write("main");
	workers_and_exceptions();
	futures();
	other_locks();
	must(notebooks_alive == 1, "a thread_local object outlived its thread");
	for (const auto &line : ledger)
		if (line.second)
			std::printf("%s wrote %d\n", line.first.c_str(), line.second);
	return 0;
}
