/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run showed is told while its board is there, since only that knows where its objects lay;
 * the story of the first run that showed a finding is kept.
 */
#include "under/below.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "campaign/workfolder.h"
#include "jostle/beside.h"
#include "jostle/say.h"
#include "report/suite.h"

#define FILE_MAX (64U << 20) /* read of one file */
#define ROOM     (64U << 10) /* that a full disk does not have */

static void folder_of_run(const struct below *under, uint64_t number, char *path, size_t size)
{
	snprintf(path, size, "%s/%llu", under->folder, (unsigned long long)number);
}

static void pass_suppressions(const struct below *under, struct under_start *start)
{
	const struct suppressions *suppressions = under->suppressions;

	if (!suppressions)
		return;
	start->suppressions =
		under->tool == &tsan_tool ? suppressions->tsan_files : suppressions->valgrind_files;
	start->suppression_count =
		under->tool == &tsan_tool ? suppressions->tsan_count : suppressions->valgrind_count;
}

static int start_run(void *context, struct perturb_run *run, struct launch *launch)
{
	const struct below *under = context;
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

/*
 * A detector that cannot write says so nowhere that is heard, and what it does not report looks
 * like nothing found. Whether there is room is known by writing.
 */
static bool has_room(const char *folder)
{
	static const char nothing[ROOM];
	char path[PATH_MAX + 64];
	int fd, error;

	snprintf(path, sizeof(path), "%s/room", folder);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	error = write_all(fd, nothing, sizeof(nothing));
	close(fd);
	unlink(path);
	return error == 0;
}

/* What the detector wrote of each process, in the order of their numbers. Returns how many files.
 */
static size_t read_files(struct below *under, const char *folder, struct claims *claims)
{
	struct dirent **entries = NULL;
	const int count = scandir(folder, &entries, NULL, compare_names);
	size_t files = 0;

	for (int i = 0; i < count; i++) {
		struct under_file file = { .program = under->program };
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
	under->unwritten += !has_room(folder);
	workfolder_remove(folder, -1);
	return files;
}

struct told *below_told(const struct below *under, uint64_t key)
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
static struct told *place_for(struct below *under, const struct board_finding *record)
{
	const uint16_t sites = record->finding.site_count;
	struct told *told = below_told(under, record->finding.key);

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

static struct story *tell(struct below *under, struct symbols *symbols, const struct board *board,
			  const struct board_finding *record, const struct claim *claim)
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
static bool tell_all(struct below *under, const struct board *board, const struct claims *claims)
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
static const char *not_started(struct below *under, const struct perturb_run *run)
{
	char text[300];
	const size_t size = slot_tail(run->slot.err_fd, text, sizeof(text) - 1);

	text[size] = '\0';
	return pool_format(under->pool, "%s did not start it: %s", under->tool->display,
			   size ? text_line(under->pool, text) : "it did not say why");
}

static const char *end_run(void *context, struct perturb_run *run)
{
	struct below *under = context;
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

int below_open(struct below *under)
{
	under->wrapper = (struct perturb_wrapper){ .context = under,
						   .patience = under->tool->patience,
						   .sleepers = under->tool->sleepers,
						   .start = start_run,
						   .ended = end_run };
	return under->tool->start
		       ? workfolder_make(under->folder, sizeof(under->folder), &under->folder_lock)
		       : 0;
}

void below_close(struct below *under)
{
	workfolder_remove(under->folder, under->folder_lock);
	for (size_t i = 0; i < under->told_count; i++)
		free(under->told[i].runs);
	free(under->told);
	under->told = NULL;
	under->told_count = 0;
}
