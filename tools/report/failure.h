/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Failure files: one finding, with everything that showing it again needs, in one JSON file. It
 * needs no state of the campaign; it can be sent to somebody who has the same program.
 */
#ifndef JOSTLE_REPORT_FAILURE_H
#define JOSTLE_REPORT_FAILURE_H

#include <jansson.h>

#include "campaign/campaign.h"
#include "campaign/gather.h"
#include "campaign/target.h"
#include "report/pool.h"
#include "report/story.h"

#define FAILURE_FORMAT  "jostle-failure"
#define FAILURE_VERSION 2

/* What a file says; everything belongs to the pool but found's decisions, which failure_fini()
 * frees. */
struct failure {
	const char *file;
	const char *id;
	const char *title;
	const char *tool; /* the detector that it was found below; NULL: none */
	char **argv;
	const char *path; /* of the program */
	size_t argc;
	const char *cwd;
	const char *input; /* path of the kept standard input; NULL: none */
	uint64_t input_digest;
	const char *build_id; /* hexadecimal, "" when the program had none */
	uint64_t digest;
	uint32_t learned_steps_max, learned_threads_max;
	struct plan plan;
	struct found found;
};

/*
 * Writes DIR/ID.json. Returns 0 or EXIT_USAGE, the reason having been said; *path is the file's
 * path, in the pool. board is that of the replay, or NULL when there was none.
 */
int failure_write(struct pool *pool, const char *directory, const struct story *story,
		  const struct found *found, const struct campaign *campaign,
		  const struct board *board, const char **path);

/*
 * Reads what was written: name is a path, or an ID to be found in directory. Returns 0 or
 * EXIT_USAGE, the reason having been said: missing, damaged, of another format, of a newer version.
 */
int failure_read(struct pool *pool, const char *directory, const char *name,
		 struct failure *failure);
void failure_fini(struct failure *failure);

/* Writes beside the file and renames. Returns 0 or EXIT_USAGE, the reason having been said. */
int json_write_atomically(const json_t *object, const char *file);

#endif
