/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jostle.h: the only public header. Two things can be said with it.
 *
 * 1. A *case* is a small concurrent program with its verdict beside it: what runs, what may come
 *    out, and which bug, if any, must be found. One file holds the broken variant and its fixes:
 *
 *	struct jostle_state { pthread_mutex_t lock; long balance; };
 *
 *	static void deposit(struct jostle_state *s) { ... }
 *
 *	JOSTLE_CASE(broken) = {
 *		.title = "Two critical sections lose an update",
 *		.tags = "atomicity", .why = "...", .ref = "...",
 *		.expect = JOSTLE_OUTCOME,
 *		.setup = setup, .observe = observe, .teardown = teardown,
 *		.threads = { { "deposit", deposit }, { "withdraw", withdraw } },
 *		.outcomes = { { "90", JOSTLE_ALLOWED, "both applied" },
 *			      { "110", JOSTLE_FORBIDDEN, "the withdrawal is lost" } },
 *	};
 *
 *    The header only declares struct jostle_state; each file completes it *before* JOSTLE_CASE, so
 *    that a wrong state type is a compiler error and the runner knows how much memory to provide.
 *    A case has exactly one of .threads, .processes and .body. Its id is its path below cases/
 *    without the extension, plus the name: deadlock/lock_order_two/broken.
 *
 * 2. Any program may name its outcomes and its invariants by hand: jostle_outcome(),
 *    jostle_invariant(), jostle_always(). They do nothing when the program is not run by jostle,
 *    so they can stay in the code. Link with -ldl on a glibc before 2.34.
 *
 * Threading: the functions may be called from every thread. The functions that a program hands
 * over are called while its threads stand still: they must only read, and must not lock or block.
 */
#ifndef JOSTLE_H
#define JOSTLE_H

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What can be found, numbered as findings are. JOSTLE_UNDECLARED is what a case says that forgot
 * .expect: it is refused. JOSTLE_PASS: nothing may be found.
 */
enum jostle_kind {
	JOSTLE_UNDECLARED,
	JOSTLE_RACE,
	JOSTLE_DEADLOCK,
	JOSTLE_LOCK_ORDER,
	JOSTLE_LIVELOCK,
	JOSTLE_STARVATION,
	JOSTLE_HANG,
	JOSTLE_MISUSE,
	JOSTLE_LIFETIME,
	JOSTLE_LEAK,
	JOSTLE_ASSERT,
	JOSTLE_CRASH,
	JOSTLE_EXIT,
	JOSTLE_INVARIANT,
	JOSTLE_OUTCOME,
	JOSTLE_LINEARIZABILITY,
	JOSTLE_PASS,
	JOSTLE_KINDS
};

/* How an outcome is judged. An observed text that a case does not list counts as forbidden. */
enum jostle_grade {
	JOSTLE_ALLOWED,
	JOSTLE_INTERESTING, /* correct, but surprising enough that the report shows it */
	JOSTLE_FORBIDDEN
};

/* Who runs the program: what jostle_running() answers. */
enum jostle_level {
	JOSTLE_LEVEL_NATIVE,      /* nobody but the kernel */
	JOSTLE_LEVEL_PERTURBED,   /* real threads, delays injected */
	JOSTLE_LEVEL_CONTROLLED,  /* one thread at a time, switches at synchronisation calls */
	JOSTLE_LEVEL_INSTRUMENTED /* and at memory accesses */
};

/* .needs: without this the bug cannot show, so a level that lacks it reports a gap, not a pass. */
#define JOSTLE_NEEDS_ACCESSES 1u /* a switch between two memory accesses */

/* .opt_in: POSIX permits it, few programs survive it; off unless a case asks. */
#define JOSTLE_SPURIOUS      1u  /* condition waits return without a signal */
#define JOSTLE_EINTR         2u  /* blocking calls are interrupted */
#define JOSTLE_SHORT_IO      4u  /* read and write transfer less than asked */
#define JOSTLE_EAGAIN        8u  /* resources run out: pthread_create, sem_trywait, fork */
#define JOSTLE_ALLOC_FAILURE 16u /* malloc returns NULL */
#define JOSTLE_KILL          32u /* a process that was forked dies of SIGKILL, at any point */

/* .also: JOSTLE_ALSO(JOSTLE_OUTCOME) | JOSTLE_ALSO(JOSTLE_CRASH) */
#define JOSTLE_ALSO(kind) (1u << (kind))

#define JOSTLE_BODIES_MAX        16
#define JOSTLE_OUTCOMES_MAX      24
#define JOSTLE_SCHEDULES_DEFAULT 10000u

struct jostle_state; /* completed by each case file */

/* One thread or process of a case. A NULL run ends the list. */
struct jostle_body {
	const char *name; /* of the thread, as debuggers show it: 15 bytes are kept */
	void (*run)(struct jostle_state *s);
};

/* One text that .observe may produce. A NULL text ends the list. */
struct jostle_graded {
	const char *text;
	enum jostle_grade grade;
	const char *why;
};

/*
 * A declared case. All strings are static. NULL or zero means "not said"; .title, .tags, .why,
 * .ref, .expect and one of .threads, .processes and .body are mandatory.
 */
struct jostle_case {
	const char *title;       /* one line: the mistake, or for a fix what was done */
	const char *tags;        /* words separated by blanks */
	const char *why;         /* two or three sentences for a reader who never met this bug */
	const char *ref;         /* standard, manual page or paper */
	enum jostle_kind expect; /* JOSTLE_PASS: nothing may be found */
	const char *cause;       /* the finding's cause, such as "lock-cycle"; NULL: not compared */

	/*
	 * The state is zeroed memory, shared between processes when there are .processes. setup()
	 * returns 0 or an errno value, which ends the run with exit status 2. teardown() frees what
	 * setup() made; it runs after every thread has ended.
	 */
	int (*setup)(struct jostle_state *s);
	void (*observe)(struct jostle_state *s, char *text, size_t size); /* after the last join */
	void (*teardown)(struct jostle_state *s);

	struct jostle_body threads[JOSTLE_BODIES_MAX];   /* one thread each, then joined */
	struct jostle_body processes[JOSTLE_BODIES_MAX]; /* one child each, then waited for */
	void (*body)(struct jostle_state *s);            /* runs in main and starts its own */

	/*
	 * True means it holds. .invariant is checked whenever the mutex .guarded_by(s) is free (no
	 * .guarded_by: no thread holds any lock) and at the end; .always after each step.
	 */
	int (*invariant)(struct jostle_state *s);
	pthread_mutex_t *(*guarded_by)(struct jostle_state *s);
	int (*always)(struct jostle_state *s);

	struct jostle_graded outcomes[JOSTLE_OUTCOMES_MAX]; /* of .observe; both or neither */

	const char *known_gap; /* why jostle misses this today; the run fails once it does not */
	unsigned schedules;    /* budget within which it must be found; 0: the default */
	unsigned needs;        /* JOSTLE_NEEDS_* */
	unsigned opt_in;       /* JOSTLE_SPURIOUS and so on */

	/* What the bug leads to: kinds that may be found beside .expect, and need not be. A race
	 * also loses an update, and shows one of the outcomes that are listed as forbidden. */
	unsigned also;
};

/* What the linker section "jostle_cases" holds pointers to. Link order decides the order. */
struct jostle_registration {
	const struct jostle_case *declared;
	const char *name;
	const char *file; /* __FILE__; the id follows from it */
	int line;         /* of JOSTLE_CASE */
	size_t state_size;
};

#define JOSTLE_REGISTER(name, object)                                                          \
	static const struct jostle_registration name##_registration = {                        \
		&object, #name, __FILE__, __LINE__, sizeof(struct jostle_state),               \
	};                                                                                     \
	__attribute__((used, section("jostle_cases"))) static const struct jostle_registration \
		*const name##_entry = &name##_registration

/* A case's name is local to its file, so that every file can say JOSTLE_CASE(broken). */
#ifdef __cplusplus
#define JOSTLE_CASE(name)                              \
	namespace                                      \
	{                                              \
	struct name##_holder {                         \
		static const struct jostle_case value; \
	};                                             \
	}                                              \
	JOSTLE_REGISTER(name, name##_holder::value);   \
	const struct jostle_case name##_holder::value
#else
#define JOSTLE_CASE(name)                     \
	static const struct jostle_case name; \
	JOSTLE_REGISTER(name, name);          \
	static const struct jostle_case name
#endif

/*
 * What libjostle.so offers to the program it runs, under the exported name jostle_hooks_v1. All
 * pointers are set. Strings are copied; functions and their arguments must live until the end of
 * main. A guard of NULL means "no lock is held by anybody". fail() reports a finding of that kind
 * and may return.
 */
struct jostle_hooks {
	int version; /* 1 */
	int level;   /* enum jostle_level */
	void (*outcome)(const char *text, int grade, const char *why);
	void (*invariant)(const char *name, int (*fn)(void *), void *arg, void *guard);
	void (*always)(const char *name, int (*fn)(void *), void *arg);
	void (*fail)(int kind, const char *message, const char *file, int line);
};

#define JOSTLE_HOOKS_SYMBOL "jostle_hooks_v1"

/* The engine's hooks, or NULL when the program runs natively. Looked up anew each time: a cached
 * pointer would be a data race of our own making. */
static inline const struct jostle_hooks *jostle_hooks(void)
{
	const struct jostle_hooks *(*find)(void) = NULL;
	void *symbol = dlsym((void *)0 /* RTLD_DEFAULT */, JOSTLE_HOOKS_SYMBOL);

	memcpy(&find, &symbol, sizeof(find)); /* ISO C has no cast from object to function */
	return symbol ? find() : NULL;
}

/* Which level runs this program; JOSTLE_LEVEL_NATIVE without jostle. */
static inline int jostle_running(void)
{
	const struct jostle_hooks *hooks = jostle_hooks();

	return hooks ? hooks->level : JOSTLE_LEVEL_NATIVE;
}

/* Counts text in the histogram of outcomes. Nothing is judged: use assert() for what must hold. */
static inline void jostle_outcome(const char *text)
{
	const struct jostle_hooks *hooks = jostle_hooks();

	if (hooks)
		hooks->outcome(text, JOSTLE_ALLOWED, NULL);
}

/* From now on fn(arg) must be true whenever guard is free, or no lock is held if guard is NULL. */
static inline void jostle_invariant(const char *name, int (*fn)(void *), void *arg,
				    pthread_mutex_t *guard)
{
	const struct jostle_hooks *hooks = jostle_hooks();

	if (hooks)
		hooks->invariant(name, fn, arg, guard);
}

/* From now on fn(arg) must be true after each step of each thread. */
static inline void jostle_always(const char *name, int (*fn)(void *), void *arg)
{
	const struct jostle_hooks *hooks = jostle_hooks();

	if (hooks)
		hooks->always(name, fn, arg);
}

#ifdef __cplusplus
}
#endif

#endif /* JOSTLE_H */
