/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ports that the system chooses. It chooses at random, and other programs take some: two runs of a
 * schedule would read different numbers. So the program is shown others, counted down from the top
 * of the usual range in the order in which sockets get them, and where it names one the real one is
 * meant. Of a socket that is bound the shown number is tried first: where it is free, both are one.
 *
 * All processes of a schedule know them. One that runs without control does not, which is said.
 */
#ifndef JOSTLE_ENGINE_PORTS_H
#define JOSTLE_ENGINE_PORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sockaddr_storage;

/* A schedule begins: no port was chosen. */
void ports_begin(void);
/* The number that the next chosen port is shown by, in network order. */
uint16_t ports_next(void);
/* The system has chosen this socket's port, if it has any. */
void ports_chosen(int fd);
/* The address that the kernel wrote for the program about a socket of fd's kind: as it is shown. */
void ports_show(int fd, void *address);
/* The address that the program means: itself, or a copy. The kernel has not looked at it yet. */
const void *ports_meant(const void *address, long size, struct sockaddr_storage *copy);
/* Can it be read, as far as anybody may ask? */
bool ports_readable(const void *address, long size);
/* sendmmsg(2) to the addresses that are meant. */
struct mmsghdr;
long ports_send(int fd, struct mmsghdr *, unsigned many, long flags);
/* A socket that shares its port with none: if it can be bound to one, nobody else has it. */
bool ports_may_be_tried(int fd);
/* A process of the program runs without control. */
void ports_uncontrolled(void);

#endif
