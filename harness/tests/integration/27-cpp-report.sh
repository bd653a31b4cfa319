#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# What a report says of C++: the places are the program's own, though the calls are made in headers
# and by the library; names fit into a line.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

cd "$work" || exit
cat >transfer.cpp <<'END'
#include <mutex>
#include <thread>

struct account {
	std::mutex lock;
	long balance = 100;
};

static void transfer(account &from, account &to, long amount)
{
	std::lock_guard<std::mutex> a(from.lock);
	std::lock_guard<std::mutex> b(to.lock);
	from.balance -= amount;
	to.balance += amount;
}

int main()
{
	account a, b;
	std::thread one([&] { transfer(a, b, 10); });
	std::thread two([&] { transfer(b, a, 20); });

	one.join();
	two.join();
	return 0;
}
END
cat >registry.cpp <<'END'
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <thread>
#include <vector>

class registry {
public:
	std::shared_ptr<int> get(const std::string &key)
	{
		std::shared_lock<std::shared_mutex> held(lock);
		auto at = entries.find(key);

		if (at == entries.end())
			return entries[key] = std::make_shared<int>(0);
		return at->second;
	}

private:
	std::shared_mutex lock;
	std::map<std::string, std::shared_ptr<int>> entries;
};

static void ask(registry &r, int key)
{
	r.get("key " + std::to_string(key));
}

int main()
{
	registry r;
	std::vector<std::thread> threads;

	for (int i = 0; i < 3; i++)
		threads.emplace_back(ask, std::ref(r), i % 2);
	for (auto &thread : threads)
		thread.join();
	return 0;
}
END
cat >deleted.cpp <<'END'
#include <mutex>
#include <thread>

static std::mutex lock;
static int *box;

static void drop()
{
	std::lock_guard<std::mutex> held(lock);
	delete box;
}

int main()
{
	box = new int(1);
	std::thread thread(drop);
	int seen;

	{
		std::lock_guard<std::mutex> held(lock);
		seen = *box;
	}
	thread.join();
	return seen;
}
END
# flat FILE: the first finding in one line. table FILE: its table.
flat() {
	sed -n '/^F1 /,/See it again/p' "$1" | tr -s ' \n' ' '
}
table() {
	sed -n '/^  In /,/^$/p' "$1" | sed '/^$/q'
}
for compiler in "g++ -O0" "g++ -O2" "clang++ -O0"; do
	if ! command -v "${compiler% *}" >/dev/null; then
		skip "$compiler" "not installed"
		continue
	fi
	read -r cxx level <<<"$compiler"
	tap_run "$cxx" -std=c++17 -g "$level" -pthread transfer.cpp -o transfer ||
		not_ok "$compiler: transfer.cpp builds"
	"$JOSTLE" run --until-first --out transfer-out -- ./transfer >transfer.txt
	flat transfer.txt >transfer.flat
	table transfer.txt >transfer.table
	check_output 'T1 (main::\{lambda(#1)?\}|transfer) was created at transfer\.cpp:20 in main\(\)' \
		"$compiler: a thread has its function's name and is created where the program says" \
		cat transfer.flat
	check_output 'holds mutex#[12] [ab]\.lock of main\(\), taken at transfer\.cpp:11 in transfer\(\)' \
		"$compiler: a lock was taken in the program" cat transfer.flat
	check_output '^ +11: std::lock_guard' "$compiler: so says the table" cat transfer.table
	check_output '^  In .*transfer\.cpp:$' "$compiler: which is of the program's file" cat transfer.table
	check_status 1 "$compiler: and names no header" grep -E 'gthr|mutex[.:h]*:[0-9]' transfer.table

	tap_run "$JOSTLE" c++ --compiler="$cxx" -std=c++17 -g "$level" -pthread registry.cpp -o registry ||
		not_ok "$compiler: registry.cpp builds"
	"$JOSTLE" run -n 60 --confirm 0 --out registry-out -- ./registry >registry.txt
	flat registry.txt >registry.flat
	table registry.txt >registry.table
	tr -s ' \n' ' ' <registry.txt >registry.all
	check_output 'race: (read|write) in registry::get\(\) / write in registry::get\(\) on r\.entries of main\(\) ' \
		"$compiler: a variable of main in a title" cat registry.all
	check_output 'race: (read|write) in registry::get\(\) / write in registry::get\(\) on memory of registry::get\(\) ' \
		"$compiler: memory is its whose call allocated it" cat registry.all
	check_output 'allocated the [0-9]+ bytes that hold it at registry\.cpp:16 in registry::get\(\)' \
		"$compiler: with the line" cat registry.all
	check_output 'to read, taken at registry\.cpp:12 in registry::get\(\)' \
		"$compiler: the lock, too" cat registry.flat
	check_output 'T[123] ask was created by T0 main at registry\.cpp:' \
		"$compiler: a thread that a container made" cat registry.flat
	check_output '^ +race .*memory#1' "$compiler: the race is in the table" cat registry.table
	check_status 1 "$compiler: no name of the library fills lines" \
		grep -E '#[0-9]+ .*(std::char_traits<.*,|std::allocator<)' registry.txt
	check_output ', F[0-9]+.* error: .*; at the lines of F[0-9]+$' \
		"$compiler: what one line does inside the library is told once" cat registry.txt
	check "$compiler: so there are few findings" test "$(grep -c '^F[0-9]*  race' registry.txt)" -le 20

	tap_run "$JOSTLE" c++ --compiler="$cxx" -std=c++17 -g "$level" -pthread deleted.cpp -o deleted ||
		not_ok "$compiler: deleted.cpp builds"
	"$JOSTLE" run -n 100 --out deleted-out -- ./deleted | tr -s ' \n' ' ' >deleted.flat
	check_output 'T1 drop earlier: frees memory#1 at deleted\.cpp:10 in drop\(\)' \
		"$compiler: who deleted it" cat deleted.flat
	check_output 'T0 main allocated the 4 bytes that hold it at deleted\.cpp:15 in main\(\)' \
		"$compiler: who made it" cat deleted.flat
	check_output 'here frees memory#1 10: delete box' "$compiler: both in the table" cat deleted.flat
done

# In C, too, what a library calls for the program is where the program called the library.
cat >wrapper.c <<'END'
#include <pthread.h>
void wrapped_lock(pthread_mutex_t *lock);
void wrapped_lock(pthread_mutex_t *lock) { pthread_mutex_lock(lock); }
END
cat >user.c <<'END'
#include <pthread.h>
void wrapped_lock(pthread_mutex_t *lock);
static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER, two = PTHREAD_MUTEX_INITIALIZER;
static void *other(void *unused)
{
	wrapped_lock(&two);
	wrapped_lock(&one);
	pthread_mutex_unlock(&one);
	pthread_mutex_unlock(&two);
	return unused;
}
int main(void)
{
	pthread_t thread;
	pthread_create(&thread, NULL, other, NULL);
	wrapped_lock(&one);
	wrapped_lock(&two);
	pthread_mutex_unlock(&two);
	pthread_mutex_unlock(&one);
	pthread_join(thread, NULL);
	return 0;
}
END
gcc -O1 -shared -fPIC wrapper.c -o libwrapper.so
gcc -g -O1 -pthread user.c -o user -L. -lwrapper -Wl,-rpath,"$work"
"$JOSTLE" run --until-first --out user-out -- ./user >user.txt
table user.txt >user.table
check_output '^ +16: wrapped_lock\(&one\)' "a library's call is the program's" cat user.table
check_output '^ +6: wrapped_lock\(&two\)' "in each thread" cat user.table

# An instruction that is patched stands on the stack as well.
cat >take.c <<'END'
int wrapped_take(int *flag);
int wrapped_take(int *flag) { return __atomic_exchange_n(flag, 1, __ATOMIC_SEQ_CST); }
END
cat >taker.c <<'END'
#include <assert.h>
#include <pthread.h>
int wrapped_take(int *flag);
static int flag;
static const char *first;
static void *take(void *name)
{
	if (!wrapped_take(&flag))
		first = name;
	return NULL;
}
int main(void)
{
	pthread_t one, two;
	pthread_create(&one, NULL, take, "one");
	pthread_create(&two, NULL, take, "two");
	pthread_join(one, NULL);
	pthread_join(two, NULL);
	assert(first[0] == 'o');
	return 0;
}
END
gcc -O2 -fomit-frame-pointer -shared -fPIC take.c -o libtake.so
gcc -g -O2 -pthread taker.c -o taker -L. -ltake -Wl,-rpath,"$work"
"$JOSTLE" run --until-first --out taker-out -- ./taker >taker.txt
table taker.txt | tr -s ' \n' ' ' >taker.flat
check_output 'atomically updates memory#1 flag 8: if \(!wrapped_take\( ?&flag\)\)' \
	"an atomic instruction of a library is the program's" cat taker.flat

finish
