/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Litmus tests of C11's memory model, by their usual names (Alglave, Maranget and Tautschnig,
 * "Herding cats", TOPLAS 2014): each a few threads and one outcome, which is an assertion that
 * fails. What is said of it:
 *
 *   never    C11 forbids the outcome
 *   shown    C11 allows it, and so does jostle
 *   allowed  C11 allows it, and jostle's model, which is stronger, does not show it
 *
 * litmus --list tells all; litmus NAME runs one.
 */
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RLX memory_order_relaxed
#define ACQ memory_order_acquire
#define REL memory_order_release
#define AR  memory_order_acq_rel
#define SC  memory_order_seq_cst

#define R(object, order)        atomic_load_explicit(&(object), order)
#define W(object, value, order) atomic_store_explicit(&(object), value, order)
#define ADD(object, order)      atomic_fetch_add_explicit(&(object), 1, order)
#define F(order)                atomic_thread_fence(order)

static atomic_int x, y, z;
static int a, b, c, d; /* what was read, each by one thread */
static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER, other = PTHREAD_MUTEX_INITIALIZER;
static atomic_int *block;
static _Atomic(atomic_int *) published;

/* T(name, ...): the body of a thread. */
#define T(name, ...)                         \
	static void *name(void *unused)      \
	{                                    \
		(void)unused;                \
		__VA_ARGS__;                 \
		return NULL;                 \
	}

T(sb_rlx_1, W(x, 1, RLX); a = R(y, RLX)) T(sb_rlx_2, W(y, 1, RLX); b = R(x, RLX))
T(sb_ra_1, W(x, 1, REL); a = R(y, ACQ)) T(sb_ra_2, W(y, 1, REL); b = R(x, ACQ))
T(sb_mixed_1, W(x, 1, REL); a = R(y, SC)) T(sb_mixed_2, W(y, 1, REL); b = R(x, SC))
T(sb_sc_1, W(x, 1, SC); a = R(y, SC)) T(sb_sc_2, W(y, 1, SC); b = R(x, SC))
T(sb_f_1, W(x, 1, RLX); F(SC); a = R(y, RLX)) T(sb_f_2, W(y, 1, RLX); F(SC); b = R(x, RLX))
T(sb_far_1, W(x, 1, RLX); F(AR); a = R(y, RLX)) T(sb_far_2, W(y, 1, RLX); F(AR); b = R(x, RLX))
T(sb_locks_1, W(x, 1, RLX); pthread_mutex_lock(&one); pthread_mutex_unlock(&one); a = R(y, RLX))
T(sb_locks_2, W(y, 1, RLX); pthread_mutex_lock(&other); pthread_mutex_unlock(&other); b = R(x, RLX))
T(sb_rmw_1, ADD(x, AR); a = R(y, ACQ)) T(sb_rmw_2, ADD(y, AR); b = R(x, ACQ))
static int both_missed(void) { return a == 0 && b == 0; }

T(mp_rlx_1, W(x, 1, RLX); W(y, 1, RLX)) T(mp_rlx_2, a = R(y, RLX); b = R(x, RLX))
T(mp_ra_1, W(x, 1, RLX); W(y, 1, REL)) T(mp_ra_2, a = R(y, ACQ); b = R(x, RLX))
T(mp_f_1, W(x, 1, RLX); F(REL); W(y, 1, RLX)) T(mp_f_2, a = R(y, RLX); F(ACQ); b = R(x, RLX))
T(mp_seq_1, W(x, 1, RLX); W(y, 2, REL); W(y, 1, RLX))
T(mp_rmw_1, W(x, 1, RLX); W(y, 1, REL)) T(mp_rmw_2, ADD(y, RLX))
T(mp_rmw_3, a = R(y, ACQ); b = R(x, RLX))
static int told_too_early(void) { return a == 1 && b == 0; }
static int counted_too_early(void) { return a == 2 && b == 0; }

T(lb_1, a = R(x, RLX); W(y, 1, RLX)) T(lb_2, b = R(y, RLX); W(x, 1, RLX))
static int both_from_later(void) { return a == 1 && b == 1; }

T(write_1, W(x, 1, RLX)) T(write_2, W(x, 2, RLX)) T(write_y, W(y, 1, RLX))
T(read_2, a = R(x, RLX); b = R(x, RLX)) T(read_other_2, c = R(x, RLX); d = R(x, RLX))
static int back_in_time(void) { return a == 1 && b == 0; }
static int not_one_order(void) { return a == 1 && b == 2 && c == 2 && d == 1; }
T(write_read, W(x, 1, RLX); a = R(x, RLX))
static int own_store_missed(void) { return a == 0; }
T(read_write, a = R(x, RLX); W(x, 1, RLX))
static int overtaken(void) { return a == 2 && x == 2; }
T(write_write, W(x, 1, RLX); W(x, 2, RLX))
static int older_is_last(void) { return x == 1; }

T(iriw_x_sc, W(x, 1, SC)) T(iriw_y_sc, W(y, 1, SC))
T(iriw_sc_1, a = R(x, SC); b = R(y, SC)) T(iriw_sc_2, c = R(y, SC); d = R(x, SC))
T(iriw_x, W(x, 1, REL)) T(iriw_y, W(y, 1, REL))
T(iriw_ra_1, a = R(x, ACQ); b = R(y, ACQ)) T(iriw_ra_2, c = R(y, ACQ); d = R(x, ACQ))
T(iriw_f_1, a = R(x, RLX); F(SC); b = R(y, RLX)) T(iriw_f_2, c = R(y, RLX); F(SC); d = R(x, RLX))
static int two_orders(void) { return a == 1 && b == 0 && c == 1 && d == 0; }

T(ww_1, W(x, 1, RLX); W(y, 2, RLX)) T(ww_2, W(y, 1, RLX); W(x, 2, RLX))
static int both_first(void) { return x == 1 && y == 1; }
T(r_rlx_1, W(x, 1, RLX); W(y, 1, RLX)) T(r_rlx_2, W(y, 2, RLX); a = R(x, RLX))
T(r_sc_1, W(x, 1, SC); W(y, 1, SC)) T(r_sc_2, W(y, 2, SC); a = R(x, SC))
T(r_f_1, W(x, 1, RLX); F(SC); W(y, 1, RLX)) T(r_f_2, W(y, 2, RLX); F(SC); a = R(x, RLX))
static int last_and_missed(void) { return y == 2 && a == 0; }
T(s_1, W(x, 2, RLX); W(y, 1, REL)) T(s_2, a = R(y, ACQ); W(x, 1, RLX))
static int undone(void) { return a == 1 && x == 2; }

T(wrc_2, a = R(x, RLX); W(y, 1, REL)) T(wrc_3, b = R(y, ACQ); c = R(x, RLX))
T(wrc_rlx_2, a = R(x, RLX); W(y, 1, RLX)) T(wrc_rlx_3, b = R(y, RLX); c = R(x, RLX))
static int hearsay(void) { return a == 1 && b == 1 && c == 0; }
T(isa_1, W(x, 1, RLX); W(y, 1, REL)) T(isa_2, a = R(y, ACQ); W(z, 1, REL))
T(isa_3, b = R(z, ACQ); c = R(x, RLX))
T(rwc_2, a = R(x, RLX); F(SC); b = R(y, RLX)) T(rwc_3, W(y, 1, RLX); F(SC); c = R(x, RLX))
T(wrwc_1, W(x, 1, RLX); W(z, 1, REL)) T(wrwc_2, a = R(z, ACQ); F(SC); b = R(y, RLX))
static int missed_though_fenced(void) { return a == 1 && b == 0 && c == 0; }

T(locked_1, pthread_mutex_lock(&one); W(x, 1, RLX); W(y, 1, RLX); pthread_mutex_unlock(&one))
T(locked_2, pthread_mutex_lock(&one); a = R(y, RLX); b = R(x, RLX); pthread_mutex_unlock(&one))

/* A sequence lock (Boehm, "Can seqlocks get along with programming language memory models?",
 * MSPC 2012): x counts, y and z are the data. */
T(seq_1, W(x, 1, RLX); F(REL); W(y, 1, RLX); W(z, 1, RLX); W(x, 2, REL))
T(seq_2, a = R(x, ACQ); b = R(y, RLX); c = R(z, RLX); F(ACQ); d = R(x, RLX))
T(seq_broken_2, a = R(x, ACQ); b = R(y, RLX); c = R(z, RLX); d = R(x, RLX))
static int torn(void) { return a == d && a % 2 == 0 && b != c; }

/* Peterson's lock; x and y say who wants, z whose turn it is. */
#define PETERSON(name, mine, others, turn, order, load)             \
	T(name, W(mine, 1, order); W(z, turn, order);               \
	  while (R(others, load) && R(z, load) == turn) continue;   \
	  a++; assert(a == 1); a--; W(mine, 0, REL))
PETERSON(peterson_sc_1, x, y, 2, SC, SC) PETERSON(peterson_sc_2, y, x, 1, SC, SC)
PETERSON(peterson_ra_1, x, y, 2, REL, ACQ) PETERSON(peterson_ra_2, y, x, 1, REL, ACQ)
static int nothing(void) { return 0; }

T(waits, while (!R(y, RLX)) continue)
T(tells, W(y, 1, RLX); for (volatile int i = 0; i < 2000; i++) continue)

/* A block that is freed and handed out again is not what it was. */
T(block_1, W(*block, 1, RLX); free(block); W(y, 1, RLX))
T(block_2, while (!R(y, RLX)) continue; atomic_int *again = malloc(sizeof(*again));
  atomic_init(again, 1); W(published, again, REL))
T(block_3, atomic_int *p = R(published, ACQ); if (p) a = R(*p, RLX) != 1)
static int of_the_former(void) { return a; }

static const struct litmus {
	const char *name, *said;
	void *(*threads[4])(void *);
	int (*outcome)(void);
} tests[] = {
	{ "SB", "shown", { sb_rlx_1, sb_rlx_2 }, both_missed },
	{ "SB+rel-acq", "shown", { sb_ra_1, sb_ra_2 }, both_missed },
	{ "SB+rel-sc", "shown", { sb_mixed_1, sb_mixed_2 }, both_missed },
	{ "SB+sc", "never", { sb_sc_1, sb_sc_2 }, both_missed },
	{ "SB+fences", "never", { sb_f_1, sb_f_2 }, both_missed },
	{ "SB+fence", "shown", { sb_f_1, sb_rlx_2 }, both_missed },
	{ "SB+acq-rel-fences", "shown", { sb_far_1, sb_far_2 }, both_missed },
	{ "SB+locks", "allowed", { sb_locks_1, sb_locks_2 }, both_missed },
	{ "SB+rmws", "allowed", { sb_rmw_1, sb_rmw_2 }, both_missed },
	{ "MP", "shown", { mp_rlx_1, mp_rlx_2 }, told_too_early },
	{ "MP+rel-rlx", "shown", { mp_ra_1, mp_rlx_2 }, told_too_early },
	{ "MP+rlx-acq", "shown", { mp_rlx_1, mp_ra_2 }, told_too_early },
	{ "MP+rel-acq", "never", { mp_ra_1, mp_ra_2 }, told_too_early },
	{ "MP+fences", "never", { mp_f_1, mp_f_2 }, told_too_early },
	{ "MP+rel-fence", "never", { mp_ra_1, mp_f_2 }, told_too_early },
	{ "MP+fence-acq", "never", { mp_f_1, mp_ra_2 }, told_too_early },
	{ "MP+fence-rlx", "shown", { mp_f_1, mp_rlx_2 }, told_too_early },
	{ "MP+sequence", "never", { mp_seq_1, mp_ra_2 }, told_too_early },
	{ "MP+rmw", "never", { mp_rmw_1, mp_rmw_2, mp_rmw_3 }, counted_too_early },
	{ "MP+lock", "never", { locked_1, locked_2 }, told_too_early },
	{ "LB", "allowed", { lb_1, lb_2 }, both_from_later },
	{ "CoRR", "never", { write_1, read_2 }, back_in_time },
	{ "CoRR2", "never", { write_1, write_2, read_2, read_other_2 }, not_one_order },
	{ "CoWR", "never", { write_read, write_2 }, own_store_missed },
	{ "CoRW", "never", { read_write, write_2 }, overtaken },
	{ "CoWW", "never", { write_write }, older_is_last },
	{ "IRIW", "allowed", { iriw_x, iriw_y, iriw_ra_1, iriw_ra_2 }, two_orders },
	{ "IRIW+sc", "never", { iriw_x_sc, iriw_y_sc, iriw_sc_1, iriw_sc_2 }, two_orders },
	{ "IRIW+fences", "never", { write_1, write_y, iriw_f_1, iriw_f_2 }, two_orders },
	{ "2+2W", "allowed", { ww_1, ww_2 }, both_first },
	{ "R", "shown", { r_rlx_1, r_rlx_2 }, last_and_missed },
	{ "R+sc", "never", { r_sc_1, r_sc_2 }, last_and_missed },
	{ "R+fences", "never", { r_f_1, r_f_2 }, last_and_missed },
	{ "S+rel-acq", "never", { s_1, s_2 }, undone },
	{ "WRC", "allowed", { write_1, wrc_rlx_2, wrc_rlx_3 }, hearsay },
	{ "WRC+rel-acq", "never", { write_1, wrc_2, wrc_3 }, hearsay },
	{ "ISA2+rel-acq", "never", { isa_1, isa_2, isa_3 }, hearsay },
	{ "RWC+fences", "never", { write_1, rwc_2, rwc_3 }, missed_though_fenced },
	{ "W+RWC+fences", "never", { wrwc_1, wrwc_2, rwc_3 }, missed_though_fenced },
	{ "seqlock", "never", { seq_1, seq_2 }, torn },
	{ "seqlock-without-fence", "shown", { seq_1, seq_broken_2 }, torn },
	{ "Peterson+sc", "never", { peterson_sc_1, peterson_sc_2 }, nothing },
	{ "Peterson+rel-acq", "shown", { peterson_ra_1, peterson_ra_2 }, nothing },
	{ "told-in-time", "never", { tells, waits, waits }, nothing },
	{ "block-used-again", "never", { block_1, block_2, block_3 }, of_the_former },
};

static void list(void)
{
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		printf("%s %s\n", tests[i].name, tests[i].said);
}

static const struct litmus *find(const char *name)
{
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		if (strcmp(tests[i].name, name) == 0)
			return &tests[i];
	abort();
}

int main(int argc, char **argv)
{
	const struct litmus *test;
	pthread_t threads[4];
	int count = 0;

	if (argc < 2 || strcmp(argv[1], "--list") == 0) {
		list();
		return 0;
	}
	test = find(argv[1]);
	block = calloc(1, sizeof(*block));
	for (; count < 4 && test->threads[count]; count++)
		pthread_create(&threads[count], NULL, test->threads[count], NULL);
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	assert(!test->outcome());
	return 0;
}
