/* SPDX-License-Identifier: Apache-2.0 */
/* Campaign, verification, stories; then what the exit code is. */
#include "jostle/explore.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "campaign/confirm.h"
#include "campaign/input.h"
#include "campaign/verify.h"
#include "campaign/workfolder.h"
#include "jostle/interrupt.h"
#include "jostle/say.h"
#include "jostle/strategy_list.h"
#include "perturb/perturb_campaign.h"
#include "report/failure.h"

#define TIME_DEFAULT_NS 10000000000ULL
#define ROUNDS_MAX      8 /* of --until-first, when what was found does not replay */

static uint32_t processors(void)
{
	cpu_set_t set;
	int count;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return 1;
	count = CPU_COUNT(&set);
	return count < 1 ? 1 : count > JOBS_MAX ? JOBS_MAX : (uint32_t)count;
}

static bool is_within(const char *path, const char *folder)
{
	const size_t length = strcmp(folder, "/") == 0 ? 0 : strlen(folder);

	return strncmp(path, folder, length) == 0 && (path[length] == '/' || !path[length]);
}

static int check_workdir(const char *given, struct pool *pool, const char **absolute)
{
	char path[PATH_MAX], parent[PATH_MAX];
	struct stat status;

	if (!realpath(given, path) || stat(path, &status) < 0)
		return say_error(EXIT_USAGE, "--workdir %s: %s", given, strerror(errno));
	if (!S_ISDIR(status.st_mode))
		return say_error(EXIT_USAGE, "--workdir %s: is not a directory", given);
	if (strlen(path) >= BOARD_PATH_MAX)
		return say_error(EXIT_USAGE, "--workdir %s: the path is too long", given);
	if (realpath(workfolder_parent(), parent) && is_within(parent, path))
		return say_error(EXIT_USAGE,
				 "--workdir %s: its copies would be made in %s, which is part of "
				 "it; set TMPDIR to a folder outside",
				 given, parent);
	*absolute = pool_text(pool, path);
	return 0;
}

int plan_from_options(struct plan *plan, const struct options *options, struct pool *pool)
{
	*plan = (struct plan){
		.schedules = options->schedules ? options->schedules : BOARD_NO_SCHEDULE,
		.time_ns = options->time_ns     ? options->time_ns
			   : options->schedules ? UINT64_MAX
						: TIME_DEFAULT_NS,
		.seed = options->seed,
		.memory_limit = options->memory_limit,
		.hang_timeout_ns = options->hang_timeout_ns,
		.jobs = options->jobs          ? (uint32_t)options->jobs
			: options->until_first ? 1
					       : processors(),
		.reset = (uint32_t)options->reset,
		.step_bound = (uint32_t)options->step_bound,
		.threads_limit = (uint32_t)options->threads_limit,
		.verify_every = (uint32_t)options->verify_every,
		.until_first = options->until_first ? 1U + (uint32_t)options->fail_on : 0,
		.spurious = options->nasty | options->kill << KILL_SHIFT,
		.sequential = options->sequential,
		.with = options->with != NULL,
		.ignore_accesses = options->level == LEVEL_CONTROLLED,
		.expect_exit = (int32_t)options->expect_exit,
		.strategy = options->strategy,
		.perturbed = options->level == LEVEL_PERTURBED,
		.progress = !options->quiet && isatty(STDERR_FILENO),
	};
	if (plan->perturbed)
		return perturb_check_options(options);
	if (plan->schedules != BOARD_NO_SCHEDULE &&
	    (plan->schedules + BOARD_BATCH - 1) / BOARD_BATCH < plan->jobs)
		plan->jobs = (uint32_t)((plan->schedules + BOARD_BATCH - 1) / BOARD_BATCH);
	if (options->workdir && check_workdir(options->workdir, pool, &plan->workdir))
		return EXIT_USAGE;
	return strategy_check(options->strategy);
}

static void add_uncontrolled(struct report *report, const char *text)
{
	report->uncontrolled[report->uncontrolled_count++] = pool_text(&report->pool, text);
}

/* What an instrumented program's other objects hide. */
static void tell_uninstrumented(struct report *report)
{
	const char *names = modules_uninstrumented(&report->campaign.gather.modules, &report->pool);

	if (names)
		add_uncontrolled(
			report,
			pool_format(&report->pool,
				    "memory accesses inside %s, not built with jostle cc: "
				    "races there are missed, and where they order threads "
				    "by plain loads and stores a race may be reported that is none",
				    names));
	if (report->target->elf.tsan_library[0])
		add_uncontrolled(report,
				 "what libc's memory and string functions access for the program, "
				 "which was linked for ThreadSanitizer: build it with jostle cc");
}

static void tell_uncontrolled(struct report *report, const struct launch *launch)
{
	const struct gather *gather = &report->campaign.gather;

	report->uncontrolled = pool_new(&report->pool, const char *, gather->note_count + 10);
	if (report->campaign.plan.perturbed)
		add_uncontrolled(report, "the schedules: the kernel makes them, threads are only "
					 "held up at synchronisation, thread and I/O calls; data "
					 "races are not looked for");
	else if (!gather->instrumented)
		add_uncontrolled(report,
				 "memory accesses: switches come at synchronisation, thread, time "
				 "and I/O calls and at atomic instructions only, and data races "
				 "between plain accesses are not looked for; compiled with "
				 "`jostle cc` each access is seen");
	else
		tell_uninstrumented(report);
	if (launch->input->gave_nothing)
		add_uncontrolled(report, "standard input: the pipe gave nothing within 2 s, so the "
					 "program reads an empty one (see --stdin)");
	if (launch->randomised && !gather->addresses_fixed)
		add_uncontrolled(report,
				 "addresses: the system does not allow to switch their "
				 "randomisation off (a container's seccomp filter?), nor "
				 "could the program be started over at others (an unlimited "
				 "stack, little address space, a debugger?), so behaviour "
				 "that depends on them may differ between processes");
	if ((report->campaign.plan.spurious >> KILL_SHIFT) && gather->kills == 0)
		add_uncontrolled(report, "the death of a process: --kill found none to kill, since "
					 "the program made no other process than its first");
	if (launch->common_network)
		add_uncontrolled(report,
				 "the machine's network, which the server uses: the system "
				 "allows no network of its own, so other programs' ports and "
				 "connections of earlier schedules are in its way");
	if (gather->preemptions)
		add_uncontrolled(report, "loops without any scheduling point were interrupted by a "
					 "timer; such schedules replay inexactly");
	if (report->campaign.differs[0])
		add_uncontrolled(report, pool_format(&report->pool,
						     "an input that differs from run to run; a "
						     "schedule that was run twice showed it first "
						     "at %s",
						     report->campaign.differs));
	if (gather->outcomes_lost)
		add_uncontrolled(
			report,
			"some outcomes: there were more different ones than can be counted");
	for (size_t i = 0; i < gather->note_count; i++)
		add_uncontrolled(report, gather->notes[i].text);
}

/*
 * A race that was never seen as one, steered at or not, in a program that has objects whose
 * accesses nobody sees, or of threads that ran inline assembly: these may order the two by means
 * that nobody sees, either.
 */
static void doubt(struct report *report, struct story *story, bool assembly)
{
	const struct confirmation *confirmation = story->confirmation;

	if ((confirmation && confirmation->status == CONFIRMATION_CONFIRMED) ||
	    story->severity_level != SEVERITY_ERROR)
		return;
	story->doubt = modules_uninstrumented(&report->campaign.gather.modules, &report->pool);
	if (assembly)
		story->doubt = story->doubt ? pool_format(&report->pool, "%s or inline assembly",
							  story->doubt)
					    : "inline assembly";
	if (!story->doubt)
		return;
	story->severity_level = SEVERITY_WARNING;
	story->severity = severity_name(SEVERITY_WARNING);
}

/*
 * The story of a finding that replayed, its failure file, and whether it counts. A race is
 * confirmed before, unless verifier, whose board is the replay's, is NULL.
 */
static int tell(struct confirm *confirm, struct verifier *verifier, struct report *report,
		const struct found *found, const struct verification *result,
		const struct board *board)
{
	const struct exploration *exploration = confirm->exploration;
	struct symbols *symbols = symbols_new(&report->pool, board);
	struct story *story = story_new(&report->pool, symbols, found, result, board, NULL);
	int code = 0;

	symbols_destroy(symbols);
	explore_add(exploration, report, story);
	if (verifier && result->finding.kind == FINDING_RACE && !story->suppressed &&
	    !story->in_baseline && !story->folded_into) {
		code = confirm_race(confirm, verifier, story, result);
		doubt(report, story, result->finding.status);
	}
	explore_count(exploration, report, story);
	if (exploration->out && !story->suppressed && !story->folded_into &&
	    failure_write(&report->pool, exploration->out, story, found, &report->campaign, board,
			  &story->file))
		code = EXIT_USAGE;
	return code;
}

/* What steering at races showed, and the campaign did not. */
static int tell_steered(struct confirm *confirm, struct verifier *verifier, struct report *report)
{
	struct story **stories =
		pool_new(&report->pool, struct story *, report->story_count + confirm->extra_count);
	int worst = 0;

	if (report->story_count)
		memcpy(stories, report->stories, report->story_count * sizeof(*stories));
	report->stories = stories;
	for (size_t i = 0; i < confirm->extra_count; i++) {
		const struct verification result = verify(verifier, &confirm->extra[i]);
		struct story *story;

		if (result.verdict != VERDICT_EXACT && result.verdict != VERDICT_INEXACT)
			continue;
		if (tell(confirm, NULL, report, &confirm->extra[i], &result,
			 verifier->worker.slot.board))
			worst = EXIT_USAGE;
		story = report->stories[report->story_count - 1];
		story->steered = true;
		story->schedules = confirm->schedules;
	}
	confirm_link(confirm);
	return worst;
}

static int verify_all(const struct exploration *exploration, struct report *report,
		      struct launch *launch)
{
	struct gather *gather = &report->campaign.gather;
	struct plan plan = report->campaign.plan;
	struct verifier verifier;
	struct confirm confirm;
	int code = 0, worst = 0;

	if (gather->found_count == 0)
		return 0;
	plan.reset = gather->reset;
	report->stories = pool_new(&report->pool, struct story *, gather->found_count);
	code = verifier_open(&verifier, launch, &plan, gather);
	if (code)
		return code;
	confirm_begin(&confirm, exploration, report, launch);
	for (size_t i = 0; i < gather->found_count; i++) {
		struct verification result = verify(&verifier, &gather->founds[i]);

		if (result.verdict == VERDICT_INTERRUPTED) {
			report->unverified = gather->found_count - i;
			break;
		}
		if (result.verdict == VERDICT_FAILED)
			report->unverified++;
		else if (result.verdict == VERDICT_NOT_SHOWN) {
			report->dropped++;
			if (finding_ends_schedule(gather->founds[i].finding.kind))
				report->dropped_schedules += gather->founds[i].count;
		} else if (tell(&confirm, &verifier, report, &gather->founds[i], &result,
				verifier.worker.slot.board))
			worst = EXIT_USAGE;
	}
	if (tell_steered(&confirm, &verifier, report))
		worst = EXIT_USAGE;
	confirm_end(&confirm);
	verifier_close(&verifier);
	return worst;
}

/* What was seen on real threads was true when it was seen: nothing is dropped. */
static int verify_perturbed(const struct exploration *exploration, struct report *report,
			    struct launch *launch)
{
	struct gather *gather = &report->campaign.gather;
	struct confirm none = { .exploration = exploration };
	struct perturb_run run;
	int code = 0, worst = 0;

	if (gather->found_count == 0)
		return 0;
	report->stories = pool_new(&report->pool, struct story *, gather->found_count);
	code = perturb_run_open(&run);
	for (size_t i = 0; code == 0 && i < gather->found_count; i++) {
		const struct verification result = perturb_verify(
			&run, launch, &report->campaign.plan, &gather->founds[i], false);

		if (tell(&none, NULL, report, &gather->founds[i], &result, run.slot.board))
			worst = EXIT_USAGE;
		if (result.verdict == VERDICT_FAILED)
			code = EXIT_USAGE;
	}
	perturb_run_close(&run);
	process_sweep();
	return code ? code : worst;
}

static void forget_campaign(struct report *report)
{
	campaign_fini(&report->campaign);
	report->story_count = report->counted = report->unverified = 0;
}

static int explore_prepared(const struct exploration *exploration, struct report *report,
			    struct launch *launch)
{
	struct plan plan = exploration->plan;
	size_t dropped = 0;
	int code, worst = 0;

	for (unsigned round = 0;; round++) {
		if (plan.perturbed) {
			perturb_campaign_run(&report->campaign, &plan, launch);
			code = worst = verify_perturbed(exploration, report, launch);
			break;
		}
		campaign_run(&report->campaign, &plan, launch);
		code = verify_all(exploration, report, launch);
		worst = code ? code : worst;
		dropped += report->dropped;
		/* --until-first stopped at something that is not true, or that does not count (in
		 * doubt, suppressed, in the baseline): go on, looking at all of it this time. */
		if (report->campaign.ending != ENDED_FIRST || report->counted ||
		    round == ROUNDS_MAX)
			break;
		plan.until_first = 0;
		forget_campaign(report);
		report->dropped = 0;
		report->dropped_schedules = 0;
	}
	if (report->dropped < dropped && report->dropped == 0)
		report->dropped = dropped;
	if (report->campaign.gather.instrumented)
		report->level = LEVEL_NAME_INSTRUMENTED;
	tell_uncontrolled(report, launch);
	code = explore_code(exploration, report);
	return worst && code != EXIT_UNCONTROLLED ? worst : code;
}

static int open_kept(struct launch *launch, const char *folder)
{
	if (!folder)
		return 0;
	launch->keep_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (launch->keep_fd < 0)
		return say_error(EXIT_USAGE, "--keep-output %s: %s", folder, strerror(errno));
	return 0;
}

int explore(const struct exploration *exploration, struct report *report)
{
	struct input input = { .fd = -1 };
	struct launch launch = { .library_fd = -1, .keep_fd = -1 };
	int code = 0;

	*report = (struct report){ .options = exploration->options,
				   .target = exploration->target,
				   .level = exploration->plan.perturbed ? LEVEL_NAME_PERTURBED
									: LEVEL_NAME_CONTROLLED };
	interrupt_init();
	if (!exploration->null_input)
		code = input_open(&input, exploration->input);
	if (code == 0 && exploration->options->level == LEVEL_INSTRUMENTED &&
	    !exploration->target->elf.instrumented)
		code = say_error(EXIT_UNCONTROLLED,
				 "%s: is not instrumented; build it with jostle cc, or leave "
				 "--level out",
				 exploration->target->argv[0]);
	if (code == 0 && exploration->plan.perturbed)
		launch_prepare_bare(&launch, exploration->target, &input);
	else if (code == 0)
		code = launch_prepare(&launch, exploration->target, &input);
	if (code == 0)
		code = open_kept(&launch, exploration->options->keep_output);
	if (code == 0)
		code = explore_prepared(exploration, report, &launch);
	else
		report->campaign.ending = ENDED_FAILED;
	launch_finish(&launch);
	input_close(&input);
	report->campaign.launch = NULL;
	return code;
}

void report_fini(struct report *report)
{
	campaign_fini(&report->campaign);
	pool_fini(&report->pool);
}
