/* SPDX-License-Identifier: Apache-2.0 */
/* The one table of options. The order is that of --help. */
#include "event/thread.h"
#include "jostle/options.h"
#include "record/defaults.h"

#define EXPLORES (COMMAND_RUN | COMMAND_TEST)
#define RUNS     (COMMAND_RUN | COMMAND_UNDER)
#define TELLS    (EXPLORES | COMMAND_UNDER)
#define ALL                                                                                       \
	(COMMAND_RUN | COMMAND_TEST | COMMAND_LIST | COMMAND_SHOW | COMMAND_REPLAY |              \
	 COMMAND_STRATEGIES | COMMAND_DOCTOR | COMMAND_VERSION | COMMAND_HELP | COMMAND_COMPARE | \
	 COMMAND_UNDER | COMMAND_LESSON)
#define AT(member) offsetof(struct options, member)

static const char *const reset_choices[] = { "auto", "snapshot", "fork", "exec", NULL };
static const char *const level_choices[] = { "auto", "controlled", "instrumented", "perturbed",
					     NULL };
static const char *const severity_choices[] = { "note", "warning", "error", NULL };
static const char *const colour_choices[] = { "auto", "always", "never", NULL };
/* In the order of enum test_tool. */
static const char *const under_choices[] = { "none", "helgrind", "drd", "tsan", NULL };
static const char *const nasty_choices[] = { "wakeup", "eintr", "short", "eagain", "memory", NULL };
static const char *const memory_choices[] = { "c11", "sc", NULL };
static const char *const kill_choices[] = { "child", "first", "again", NULL };

#define SECOND        1000000000ULL
#define TEXT(number)  TEXT_(number)
#define TEXT_(number) #number

const struct option_row option_rows[] = {
	{ "schedules", 'n', "N", OPTION_COUNT, AT(schedules), EXPLORES | COMMAND_LESSON, 1, 0, NULL,
	  "Run N schedules. With neither this nor --time: 10 seconds (for test and lesson: what "
	  "each case says; a lesson's second look takes five times as many)." },
	{ "runs", 'n', "N", OPTION_COUNT, AT(schedules), COMMAND_UNDER, 1, 0, NULL,
	  "Run the program N times. Default: 10, or with --time as often as that allows." },
	{ "tsan-build", 0, "FILE", OPTION_TEXT, AT(tsan_build), COMMAND_UNDER, 0, 0, NULL,
	  "With tsan among several detectors: what it runs instead of PROGRAM, the same program "
	  "built with -fsanitize=thread, which Valgrind cannot run." },
	{ "under", 0, "TOOLS", OPTION_SET, AT(under), COMMAND_TEST, 0, 0, under_choices,
	  "Run each case also on real threads, perturbed, below these detectors, and show one "
	  "table: none, helgrind, drd, tsan, comma-separated. A verdict that differs from the "
	  "declared one has a letter that says why; one without a reason makes the exit code 1." },
	{ "under-runs", 0, "N", OPTION_COUNT, AT(under_runs), COMMAND_TEST, 1, 0, NULL,
	  "With --under: run each case N times below each detector. Default: 5." },
	{ "table", 0, "FILE", OPTION_TEXT, AT(table), COMMAND_TEST, 0, 0, NULL,
	  "With --under: also write the table as Markdown; - is standard output." },
	{ "time", 't', "TIME", OPTION_DURATION, AT(time_ns), RUNS, 1000000, 0, NULL,
	  "Run for this long: 30s, 500ms, 2m, 1h. With --schedules: whichever ends first." },
	{ "until-first", '1', NULL, OPTION_FLAG, AT(until_first), RUNS, 0, 0, NULL,
	  "Stop at the first finding that counts for --fail-on. Uses one worker unless -j is "
	  "given." },
	{ "seed", 's', "N", OPTION_COUNT, AT(seed), TELLS | COMMAND_COMPARE | COMMAND_LESSON, 0, 0,
	  NULL,
	  "Seed of the campaign. The same seed and --schedules give the same result. For compare: "
	  "of the order of measurements in each round. Default: 1." },
	{ "rounds", 0, "N", OPTION_COUNT, AT(rounds), COMMAND_COMPARE, 1, 1000, NULL,
	  "Measure everything N times, after a round to warm up. Default: 15; with --quick 3." },
	{ "workers", 0, "LIST", OPTION_TEXT, AT(workers), COMMAND_COMPARE, 0, 0, NULL,
	  "Numbers of workers for run times, such as 1,2,4. Default: 1, 2, the number of "
	  "processors, and twice that." },
	{ "quick", 0, NULL, OPTION_FLAG, AT(quick), COMMAND_COMPARE, 0, 0, NULL,
	  "Fewer and shorter measurements: done in seconds, with wider spreads." },
	{ "strategy", 'S', "NAME", OPTION_TEXT, AT(strategy), TELLS, 0, 0, NULL,
	  "Who chooses the next thread; `jostle strategies` lists them. Default: auto." },
	{ "reset", 0, "MODE", OPTION_CHOICE, AT(reset), EXPLORES, 0, 0, reset_choices,
	  "How each schedule gets its fresh start: snapshot (fastest), fork or exec. Default: "
	  "auto, the fastest that "
	  "proves to be safe." },
	{ "level", 0, "LEVEL", OPTION_CHOICE, AT(level), EXPLORES, 0, 0, level_choices,
	  "How much is controlled: auto, what the program is built for; controlled, as if it were "
	  "not instrumented; instrumented, refused with 3 if it is not; perturbed, real kernel "
	  "threads, held up at synchronisation calls. For test: which catalogue; auto is each "
	  "case where it fits; perturbed: 40 runs a case, and a bug that does not show is no "
	  "failure. Default: auto." },
	{ "jobs", 'j', "N", OPTION_COUNT, AT(jobs), TELLS, 1, JOBS_MAX, NULL,
	  "Workers, one process each. The result does not depend on it. A program that uses what "
	  "all schedules share (files that it writes, file locks, addresses of sockets, System V "
	  "keys) gets one. Default: one for each processor." },
	{ "workdir", 0, "DIR", OPTION_TEXT, AT(workdir), COMMAND_RUN, 0, 0, NULL,
	  "Copy DIR afresh for each schedule and run there." },
	{ "with", 0, "CLIENT", OPTION_TEXT, AT(with), COMMAND_RUN, 0, 0, NULL,
	  "The program is a server: run the command CLIENT beside it, in the same schedule. Its "
	  "connections wait until the server listens; when it ends the server gets SIGTERM. What "
	  "is "
	  "judged is the exit status of CLIENT, and of the server if it fails." },
	{ "stdin", 0, "FILE", OPTION_TEXT, AT(input), RUNS, 0, 0, NULL,
	  "What the program reads as standard input, from the beginning in each schedule. Default: "
	  "the command's own if it "
	  "is a file or a pipe, else nothing." },
	{ "expect-exit", 0, "N", OPTION_STATUS, AT(expect_exit), RUNS, 0, 255, NULL,
	  "The exit status that is no finding. Default: 0." },
	{ "fail-on", 0, "SEVERITY", OPTION_CHOICE, AT(fail_on), RUNS, 0, 0, severity_choices,
	  "The least severity that makes the exit code 1. Default: error." },
	{ "suppressions", 0, "FILE", OPTION_TEXTS, AT(suppressions), RUNS, 0, 0, NULL,
	  "Do not report what a line KIND:GLOB of FILE matches; the glob is tried on the title, "
	  "functions and files. May be given several times. `under` also passes a file of "
	  "Valgrind's or ThreadSanitizer's format on to that." },
	{ "baseline", 0, "FILE", OPTION_TEXT, AT(baseline), RUNS, 0, 0, NULL,
	  "The --json of an earlier run: what it lists is shown but does not count." },
	{ "nasty", 0, "KINDS", OPTION_SET, AT(nasty), COMMAND_RUN, 0, 0, nasty_choices,
	  "Also do what POSIX permits and few programs expect: wakeup (waits that end without a "
	  "signal), eintr, short (reads and "
	  "writes), eagain, memory (malloc fails). Comma-separated. Default: none." },
	{ "kill", 0, "WHOM", OPTION_SET, AT(kill), COMMAND_RUN, 0, 0, kill_choices,
	  "Kill a process of the program in the middle of a schedule, as by SIGKILL, at a point "
	  "that "
	  "the schedule chooses: "
	  "child (any but the first), first (the first one, too, when others are there), again (up "
	  "to three a schedule instead of one). That it dies is no finding; what the others make "
	  "of "
	  "it may be. Comma-separated. Default: none." },
	{ "memory-model", 0, "MODEL", OPTION_CHOICE, AT(sequential), EXPLORES, 0, 0, memory_choices,
	  "What atomic loads of an instrumented program may read: c11, in half of the schedules "
	  "older stores, too, where their orders allow it; sc, always the latest. Default: c11." },
	{ "hang-timeout", 0, "TIME", OPTION_DURATION, AT(hang_timeout_ns), TELLS | COMMAND_REPLAY,
	  SECOND / 10, 0, NULL,
	  "Processor time without a scheduling point after which a schedule is ended as hanging; "
	  "twice as long when it does not "
	  "compute. A schedule that gets on for as long after an interrupt or the end of "
	  "--time is cut off. Default: 5s." },
	{ "step-bound", 0, "N", OPTION_COUNT, AT(step_bound), EXPLORES, 1, 1U << 22, NULL,
	  "Steps after which a schedule is ended as a livelock; long stretches of one thread "
	  "alone count a sixteenth. Default: " TEXT(DEFAULT_STEP_BOUND) "." },
	{ "threads-limit", 0, "N", OPTION_COUNT, AT(threads_limit), COMMAND_RUN, 1, THREADS_MAX,
	  NULL,
	  "Threads that one schedule may have, main among them. Default: " TEXT(
		  DEFAULT_THREADS_LIMIT) "." },
	{ "memory-limit", 0, "SIZE", OPTION_SIZE, AT(memory_limit), COMMAND_RUN, 1 << 20, 0, NULL,
	  "Bytes that the program may allocate (K, M, G); beyond them malloc fails. Default: "
	  "64G of address space." },
	{ "verify-every", 0, "N", OPTION_COUNT, AT(verify_every), EXPLORES, 0, 1U << 31, NULL,
	  "Run every N-th schedule twice and compare; 0 never. Default: 256." },
	{ "confirm", 0, "N", OPTION_COUNT, AT(confirm), COMMAND_RUN, 0, 1U << 20, NULL,
	  "Steer at each race that was found in up to N further schedules for each order of its "
	  "two "
	  "accesses, and report what each order led to; 0 never. At most a quarter of --schedules, "
	  "and half of --time. Default: 64." },
	{ "out", 'o', "DIR", OPTION_TEXT, AT(out), RUNS | COMMAND_REPLAY | COMMAND_LESSON, 0, 0,
	  NULL, "Where failure files go and where replay looks for an ID. Default: jostle-out." },
	{ "json", 0, "FILE", OPTION_TEXT, AT(json),
	  TELLS | COMMAND_LIST | COMMAND_REPLAY | COMMAND_COMPARE | COMMAND_LESSON, 0, 0, NULL,
	  "Also write the result as JSON; - is standard output, without the text." },
	{ "html", 0, "FILE", OPTION_TEXT, AT(html), COMMAND_COMPARE, 0, 0, NULL,
	  "Also write the result as a page with plots, in one file; - is standard output." },
	{ "junit", 0, "FILE", OPTION_TEXT, AT(junit), TELLS, 0, 0, NULL,
	  "Also write the result as JUnit XML, for CI systems; - is standard output." },
	{ "tap", 0, "FILE", OPTION_TEXT, AT(tap), TELLS, 0, 0, NULL,
	  "Also write the result as TAP version 14; - is standard output." },
	{ "show-output", 0, NULL, OPTION_FLAG, AT(show_output), RUNS | COMMAND_REPLAY, 0, 0, NULL,
	  "Show all that the failing schedule wrote, not its end alone." },
	{ "keep-output", 0, "DIR", OPTION_TEXT, AT(keep_output), COMMAND_RUN, 0, 0, NULL,
	  "Keep what each schedule wrote, as files NUMBER.out and NUMBER.err in DIR, which must "
	  "be there." },
	{ "gdb", 0, NULL, OPTION_FLAG, AT(gdb), COMMAND_REPLAY, 0, 0, NULL,
	  "Replay below gdb and stop there at the failure." },
	{ "colour", 0, "WHEN", OPTION_CHOICE, AT(colour), ALL, 0, 0, colour_choices,
	  "auto (on a terminal unless NO_COLOR is set), always or never. Default: auto." },
	{ "quiet", 'q', NULL, OPTION_FLAG, AT(quiet), TELLS | COMMAND_REPLAY, 0, 0, NULL,
	  "No progress; findings in one line each, nothing when there is none." },
	{ "man", 0, NULL, OPTION_FLAG, AT(man), COMMAND_HELP, 0, 0, NULL,
	  "Write the manual page, for man -l -." },
	{ "help", 'h', NULL, OPTION_FLAG, AT(help_flag), ALL, 0, 0, NULL, "Show this help." },
	{ .name = NULL },
};
