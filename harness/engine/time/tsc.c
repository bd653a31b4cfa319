/* SPDX-License-Identifier: Apache-2.0 */
/* Readings of the time-stamp counter; see tsc.h. */
#include "engine/time/tsc.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <time.h>

#include "base/sys.h"
#include "engine/calls/call_time.h"
#include "engine/calls/system.h"
#include "engine/engine.h"
#include "engine/fault.h"
#include "engine/fiber.h"
#include "engine/processes/process.h"

static bool given_back; /* the program asked for the real one */

static void set(long setting)
{
	sys_call2(SYS_prctl, PR_SET_TSC, setting);
}

void tsc_take(void)
{
	set(PR_TSC_SIGSEGV);
}

void tsc_release(void)
{
	set(PR_TSC_ENABLE);
}

void tsc_reset(void)
{
	if (given_back)
		tsc_take();
	given_back = false;
}

/* That it may be read is what the program finds. Who asks for it knows that it may be refused. */
long tsc_set(long setting)
{
	if (setting != PR_TSC_ENABLE && setting != PR_TSC_SIGSEGV)
		return -EINVAL;
	if (setting == PR_TSC_SIGSEGV) {
		engine_note("the program wants readings of the processor's counter (rdtsc) to be "
			    "faults: they are not");
		return 0;
	}
	engine_note("the program asked for the processor's own counter (rdtsc): what it decides by "
		    "it is not controlled");
	given_back = true;
	tsc_release();
	return 0;
}

long tsc_get(int *setting)
{
	if (!setting)
		return -EFAULT;
	*setting = PR_TSC_ENABLE;
	return 0;
}

#if defined(__x86_64__)
/* Length of the instruction, when it is one of the two. No byte is looked at that does not belong
 * to the instruction there. */
static unsigned length_at(const unsigned char *code)
{
	if (code[0] != 0x0f)
		return 0;
	if (code[1] == 0x31) /* rdtsc */
		return 2;
	return code[1] == 0x01 && code[2] == 0xf9 ? 3 : 0; /* rdtscp */
}

/* On the fiber's stack: reading the clock may be a scheduling point. Returning enters sud_restorer
 * with the registers of context. */
static void read_counter(int signo, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	greg_t *r = uc->uc_mcontext.gregs;
	uint64_t ns = 0;

	(void)signo;
	(void)info;
	time_read(CLOCK_MONOTONIC, &ns, (void *)(uintptr_t)r[REG_RIP]);
	r[REG_RAX] = (greg_t)(ns & UINT32_MAX);
	r[REG_RDX] = (greg_t)(ns >> 32);
}

bool tsc_answer(int signo, const siginfo_t *info, ucontext_t *uc)
{
	greg_t *r = uc->uc_mcontext.gregs;
	unsigned length;

	/* The kernel tells of a general protection fault by these two, also of an address that is
	 * none at all, and of no instruction that could not be read. */
	if (signo != SIGSEGV || info->si_code != SI_KERNEL || info->si_addr)
		return false;
	/* Some processors say so after the jump to where there is no code. */
	if ((uintptr_t)r[REG_RIP] >> 47)
		return false;
	length = length_at((const unsigned char *)(uintptr_t)r[REG_RIP]);
	if (length == 0)
		return false;
	if (process_is_child) {
		tsc_release();
		return true;
	}
	r[REG_RIP] += length;
	if (length == 3)
		r[REG_RCX] = 0; /* processor and node, as getcpu says */
	if (engine_aside() || fiber_engine_has_stack((uintptr_t)r[REG_RSP]))
		read_counter(signo, NULL, uc);
	else
		fault_continue(signo, info, uc, fault_stack_below(uc), read_counter);
	return true;
}
#endif
