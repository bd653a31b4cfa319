// SPDX-License-Identifier: Apache-2.0
// Without optimisation an atomic load is a call, also in a loop that waits for it.
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

int main()
{
	std::atomic<bool> ready{ false };
	std::atomic<int> stage{ 0 };
	int data = 0;
	std::thread reader([&] {
		while (!ready.load(std::memory_order_acquire))
			;
		while (stage != 3)
			;
		assert(data == 1);
	});
	auto shared = std::make_shared<int>(1);
	std::thread writer([&data, &ready, &stage, shared] {
		data = *shared;
		ready = true;
		stage.store(3, std::memory_order_release);
	});
	shared.reset();
	reader.join();
	writer.join();
	return 0;
}
