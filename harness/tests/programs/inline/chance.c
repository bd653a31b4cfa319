/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers that the processor draws, of every form of the instruction, decide how often each thread
 * locks. It ends with 1 where the processor has no such instruction.
 */
#include <cpuid.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "../must.h"

#define MANY 3000 /* more than one place of an atomic instruction may trap */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static uint64_t draw(void)
{
	uint64_t number = 0;
	uint8_t there = 0;

	while (!there)
		__asm__ volatile("rdrand %0; setc %1" : "=r"(number), "=qm"(there) : : "cc");
	return number;
}

static void forms(void)
{
	uint64_t low = 0, high = 0, short_one = 0;
	uint8_t carry = 0, zero = 1;

	do
		__asm__ volatile(
			"mov $-1, %%rax; mov $-1, %%r9; mov $-1, %%rdx; rdrand %%eax; setc %3;"
			"setz %4; rdrand %%r9w; rdrand %%r15; mov %%r15, %1"
			: "=&a"(low), "=&r"(high), "=&d"(short_one), "=&q"(carry), "=&q"(zero)
			:
			: "r9", "r15", "cc");
	while (!carry);
	must(low >> 32 == 0 && zero == 0);
	__asm__ volatile("mov $-1, %0; rdrand %w0" : "=r"(short_one) : : "cc");
	must(short_one >> 16 == 0xffffffffffff);
}

static bool has(unsigned leaf, unsigned wanted_ebx, unsigned wanted_ecx)
{
	unsigned eax, ebx, ecx, edx;

	return __get_cpuid_count(leaf, 0, &eax, &ebx, &ecx, &edx) &&
	       (ebx & wanted_ebx) == wanted_ebx && (ecx & wanted_ecx) == wanted_ecx;
}

static void seed_and_processor(void)
{
	uint64_t number = 0;
	uint8_t there = 0;

	if (has(7, bit_RDSEED, 0))
		while (!there)
			__asm__ volatile("rdseed %0; setc %1"
					 : "=r"(number), "=qm"(there)
					 :
					 : "cc");
	for (uint64_t n = number % 5; n > 0; n--)
		pthread_mutex_unlock((pthread_mutex_lock(&lock), &lock));
	if (!has(7, 0, bit_RDPID))
		return;
	__asm__ volatile("rdpid %0" : "=r"(number));
	for (uint64_t n = number & 0xfff; n > 0; n--)
		pthread_mutex_unlock((pthread_mutex_lock(&lock), &lock));
}

static void *work(void *unused)
{
	uint64_t all = 0;

	for (int i = 0; i < MANY; i++)
		all ^= draw();
	for (uint64_t n = all % 11; n > 0; n--) {
		pthread_mutex_lock(&lock);
		pthread_mutex_unlock(&lock);
	}
	return unused;
}

int main(void)
{
	pthread_t threads[2];

	if (!has(1, 0, bit_RDRND))
		return 1;
	forms();
	seed_and_processor();
	for (int i = 0; i < 2; i++)
		must(pthread_create(&threads[i], NULL, work, NULL) == 0);
	for (int i = 0; i < 2; i++)
		must(pthread_join(threads[i], NULL) == 0);
	return 0;
}
