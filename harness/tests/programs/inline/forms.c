/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Atomic instructions of every form, each with its result, its flags and the registers that it
 * must leave alone: each operand form, size and prefix that a compiler emits.
 */
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <ucontext.h>

#include "../must.h"

static uint8_t byte_word = 200;
static uint16_t short_word = 7;
static uint32_t word = 40;
static uint64_t long_words[64];
static __thread uint64_t own = 5;
static struct {
	uint64_t low, high;
} __attribute__((aligned(16))) pair = { 1, 2 };

static void relative(void)
{
	uint8_t carry;

	__asm__ volatile("lock addb $100, %1; setc %0" : "=r"(carry), "+m"(byte_word));
	must(carry == 1 && byte_word == 44);
	__asm__ volatile("lock incw %0" : "+m"(short_word));
	must(short_word == 8);
	__asm__ volatile("lock addl $1000000, word(%%rip)" : : : "memory", "cc");
	must(word == 1000040);
	__asm__ volatile("lock subw $1000, short_word(%%rip)" : : : "memory", "cc");
	must(short_word == (uint16_t)(8 - 1000));
	__asm__ volatile("lock btsq $33, 8+long_words(%%rip); setc %0"
			 : "=r"(carry)
			 :
			 : "memory", "cc");
	must(carry == 0 && long_words[1] == 1ULL << 33);
	__asm__ volatile("lock btsq $33, 8+long_words(%%rip); setc %0"
			 : "=r"(carry)
			 :
			 : "memory", "cc");
	must(carry == 1);
}

static void indexed(void)
{
	uint64_t old = 3, index = 5;
	uint32_t exchanged = 77;

	long_words[5] = 10;
	__asm__ volatile("lock xaddq %0, (%1,%2,8)"
			 : "+r"(old)
			 : "r"(long_words), "r"(index)
			 : "memory", "cc");
	must(old == 10 && long_words[5] == 13);
	__asm__ volatile("mov %0, %%r13; mov %1, %%r12; lock decq 8(%%r13,%%r12,8)"
			 :
			 : "r"(long_words), "r"(index - 1)
			 : "r12", "r13", "memory", "cc");
	must(long_words[5] == 12);
	__asm__ volatile("mov %0, %%r12; lock orq $1, 40(%%r12)"
			 :
			 : "r"(long_words)
			 : "r12", "memory", "cc");
	must(long_words[5] == 13);
	__asm__ volatile("mov %0, %%r13; lock andq $-2, 0x28(%%r13)"
			 :
			 : "r"(long_words)
			 : "r13", "memory", "cc");
	must(long_words[5] == 12);
	__asm__ volatile("xchgl %0, %1" : "+r"(exchanged), "+m"(word));
	must(exchanged == 1000040 && word == 77);
	__asm__ volatile("xchgb %%ah, %0" : "+m"(byte_word) : "a"(0x4200L));
	must(byte_word == 0x42);
}

static void absolute_and_own(void)
{
	__asm__ volatile("lock addq $2, %0" : "+m"(own));
	must(own == 7);
	/* No base, an index alone. */
	__asm__ volatile("lock incq (,%0,8)"
			 :
			 : "r"((uintptr_t)&long_words[7] / 8)
			 : "memory", "cc");
	must(long_words[7] == 1);
	/* A fence on the stack, as compilers have it. */
	__asm__ volatile("lock orq $0, (%%rsp); pause; mfence; rep nop" : : : "memory", "cc");
}

static void compared(void)
{
	uint64_t expected = 12, low = 1, high = 3;
	uint8_t equal;

	__asm__ volatile("lock cmpxchgq %3, %1; sete %0"
			 : "=r"(equal), "+m"(long_words[5]), "+a"(expected)
			 : "r"(99L));
	must(equal && long_words[5] == 99);
	__asm__ volatile("lock cmpxchgq %3, %1; sete %0"
			 : "=r"(equal), "+m"(long_words[5]), "+a"(expected)
			 : "r"(100L));
	must(!equal && expected == 99);
	__asm__ volatile("lock cmpxchg16b %1; sete %0"
			 : "=r"(equal), "+m"(pair), "+a"(low), "+d"(high)
			 : "b"(8L), "c"(9L));
	must(!equal && low == 1 && high == 2);
	__asm__ volatile("lock cmpxchg16b %1; sete %0"
			 : "=r"(equal), "+m"(pair), "+a"(low), "+d"(high)
			 : "b"(8L), "c"(9L));
	must(equal && pair.low == 8 && pair.high == 9);
}

/* Vector and floating point registers stay, as does what lies below the stack pointer. */
static void beside(void)
{
	double x = 1.5, y;
	uint64_t red;

	__asm__ volatile("movsd %2, %%xmm7; movq $1234, -100(%%rsp); lock incl %3; movq "
			 "-100(%%rsp), %1; movsd %%xmm7, %0"
			 : "=m"(y), "=r"(red)
			 : "m"(x), "m"(word)
			 : "xmm7", "memory", "cc");
	must(y == 1.5 && red == 1234 && word == 78);
}

static volatile sig_atomic_t traps, faults;

static void on_trap(int signo, siginfo_t *info, void *context)
{
	(void)info;
	(void)context;
	traps += signo == SIGTRAP;
}

static void on_fault(int signo, siginfo_t *info, void *context)
{
	static uint64_t there = 41;
	ucontext_t *uc = context;

	faults += signo == SIGSEGV && info->si_addr == (void *)16;
	uc->uc_mcontext.gregs[REG_RAX] = (greg_t)(uintptr_t)&there;
}

/* Breakpoints and faults that are the program's own; the instruction that faulted runs again. */
static void signals(void)
{
	struct sigaction action = { .sa_sigaction = on_trap, .sa_flags = SA_SIGINFO };
	uint64_t *at = (uint64_t *)16;

	must(sigaction(SIGTRAP, &action, NULL) == 0);
	__asm__ volatile("int3");
	must(traps == 1);
	action.sa_sigaction = on_fault;
	must(sigaction(SIGSEGV, &action, NULL) == 0);
	__asm__ volatile("lock incq (%0)" : "+a"(at) : : "memory", "cc");
	must(faults == 1 && *at == 42);
}

static uint64_t other;

/* Others have their turn at each of them. */
static void *beside_them(void *unused)
{
	for (int i = 0; i < 20; i++)
		__asm__ volatile(
			"lock incq %0; mov $0x5555, %%r12; xor %%r13d, %%r13d; pxor %%xmm7, %%xmm7"
			: "+m"(other)
			:
			: "r12", "r13", "xmm7", "cc");
	return unused;
}

int main(void)
{
	pthread_t thread;

	must(pthread_create(&thread, NULL, beside_them, NULL) == 0);
	relative();
	indexed();
	absolute_and_own();
	compared();
	beside();
	signals();
	must(pthread_join(thread, NULL) == 0 && other == 20);
	return 0;
}
