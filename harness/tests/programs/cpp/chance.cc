// SPDX-License-Identifier: Apache-2.0
// Chance decides how often each thread locks: seeds of std::random_device, from each of its sources.
// Natively two runs seldom do the same.
#include <cstdio>
#include <mutex>
#include <random>
#include <string>
#include <thread>

int main()
{
	std::mutex lock;
	unsigned turns = 0;
	auto body = [&](const std::string &source) {
		std::random_device device(source);
		std::mt19937 numbers(device());
		for (auto n = numbers() % 40 + 1; n > 0; n--) {
			std::lock_guard<std::mutex> hold(lock);
			turns++;
		}
	};
	std::thread one(body, "default"), other(body, "/dev/urandom");
	one.join();
	other.join();
	std::printf("%u\n", turns);
	return turns < 2;
}
