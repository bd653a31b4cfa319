/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration behind std::atomic<std::shared_ptr>. FIXED=0 also changes one that others read.
 */
#include <atomic>
#include <memory>
#include <thread>

struct configuration {
	int limit, twice;
};

static std::atomic<std::shared_ptr<configuration>> current;

static void reload()
{
	for (int i = 2; i < 4; i++) {
		auto fresh = std::make_shared<configuration>(configuration{ i, 2 * i });

		current.store(fresh);
		if (!FIXED)
			fresh->limit++; /* RACE: it is in use by now */
	}
}

static void use(int *wrong)
{
	for (int i = 0; i < 3; i++) {
		std::shared_ptr<configuration> now = current.load(), same = now;

		*wrong += now->twice < 2 * now->limit - 2;
		current.compare_exchange_strong(same, now);
	}
}

int main()
{
	int wrong = 0;

	current.store(std::make_shared<configuration>(configuration{ 1, 2 }));
	std::thread writer(reload), reader(use, &wrong);
	writer.join();
	reader.join();
	return wrong;
}
