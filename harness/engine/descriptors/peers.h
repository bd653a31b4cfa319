/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is at the other end of a socket: somebody of the schedule, or the outside.
 *
 * The two ends of a connection may lie in two processes, which cannot look at each other's
 * descriptors. So the addresses that the schedule's sockets listen on and call from are noted in
 * the common state: a connection on the loopback device to or from one of them stays inside. Of a
 * socket in the file system the kernel says which process is at its other end.
 *
 * With --with a server and its client start at once, and the client's connections wait until
 * somebody listens, as if the client had come later: on the loopback device at that port, in the
 * file system at whatever name, since programs also try names there that nobody has (nscd's). When
 * no process of the server is left, nobody is waited for. Its datagrams to a port wait, too, but
 * only as long as somebody of the server runs: they may be for nobody.
 */
#ifndef JOSTLE_ENGINE_PEERS_H
#define JOSTLE_ENGINE_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sockaddr_storage;

/* One number for an address; 0: of no kind that is noted. On which of its addresses a host listens
 * does not matter on its loopback device. */
uint64_t peers_key(const struct sockaddr_storage *, size_t size);
/* That of a socket's own address, 0: it has none. */
uint64_t peers_own_key(int fd);
/* An address of this machine alone: of its loopback device, or a name. */
bool peers_is_here(const struct sockaddr_storage *);
/* Who binds to it leaves the choice to the system. */
bool peers_leaves_open(const void *address, size_t size);

/* A schedule begins: nobody listens. */
void peers_begin(void);
/* This socket listens; this one has an address of its own by now. */
void peers_listening(int fd);
void peers_addressed(int fd);
/* The peer of this socket belongs to the schedule. */
bool peers_are_inside(int fd);
/* A connection of this process to that address is too early. */
bool peers_are_awaited(const void *address, long size);
/* A datagram of this process to that address is. */
bool peers_are_awaited_to_read(const void *address, long size);

#endif
