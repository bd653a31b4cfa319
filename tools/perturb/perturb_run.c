/* SPDX-License-Identifier: Apache-2.0 */
/* Starting, watching, ending. What it means is judged in perturb_judge.c. */
#include "perturb/perturb_run.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OUTPUT_MOST (64L << 20) /* of one stream in memory */
#define OUTPUT_KEPT (1L << 20)

int perturb_run_open(struct perturb_run *run)
{
	int code;

	*run = (struct perturb_run){ .process = { .pidfd = -1 },
				     .slot = { .board_fd = -1, .out_fd = -1, .err_fd = -1 } };
	code = perturb_open(&run->perturb);
	return code ? code : slot_open(&run->slot);
}

void perturb_run_close(struct perturb_run *run)
{
	if (run->process.pid > 0)
		process_kill(&run->process, NULL);
	slot_close(&run->slot);
	perturb_close(&run->perturb);
}

int perturb_run_start(struct perturb_run *run, struct launch *launch, uint64_t number,
		      const struct perturb_config *config, const struct perturb_guide *guide)
{
	struct launch own = *launch;
	int code;

	slot_clear(&run->slot);
	perturb_configure_as(&run->perturb, config);
	if (guide)
		run->perturb.board->guide = *guide;
	own.environment = perturb_environment(&run->perturb, environ);
	run->number = number;
	run->wrapper = launch->wrapper;
	code = run->wrapper ? run->wrapper->start(run->wrapper->context, run, &own) : 0;
	if (code == 0)
		code = process_start(&run->process, &own, &run->slot);
	perturb_environment_free(own.environment);
	launch->randomised |= own.randomised;
	run->hung = WATCH_GOES_ON;
	run->started_ns = clock_now_ns();
	run->loaded_ns = 0;
	watch_begin(&run->watch, run->started_ns);
	return code;
}

static uint64_t heartbeat(const struct perturb_board *board)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < PERTURB_THREADS_MAX; i++)
		sum += __atomic_load_n(&board->threads[i].points, __ATOMIC_RELAXED);
	return sum;
}

/* A program that floods its output must not fill our memory: the end is what the report shows. The
 * file's position is the program's, so what is forgotten becomes a hole. */
static void forget_output(int fd)
{
	struct stat status;

	if (fstat(fd, &status) == 0 && status.st_blocks * 512L > OUTPUT_MOST)
		fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
			  status.st_size - OUTPUT_KEPT);
}

bool perturb_run_watch(struct perturb_run *run, const struct plan *plan,
		       const struct perturb_learned *learned)
{
	/* Below a detector everything takes longer; how much, the first run shows. */
	const unsigned patience =
		run->wrapper && learned->native_ns == 0 ? run->wrapper->patience : 1;

	if (run->process.pid <= 0 || run->hung)
		return false;
	/* How long a detector takes to load the program is nobody's fault. */
	if (run->wrapper && run->loaded_ns != run->perturb.board->started_ns) {
		run->loaded_ns = run->perturb.board->started_ns;
		watch_begin(&run->watch, clock_now_ns());
		run->watch.sleepers = run->wrapper->sleepers;
	}
	forget_output(run->slot.out_fd);
	forget_output(run->slot.err_fd);
	run->watch.still_limit_ns = plan->hang_timeout_ns;
	run->hung = watch_look(&run->watch, run->process.pid, clock_now_ns(),
			       heartbeat(run->perturb.board), learned->native_ns,
			       plan->hang_timeout_ns * patience);
	if (!run->hung)
		return false;
	kill(-run->process.pid, SIGKILL);
	return true;
}
