/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The campaign of the perturbed level with a detector around each run. What a run showed is told
 * while its board is there, since only that knows where its objects lay; the story of the first run
 * that showed a finding is kept, and counted at the end.
 */
#include "under/under.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jostle/input.h"
#include "jostle/interrupt.h"
#include "jostle/perturb_campaign.h"
#include "jostle/say.h"
#include "jostle/workfolder.h"
#include "report/suite.h"
#include "under/tool.h"

#define FILE_MAX (64U << 20) /* read of one file */

/* The story of the run that says most of a finding, the earliest of those. */
struct told {
	uint64_t key, schedule;
	uint16_t sites;
	struct story *story;
	uint64_t *runs; /* that showed it */
	size_t run_count;
};

struct campaign_under {
	const struct exploration *exploration;
	const struct under_tool *tool;
	struct pool *pool;     /* the report's */
	char folder[PATH_MAX]; /* "" when the tool writes nothing */
	struct told *told;
	size_t told_count;
	size_t damaged, lost;
};

static void folder_of_run(const struct campaign_under *under, uint64_t number, char *path,
			  size_t size)
{
	snprintf(path, size, "%s/%llu", under->folder, (unsigned long long)number);
}

static void pass_suppressions(const struct campaign_under *under, struct under_start *start)
{
	const struct suppressions *suppressions = under->exploration->suppressions;

	if (!suppressions)
		return;
	start->suppressions =
		under->tool == &tsan_tool ? suppressions->tsan_files : suppressions->valgrind_files;
	start->suppression_count =
		under->tool == &tsan_tool ? suppressions->tsan_count : suppressions->valgrind_count;
}

static int start_run(void *context, struct perturb_run *run, struct launch *launch)
{
	const struct campaign_under *under = context;
	static struct target target; /* of the last start; the child has a copy */
	static struct pool pool;
	char folder[PATH_MAX + 32];
	struct under_start start = { .folder = folder,
				     .executable = launch->target->path,
				     .target = &target,
				     .environment = launch->environment,
				     .pool = &pool };

	if (!under->tool->start)
		return 0;
	pass_suppressions(under, &start);
	folder_of_run(under, run->number, folder, sizeof(folder));
	if (mkdir(folder, 0700) < 0)
		return say_error(EXIT_USAGE, "cannot make %s: %s", folder, strerror(errno));
	pool_fini(&pool);
	target = *launch->target;
	launch->target = &target;
	return under->tool->start(&start);
}

/* At most FILE_MAX bytes of it, NUL-terminated; NULL: it cannot be read. */
static char *read_text(struct pool *pool, const char *path, size_t *size)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat status;
	char *text = NULL;
	ssize_t got;

	*size = 0;
	if (fd < 0)
		return NULL;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) {
		const size_t room =
			status.st_size < (off_t)FILE_MAX ? (size_t)status.st_size : FILE_MAX;

		text = pool_alloc(pool, room + 1);
		while (*size < room && (got = read(fd, text + *size, room - *size)) > 0)
			*size += (size_t)got;
	}
	close(fd);
	return text;
}

static int compare_names(const struct dirent **a, const struct dirent **b)
{
	return strverscmp((*a)->d_name, (*b)->d_name);
}

/* What the detector wrote of each process, in the order of their numbers. Returns how many files.
 */
static size_t read_files(struct campaign_under *under, const char *folder, struct claims *claims)
{
	struct dirent **entries = NULL;
	const int count = scandir(folder, &entries, NULL, compare_names);
	size_t files = 0;

	for (int i = 0; i < count; i++) {
		struct under_file file = { .program = under->exploration->target->argv[0] };
		char path[2 * PATH_MAX];

		if (strncmp(entries[i]->d_name, UNDER_FILE, strlen(UNDER_FILE)) == 0) {
			snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
			file.bytes = read_text(claims->pool, path, &file.size);
		}
		if (file.bytes) {
			files++;
			under->damaged += under->tool->read(claims, &file);
		}
		free(entries[i]);
	}
	free(entries);
	workfolder_remove(folder);
	return files;
}

static struct told *find_told(struct campaign_under *under, uint64_t key)
{
	for (size_t i = 0; i < under->told_count; i++)
		if (under->told[i].key == key)
			return &under->told[i];
	return NULL;
}

static void add_run(struct told *told, uint64_t number)
{
	if ((told->run_count & (told->run_count - 1)) == 0) {
		told->runs = reallocarray(told->runs, told->run_count ? 2 * told->run_count : 1,
					  sizeof(*told->runs));
		if (!told->runs)
			abort();
	}
	told->runs[told->run_count++] = number;
}

/* The place for the story of a record; NULL: a better one was told. */
static struct told *place_for(struct campaign_under *under, const struct board_finding *record)
{
	const uint16_t sites = record->finding.site_count;
	struct told *told = find_told(under, record->finding.key);

	if (!told) {
		under->told = reallocarray(under->told, under->told_count + 1, sizeof(*told));
		if (!under->told)
			abort();
		told = &under->told[under->told_count++];
		*told = (struct told){ .key = record->finding.key };
	}
	add_run(told, record->first_schedule);
	if (told->story && (told->sites > sites ||
			    (told->sites == sites && told->schedule <= record->first_schedule)))
		return NULL;
	told->schedule = record->first_schedule;
	told->sites = sites;
	return told;
}

static const struct claim *claim_with(const struct claims *claims, uint64_t key)
{
	for (size_t i = 0; i < claims->count; i++)
		if (claims->list[i].finding.key == key)
			return &claims->list[i];
	return NULL;
}

static struct story *tell(struct campaign_under *under, struct symbols *symbols,
			  const struct board *board, const struct board_finding *record,
			  const struct claim *claim)
{
	/* What the program wrote explains how it ended, and nothing of what a detector saw. */
	const void *output = claim ? NULL : board_bytes(board, record->output);
	const struct verification shown = { .verdict = VERDICT_INEXACT,
					    .finding = record->finding };
	struct found found = { .finding = record->finding,
			       .first_schedule = record->first_schedule,
			       .seed = record->seed,
			       .count = 1,
			       .output = (char *)output,
			       .output_size = output ? record->output.size : 0 };

	memcpy(found.strategy, record->strategy, sizeof(found.strategy));
	return story_new(under->pool, symbols, &found, &shown, board, claim ? claim->given : NULL);
}

/* True when a story was made, which needs the claims' texts from now on. */
static bool tell_all(struct campaign_under *under, const struct board *board,
		     const struct claims *claims)
{
	struct symbols *symbols = NULL;
	bool any = false;

	for (uint32_t i = 0; i < board->status.finding_count; i++) {
		const struct board_finding *record = &board->findings[i];
		struct told *told = place_for(under, record);

		if (!told)
			continue;
		if (!symbols)
			symbols = symbols_new(under->pool, board);
		told->story = tell(under, symbols, board, record,
				   claim_with(claims, record->finding.key));
		any = true;
	}
	if (symbols)
		symbols_destroy(symbols);
	return any;
}

/* The detector wrote nothing, so it did not come to run the program; its last words say why. */
static const char *not_started(struct campaign_under *under, const struct perturb_run *run)
{
	char text[300];
	const size_t size = slot_tail(run->slot.err_fd, text, sizeof(text) - 1);

	text[size] = '\0';
	return pool_format(under->pool, "%s did not start it: %s", under->tool->display,
			   size ? text_line(under->pool, text) : "it did not say why");
}

static const char *end_run(void *context, struct perturb_run *run)
{
	struct campaign_under *under = context;
	struct pool pool = { NULL };
	struct claims claims = { .pool = &pool };
	const char *refusal = NULL;
	char folder[PATH_MAX + 32];

	if (under->tool->read) {
		folder_of_run(under, run->number, folder, sizeof(folder));
		if (read_files(under, folder, &claims) == 0 && under->tool->always_writes &&
		    !run->hung)
			refusal = not_started(under, run);
	}
	for (size_t i = 0; i < claims.count; i++)
		perturb_run_add(run, &claims.list[i].finding);
	under->lost += claims.lost;
	if (tell_all(under, run->slot.board, &claims))
		pool_take(under->pool, &pool);
	claims_fini(&claims);
	pool_fini(&pool);
	return refusal;
}

static void add_uncontrolled(struct report *report, const char *text)
{
	report->uncontrolled[report->uncontrolled_count++] = pool_text(&report->pool, text);
}

static void tell_uncontrolled(const struct campaign_under *under, struct report *report,
			      const struct launch *launch)
{
	const struct gather *gather = &report->campaign.gather;

	report->uncontrolled = pool_new(&report->pool, const char *, gather->note_count + 8);
	add_uncontrolled(report,
			 "the schedules: the kernel makes them, threads are only held up at "
			 "synchronisation, thread and I/O calls");
	add_uncontrolled(report, under->tool->sees);
	if (launch->input->gave_nothing)
		add_uncontrolled(report, "standard input: the pipe gave nothing within 2 s, so the "
					 "program reads an empty one (see --stdin)");
	if (under->damaged)
		add_uncontrolled(report, pool_format(&report->pool,
						     "%zu of %s's reports, which could not be read",
						     under->damaged, under->tool->display));
	if (under->lost)
		add_uncontrolled(report,
				 pool_format(&report->pool,
					     "%zu of %s's reports: there were more than %d "
					     "in a run",
					     under->lost, under->tool->display, CLAIMS_MAX));
	for (size_t i = 0; i < gather->note_count; i++)
		add_uncontrolled(report, gather->notes[i].text);
}

/* In which of the runs. */
static void tell_below(const struct campaign_under *under, struct report *report,
		       const struct told *told)
{
	struct story_below *below = pool_new(&report->pool, struct story_below, 1);
	uint64_t *runs = pool_new(&report->pool, uint64_t, told->run_count);

	memcpy(runs, told->runs, told->run_count * sizeof(*runs));
	told->story->runs = runs;
	told->story->run_count = told->run_count;
	*below = (struct story_below){ .tool = under->tool->name,
				       .shown = told->story->count,
				       .runs = report->campaign.gather.schedules };
	told->story->below = below;
	told->story->below_count = 1;
}

static void tell_stories(struct campaign_under *under, struct report *report)
{
	const struct gather *gather = &report->campaign.gather;

	report->stories = pool_new(&report->pool, struct story *, gather->found_count);
	for (size_t i = 0; i < gather->found_count; i++) {
		const struct found *found = &gather->founds[i];
		const struct told *told = find_told(under, found->finding.key);

		if (!told)
			continue;
		told->story->count = found->count;
		told->story->first_schedule = found->first_schedule;
		told->story->seed = found->seed;
		told->story->strategy = pool_text(&report->pool, found->strategy);
		told->story->tool = under->tool->name;
		told->story->replay =
			pool_format(&report->pool, "%llu of %llu", (unsigned long long)found->count,
				    (unsigned long long)gather->schedules);
		tell_below(under, report, told);
		explore_add(under->exploration, report, told->story);
		explore_count(under->exploration, report, told->story);
	}
}

static int judge(const struct campaign_under *under, struct report *report)
{
	const struct campaign *campaign = &report->campaign;
	const char *name = under->exploration->target->argv[0];

	if (campaign->ending == ENDED_REFUSED)
		return say_error(EXIT_UNCONTROLLED, "%s: %s", name, campaign->refusal);
	if (report->counted)
		return EXIT_FOUND;
	if (campaign->ending == ENDED_FAILED)
		return EXIT_USAGE;
	if (campaign->gather.schedules == 0)
		return say_error(EXIT_UNCONTROLLED, "%s: %s before a run was completed", name,
				 campaign->ending == ENDED_INTERRUPTED ? "interrupted"
								       : "the time was over");
	if (under->tool->needs_threads && !campaign->gather.controlled)
		return say_error(EXIT_UNCONTROLLED,
				 "%s: creates no thread and calls nothing that jostle could hold "
				 "up, so there is nothing to find",
				 name);
	return EXIT_CLEAN;
}

static int run_prepared(struct campaign_under *under, struct report *report, struct launch *launch)
{
	const struct perturb_wrapper wrapper = { .context = under,
						 .patience = under->tool->patience,
						 .sleepers = under->tool->sleepers,
						 .start = start_run,
						 .ended = end_run };

	launch->wrapper = &wrapper;
	perturb_campaign_run(&report->campaign, &under->exploration->plan, launch);
	launch->wrapper = NULL;
	tell_stories(under, report);
	tell_uncontrolled(under, report, launch);
	return judge(under, report);
}

static void tell_tool(struct report *report, const struct target *target,
		      const struct under_tool *tool)
{
	struct report_tool *told = pool_new(&report->pool, struct report_tool, 1);

	*told = (struct report_tool){ .name = tool->name,
				      .program = target->argv[0],
				      .runs = report->campaign.gather.schedules,
				      .ending = report->campaign.ending };
	report->tools = told;
	report->tool_count = 1;
}

int under_run(const struct exploration *exploration, const struct under_tool *tool,
	      struct report *report)
{
	struct campaign_under under = { .exploration = exploration,
					.tool = tool,
					.pool = &report->pool };
	struct input input = { .fd = -1 };
	const struct input *used = exploration->opened ? exploration->opened : &input;
	struct launch launch = { .library_fd = -1, .standin_fd = -1, .keep_fd = -1 };
	int code = 0;

	*report = (struct report){ .options = exploration->options,
				   .target = exploration->target,
				   .level = LEVEL_NAME_PERTURBED,
				   .tool = tool->name };
	interrupt_init();
	if (!exploration->null_input && !exploration->opened)
		code = input_open(&input, exploration->input);
	if (code == 0 && tool->start)
		code = workfolder_make(under.folder, sizeof(under.folder));
	if (code == 0) {
		launch_prepare_bare(&launch, exploration->target, used);
		code = run_prepared(&under, report, &launch);
	} else {
		report->campaign.ending = ENDED_FAILED;
	}
	workfolder_remove(under.folder);
	for (size_t i = 0; i < under.told_count; i++)
		free(under.told[i].runs);
	free(under.told);
	input_close(&input);
	tell_tool(report, exploration->target, tool);
	report->campaign.launch = NULL;
	return code;
}
