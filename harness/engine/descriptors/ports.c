/* SPDX-License-Identifier: Apache-2.0 */
/* See ports.h. */
#include "engine/descriptors/ports.h"

#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "base/sys.h"
#include "engine/engine.h"
#include "engine/processes/shared.h"

#define PORTS_MAX 512   /* the oldest are forgotten, and shown as they are */
#define SHOWN_TOP 60999 /* where the kernel's own range ends */
#define SHOWN_LOW 32768

struct port {
	uint16_t real; /* in network order; 0: none */
	uint16_t shown;
	int type; /* SOCK_STREAM and SOCK_DGRAM have numbers each of their own */
};

/* Guarded by the baton. */
static struct port list[PORTS_MAX] SHARED_STATE;
static uint32_t made SHARED_STATE;

void ports_begin(void)
{
	made = 0;
}

uint16_t ports_next(void)
{
	return htons((uint16_t)(SHOWN_TOP - made % (SHOWN_TOP - SHOWN_LOW + 1)));
}

static uint32_t count(void)
{
	return made < PORTS_MAX ? made : PORTS_MAX;
}

static int type_of(int fd)
{
	int type = 0;
	unsigned size = sizeof(type);

	sys_call5(SYS_getsockopt, fd, SOL_SOCKET, SO_TYPE, (long)&type, (long)&size);
	return type;
}

/* In both families it stands at the same place. */
_Static_assert(offsetof(struct sockaddr_in, sin_port) == offsetof(struct sockaddr_in6, sin6_port),
	       "port_of()");

static uint16_t *port_of(void *address)
{
	struct sockaddr_in *a = address;

	return a->sin_family == AF_INET || a->sin_family == AF_INET6 ? &a->sin_port : NULL;
}

void ports_chosen(int fd)
{
	struct sockaddr_storage own;
	unsigned size = sizeof(own);
	const int type = type_of(fd);
	const uint16_t *port;

	memset(&own, 0, sizeof(own));
	if (sys_call3(SYS_getsockname, fd, (long)&own, (long)&size) < 0)
		return;
	port = port_of(&own);
	if (!port || !*port)
		return;
	/* Whoever had it before has it no more. */
	for (uint32_t i = 0; i < count(); i++)
		if (list[i].real == *port && list[i].type == type)
			list[i].real = 0;
	list[made % PORTS_MAX] =
		(struct port){ .real = *port, .shown = ports_next(), .type = type };
	made++;
}

void ports_show(int fd, void *address)
{
	uint16_t *port;
	int type;

	if (made == 0 || !address)
		return;
	port = port_of(address);
	if (!port || !*port)
		return;
	type = type_of(fd);
	for (uint32_t i = 0; i < count(); i++)
		if (list[i].real == *port && list[i].type == type) {
			*port = list[i].shown;
			return;
		}
}

/* A call that reads eight bytes and then refuses what it was asked. */
bool ports_readable(const void *address, long size)
{
	const char *first = address, *last = first + size - sizeof(uint64_t);

	return size >= (long)sizeof(uint64_t) &&
	       sys_call4(SYS_rt_sigprocmask, -1, (long)first, 0, sizeof(uint64_t)) != -EFAULT &&
	       sys_call4(SYS_rt_sigprocmask, -1, (long)last, 0, sizeof(uint64_t)) != -EFAULT;
}

const void *ports_meant(const void *address, long size, struct sockaddr_storage *copy)
{
	uint16_t *port;

	if (made == 0 || !address || size > (long)sizeof(*copy) || !ports_readable(address, size))
		return address;
	memcpy(copy, address, (size_t)size);
	port = port_of(copy);
	if (!port || !*port)
		return address;
	for (uint32_t i = count(); i-- > 0;)
		if (list[i].real && list[i].shown == *port) {
			*port = list[i].real;
			return copy;
		}
	return address;
}

static bool differ(void)
{
	for (uint32_t i = 0; i < count(); i++)
		if (list[i].real && list[i].real != list[i].shown)
			return true;
	return false;
}

long ports_send(int fd, struct mmsghdr *messages, unsigned many, long flags)
{
	struct sockaddr_storage to;
	unsigned sent = 0;

	if (!differ())
		return sys_call4(SYS_sendmmsg, fd, (long)messages, many, flags);
	for (; sent < many; sent++) {
		struct msghdr message = messages[sent].msg_hdr;
		long result;

		message.msg_name = (void *)ports_meant(message.msg_name, message.msg_namelen, &to);
		result = sys_call3(SYS_sendmsg, fd, (long)&message, flags);
		if (result < 0)
			return sent > 0 ? (long)sent : result;
		messages[sent].msg_len = (unsigned)result;
	}
	return sent;
}

void ports_uncontrolled(void)
{
	if (differ())
		engine_note("a process without control knows ports that the system chose by other "
			    "numbers than the program does");
}

static bool option(int fd, int name)
{
	int value = 1;
	unsigned size = sizeof(value);

	sys_call5(SYS_getsockopt, fd, SOL_SOCKET, name, (long)&value, (long)&size);
	return value != 0;
}

bool ports_may_be_tried(int fd)
{
	return !option(fd, SO_REUSEADDR) && !option(fd, SO_REUSEPORT);
}
