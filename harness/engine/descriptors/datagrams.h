/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who can feed a datagram socket: the schedule's own threads, or somebody outside.
 *
 * A connection says who is at its other end (peers.h). A datagram socket may hear from whoever
 * knows its address, so what decides is with whom it talks, asked when somebody waits on it: by
 * then the one that it wrote to may have got its address. The sockets of all processes stand in one
 * table, by the number of their file, with their own addresses and those that they wrote to.
 *
 * A socket is fed by the schedule alone when all that it wrote to are the schedule's, and its
 * address is known to nobody else: it has none, the system chose it, or one of the schedule's
 * sockets has written to it. One with an address that the program chose and that nobody has used
 * yet may have been chosen for somebody outside. On the machine's own network only loopback counts.
 */
#ifndef JOSTLE_ENGINE_DATAGRAMS_H
#define JOSTLE_ENGINE_DATAGRAMS_H

#include <stdbool.h>
#include <stdint.h>

struct call;
struct fd_request;

/* A schedule begins. */
void datagrams_begin(void);
/* Is it a datagram socket that can be known about, by the arguments of socket(2)? */
bool datagram_is_one(long domain, long type, long protocol);
/* It was made; it has that address, as the program asked for; it is connected to that one. */
void datagram_made(int fd);
void datagram_bound(int fd, const void *address, long size);
void datagram_connected(int fd, const void *address, long size);
/* A write went out. */
void datagram_sent(const struct fd_request *, long result);
/* Somebody outside may feed it. */
bool datagram_from_outside(int fd);

/* The same of a set of descriptors (epoll), which has a number of its own. */
unsigned datagram_new_set(void);
void datagram_watched(int fd, unsigned set, bool by);
bool datagram_set_from_outside(unsigned set);

/* A write to an address without a connection: poll(2) says that it would get on, also when the
 * receiver's queue is full. */
bool datagram_waits_for_reader(const struct fd_request *);
/* With --with: until the server may have the address that the call writes to, or connects with. 0,
 * or -EINTR. */
long datagram_await_server(const struct call *);
/* Somebody of us has, or had, that address. */
bool datagram_is_ours(uint64_t key);

#endif
