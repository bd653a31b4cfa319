/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The descriptor table: what it was when the snapshot was taken, what the schedule did to it, and
 * the way back.
 *
 * Every descriptor below FD_MAX has a record. Those that were open at the snapshot are "base":
 * before one is closed or replaced for the first time, a duplicate is kept up high, shared by all
 * later schedules, so that it can be put back. Those that the schedule made are closed by the
 * reset. Calls whose results are not followed one by one (a descriptor beyond FD_MAX or received
 * over a socket) ask for a full look through /proc/self/fd at the reset. Offsets and status flags
 * belong to the open file, so a duplicate is as good as the original to bring them back.
 *
 * The class says who can feed a descriptor: a pipe that this process made is fed by its own threads
 * (or its children), a terminal by somebody else. It decides whether waiting is a deadlock or an
 * input.
 */
#ifndef JOSTLE_ENGINE_FD_H
#define JOSTLE_ENGINE_FD_H

#include <stdbool.h>
#include <stdint.h>

#define FD_MAX 4096

enum fd_class {
	FD_CLOSED,   /* not open, or not known */
	FD_OUTSIDE,  /* may be fed from outside the controlled set: terminals, sockets, inherited
			pipes */
	FD_INSIDE,   /* pipe, socketpair, eventfd made here: fed by ourselves and our children only;
			an epoll's tag: its number, datagrams.h */
	FD_FILE,     /* regular file, directory: never waits */
	FD_RANDOM,   /* /dev/urandom and the like: seeded bytes */
	FD_TIMER,    /* virtual timerfd, really an eventfd; tag: its timer */
	FD_DATAGRAM, /* datagram socket made here: who feeds it is asked when it matters,
			datagrams.h */
	FD_SIGNAL,   /* virtual signalfd, really an eventfd; tag: its mask */
	FD_ENGINE,   /* ours: not to be touched by the program */
};

struct fd_record {
	uint8_t class;   /* enum fd_class */
	uint8_t base;    /* open at the snapshot */
	uint8_t changed; /* base: closed or replaced since */
	uint8_t made;    /* made since */
	uint16_t tag;
	uint16_t base_index;
};

/* The record, or NULL for a number that has none. */
struct fd_record *fd_at(int fd);
enum fd_class fd_class_of(int fd);
static inline bool fd_is_engine(int fd)
{
	return fd_class_of(fd) == FD_ENGINE;
}

/* The program made a descriptor. FD_OUTSIDE and FD_FILE: pass FD_CLOSED to have the kernel asked.
 */
void fd_made(int fd, enum fd_class class, unsigned tag);
/* Before the program closes or replaces fd: keeps what must come back, and the file for threads
 * that wait on it. */
void fd_losing(int fd);
/* After it is closed. */
void fd_lost(int fd);
/* A base descriptor's offset or flags may have moved. */
void fd_moved(int fd);
/* Descriptors may have appeared that nobody noted. */
void fd_unknown(void);

/* Duplicates up high, out of the program's way, closed on exec. A descriptor of the engine, or
 * -errno. */
int fd_duplicate_high(int fd);
/* Is its file of a kind on which a call may wait? Asks the kernel unless the class says. */
bool fd_may_wait(int fd);

/* Closes such a duplicate, and the record with it. */
void fd_release(int held);

/* What is open now is what fd_reset() returns to; may be called again later. 0 or -errno. */
int fd_take(void);
/* Costs one test when the schedule touched no descriptor. */
void fd_reset(void);
/* The program's end in a process that stays: nothing of it is open any more. */
void fd_close_all(void);
/* Offsets and status flags alone, which a forked child shares with us: after it ended, however. */
void fd_rewind(void);
/* Working directory and umask changed. */
void fd_directory_changed(void);
void fd_umask_changed(void);

#endif
