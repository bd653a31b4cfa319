/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One target process: started with the library preloaded, the board in its hands, its own process
 * group, and a promise that the kernel kills it when the command dies. Its whole group is killed
 * when it ends: what a program leaves behind is not ours to keep.
 */
#ifndef JOSTLE_TOOL_PROCESS_H
#define JOSTLE_TOOL_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "campaign/input.h"
#include "campaign/slot.h"
#include "campaign/target.h"

struct perturb_wrapper;

/* What is the same for all targets of a campaign. */
struct launch {
	const struct target *target;
	const struct input *input;
	const char *directory;      /* working directory; NULL: ours */
	char **environment;         /* made by launch_prepare(), freed by launch_finish() */
	char preload[2 * PATH_MAX]; /* LD_PRELOAD, without what was there before */
	int library_fd;  /* -1, or a descriptor through which LD_PRELOAD names the library */
	int standin_fd;  /* the same for libtsan's stand-in */
	int keep_fd;     /* -1, or the folder that --keep-output names */
	int high;        /* the engine's descriptors start here in the target */
	bool randomised; /* set by process_start(): address randomisation could not be switched off
			  */
	const struct perturb_wrapper *wrapper; /* what a perturbed program runs below, or NULL */
	bool common_network;                   /* the same: no network of its own for a server */
	bool bare;        /* the program gets no descriptor but its standard streams */
	bool on_terminal; /* keep the command's own standard streams and foreground (gdb) */
};

struct process {
	pid_t pid;
	int pidfd;
	struct board *board; /* its end; NULL: none */
};

/* Returns 0, EXIT_USAGE or EXIT_UNCONTROLLED, the reason having been said (the library is missing).
 * Without a target, NULL, the rest is prepared. */
int launch_prepare(struct launch *launch, const struct target *target, const struct input *input);
/* For a program without the engine: nothing preloaded, no environment of its own yet. */
void launch_prepare_bare(struct launch *launch, const struct target *target,
			 const struct input *input);
void launch_finish(struct launch *launch);

/*
 * Sets config.capture_out/err in the slot and starts the target. Returns 0 or EXIT_USAGE, the
 * reason having been said. The slot must have been cleared and configured.
 */
int process_start(struct process *process, struct launch *launch, struct slot *slot);

/* The process has ended: takes its status and kills what is left of its group. */
void process_reap(struct process *process, int *status);
/* Kills the group and takes the status. */
void process_kill(struct process *process, int *status);
/* Processor time that the process's group has used, in ns. */
uint64_t process_group_cpu_ns(pid_t group);
/* Calls back for each process of the group. */
void process_group_each(pid_t group, void (*call)(void *context, pid_t pid), void *context);
/* Is it a child of ours, or one of theirs? */
bool process_is_below_us(pid_t pid);
/* Whether one of the group waits for a processor or a disk, or uses it. */
bool process_group_busy(pid_t group);

/* Kills and reaps all our children, whatever group they moved to. Needs PR_SET_CHILD_SUBREAPER for
 * grandchildren. */
void process_sweep(void);

/* Replaces the command by argv, with the target's environment and board, for gdb. Returns only on
 * failure, errno set. */
void process_exec_debugger(struct launch *launch, struct slot *slot, char **argv);

#endif
