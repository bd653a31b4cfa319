/* SPDX-License-Identifier: Apache-2.0 */
/* Creates and parks the real threads that lend fibers their thread-local storage. */
#include "engine/pool.h"

#include <asm/ldt.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>

#include "base/insist.h"
#include "base/sys.h"
#include "engine/fiber.h"
#include "engine/heap/heap.h"
#include "engine/takeover/real.h"

static struct slot slots[THREADS_MAX];
static uint32_t slot_count;
static uint32_t guards_moved;
static uint32_t never; /* the futex that parked threads wait on; nobody ever wakes it */
/* A parked thread executes two instructions of user code after it stepped off; it needs no stack,
 * just an address. */
static char parking[64] __attribute__((aligned(64)));

/* libc's, since 2.35: where a thread's area for restartable sequences lies. */
extern const ptrdiff_t __rseq_offset __attribute__((weak));

void pool_leave_rseq(void)
{
	enum { AREA_SIZE = 32, UNREGISTER = 1, SIGNATURE = 0x53053053 };

	if (&__rseq_offset)
		sys_call4(SYS_rseq, (long)fiber_fs() + __rseq_offset, AREA_SIZE, UNREGISTER,
			  SIGNATURE);
}

ptrdiff_t pool_robust_offset;

static void note_robust_list(void)
{
	uint64_t head = 0, size;

	if (sys_call3(SYS_get_robust_list, 0, (long)&head, (long)&size) == 0 && head)
		pool_robust_offset = (ptrdiff_t)(head - fiber_fs());
}

/* The thread's whole life: note where its storage and stack are, say so, and leave the stack to the
 * fiber. */
static void *park(void *argument)
{
	struct slot *slot = argument;

	pool_leave_rseq();
	note_robust_list();
	slot->fs = fiber_fs();
	/* A page border, so that no page belongs to both a stack and the storage: each is restored
	 * only when it was used. */
	slot->tls_low = ((uintptr_t)__builtin_frame_address(0) - 64) & ~(uintptr_t)4095;
	__atomic_store_n(&slot->ready, 1, __ATOMIC_RELEASE);
	sys_call3(SYS_futex, (long)&slot->ready, FUTEX_WAKE, 1);
	__asm__ volatile("movq %0, %%rsp\n"
			 "1:\n\t"
			 "movl %1, %%eax\n\t"
			 "movq %2, %%rdi\n\t"
			 "xorl %%esi, %%esi\n\t"
			 "xorl %%edx, %%edx\n\t"
			 "xorl %%r10d, %%r10d\n\t"
			 "syscall\n\t"
			 "jmp 1b"
			 :
			 : "r"(parking + sizeof(parking)), "i"(SYS_futex), "r"(&never)
			 : "memory");
	__builtin_unreachable();
}

static int map_slot(struct slot *slot, uint32_t index)
{
	const uintptr_t base = POOL_BASE + index * POOL_STRIDE;
	const uintptr_t size = STACK_GUARD + STACK_SLACK + POOL_STACK + (64UL << 10);
	long address =
		sys_call6(SYS_mmap, (long)base, (long)size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

	if (address < 0)
		return (int)address;
	sys_call3(SYS_madvise, (long)base, (long)size, MADV_NOHUGEPAGE);
	slot->index = index;
	slot->guard = base;
	slot->low = base + STACK_GUARD;
	slot->high = base + size;
	return (int)sys_call3(SYS_mprotect, (long)base, STACK_GUARD, PROT_NONE);
}

/* Parks a thread whose storage ends at @high. It is told of a whole stack, since libc's functions
 * ask how much of it they may use; it touches the uppermost KiB. */
static int start_parked(struct slot *slot, uintptr_t high)
{
	pthread_attr_t attributes;
	pthread_t handle;
	int error;

	pthread_attr_init(&attributes);
	pthread_attr_setstack(&attributes, (void *)(high - POOL_STACK), POOL_STACK);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_JOINABLE);
	error = real.pthread_create(&handle, &attributes, park, slot);
	pthread_attr_destroy(&attributes);
	if (error)
		return -error;
	while (!__atomic_load_n(&slot->ready, __ATOMIC_ACQUIRE))
		sys_call4(SYS_futex, (long)&slot->ready, FUTEX_WAIT, 0, 0);
	slot->tls_high = high;
	return 0;
}

/* The selector of a segment that begins at @base; 0: there can be none. */
static uint16_t make_segment(uint32_t number, uint64_t base)
{
#if defined(__x86_64__)
	const struct user_desc segment = {
		.entry_number = number,
		.base_addr = (unsigned)base,
		.limit = 0xfffff,
		.seg_32bit = 1,
		.limit_in_pages = 1,
		.useable = 1,
	};

	if (base >> 32 == 0 && fiber_fsgsbase &&
	    sys_call3(SYS_modify_ldt, 1, (long)&segment, sizeof(segment)) == 0)
		return (uint16_t)(number << 3 | 7); /* of the local table, of user mode */
#else
	(void)number;
	(void)base;
#endif
	return 0;
}

/* Memory below 4 GiB for a slot's storage; 0: there is none, or not enough. */
static uintptr_t low_storage(uint32_t index)
{
	const uintptr_t low = POOL_TLS_BASE + index * POOL_TLS_STRIDE;
	long got;

	if (!real.get_minstack || real.get_minstack(NULL) > POOL_TLS_STRIDE)
		return 0;
	got = sys_call6(SYS_mmap, (long)low, POOL_TLS_STRIDE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
	if (got == (long)low)
		return low;
	if (got > 0) /* an old kernel takes the address for a hint */
		sys_call2(SYS_munmap, got, POOL_TLS_STRIDE);
	return 0;
}

static int lend_storage(struct slot *slot)
{
	const uintptr_t low = low_storage(slot->index);
	const int error = start_parked(slot, low ? low + POOL_TLS_STRIDE : slot->high);

	slot->stack_high = low ? slot->high - 4096 : slot->tls_low;
	slot->segment = error ? 0 : make_segment(slot->index, slot->fs);
	return error;
}

int pool_grow(uint32_t count)
{
	uint64_t all = ~0ULL, mask;
	enum heap_which heap;
	int error = 0;

	if (count > THREADS_MAX)
		count = THREADS_MAX;
	if (slot_count >= count)
		return 0;
	heap = heap_select(HEAP_ENGINE);
	sys_call4(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, (long)&mask, sizeof(mask));
	for (; slot_count < count; slot_count++) {
		struct slot *slot = &slots[slot_count];

		error = map_slot(slot, slot_count);
		if (error)
			break;
		if (slot_count == 0) {
			slot->fs = fiber_fs();
			slot->stack_high = slot->high - 4096;
			continue;
		}
		error = lend_storage(slot);
		if (error)
			break;
	}
	sys_call4(SYS_rt_sigprocmask, SIG_SETMASK, (long)&mask, 0, sizeof(mask));
	heap_select(heap);
	return error;
}

uint32_t pool_size(void)
{
	return slot_count;
}

struct slot *pool_slot(uint32_t index)
{
	insist(index < slot_count);
	return &slots[index];
}

static void move_guard(struct slot *slot, uintptr_t guard)
{
	if (slot->guard != slot->low - STACK_GUARD)
		sys_call3(SYS_mprotect, (long)slot->guard, STACK_GUARD, PROT_READ | PROT_WRITE);
	slot->guard = guard;
	if (guard != slot->low - STACK_GUARD)
		sys_call3(SYS_mprotect, (long)guard, STACK_GUARD, PROT_NONE);
}

uintptr_t pool_set_stack(struct slot *slot, uintptr_t asked)
{
	uintptr_t low;

	if (asked > POOL_STACK)
		return 0;
	low = (slot->stack_high - asked - STACK_SLACK) & ~4095UL;
	if (low < slot->low + STACK_GUARD || asked == POOL_STACK)
		low = slot->low;
	if (slot->guard != low - STACK_GUARD) {
		move_guard(slot, low - STACK_GUARD);
		guards_moved++;
	}
	return low;
}

void pool_reset_guards(void)
{
	if (!guards_moved)
		return;
	for (uint32_t i = 0; i < slot_count; i++)
		if (slots[i].guard != slots[i].low - STACK_GUARD)
			move_guard(&slots[i], slots[i].low - STACK_GUARD);
	guards_moved = 0;
}

struct slot *pool_guard_hit(uintptr_t address)
{
	const uintptr_t index = (address - POOL_BASE) / POOL_STRIDE;

	if (index >= slot_count)
		return NULL;
	if (address - slots[index].guard < STACK_GUARD)
		return &slots[index];
	return address < slots[index].low ? &slots[index] : NULL;
}

struct slot *pool_find(uintptr_t address)
{
	uintptr_t index = (address - POOL_BASE) / POOL_STRIDE;

	if (index >= slot_count)
		index = (address - POOL_TLS_BASE) / POOL_TLS_STRIDE;
	return index < slot_count ? &slots[index] : NULL;
}
