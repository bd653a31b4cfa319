// SPDX-License-Identifier: Apache-2.0
// Who waits for an atomic object looks some rounds long, and sleeps then. With an argument nobody
// wakes it.
#include <atomic>
#include <thread>

int main(int argc, char **)
{
	std::atomic<int> flag{ 0 };
	std::thread sleeper([&] { flag.wait(0); });

	flag.store(1);
	if (argc == 1)
		flag.notify_one();
	sleeper.join();
	return 0;
}
