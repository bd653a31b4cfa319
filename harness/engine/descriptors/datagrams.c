/* SPDX-License-Identifier: Apache-2.0 */
/* See datagrams.h. */
#include "engine/descriptors/datagrams.h"

#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/sys.h"
#include "engine/calls/call.h"
#include "engine/calls/call_wait.h"
#include "engine/descriptors/fd.h"
#include "engine/descriptors/peers.h"
#include "engine/descriptors/ports.h"
#include "engine/processes/shared.h"
#include "engine/state.h"
#include "model/fd.h"

#define SOCKETS_MAX  256 /* the oldest are forgotten */
#define STRANGERS    8   /* addresses that were nobody's when they were written to */
#define WATCHERS     4   /* sets that a socket is in */
#define TYPE_OF_KIND 0xf /* SOCK_CLOEXEC and the like are beside it */

struct datagram_socket {
	uint64_t inode; /* 0: none */
	uint64_t own;   /* key of its address, 0: it has none */
	uint64_t peer;  /* that it is connected to, 0: to nobody */
	uint64_t strangers[STRANGERS];
	uint16_t sets[WATCHERS];
	bool chosen;  /* the system chose its address */
	bool used;    /* one of us wrote to its address */
	bool unknown; /* writes to more than can be remembered, or to where nobody of us can be */
};

/* Guarded by the baton. */
static struct datagram_socket list[SOCKETS_MAX] SHARED_STATE;
static uint32_t made SHARED_STATE;
static uint16_t sets SHARED_STATE;

void datagrams_begin(void)
{
	made = 0;
	sets = 0;
}

bool datagram_is_one(long domain, long type, long protocol)
{
	return (type & TYPE_OF_KIND) == SOCK_DGRAM && (protocol == 0 || protocol == IPPROTO_UDP) &&
	       (domain == AF_INET || domain == AF_INET6 || domain == AF_UNIX);
}

static uint32_t count(void)
{
	return made < SOCKETS_MAX ? made : SOCKETS_MAX;
}

static uint64_t inode_of(int fd)
{
	struct stat st;

	return sys_call2(SYS_fstat, fd, (long)&st) == 0 && S_ISSOCK(st.st_mode) ? st.st_ino : 0;
}

static struct datagram_socket *find(int fd)
{
	const uint64_t inode = inode_of(fd);

	for (uint32_t i = count(); inode && i-- > 0;)
		if (list[i].inode == inode)
			return &list[i];
	return NULL;
}

void datagram_made(int fd)
{
	list[made++ % SOCKETS_MAX] = (struct datagram_socket){ .inode = inode_of(fd) };
}

bool datagram_is_ours(uint64_t key)
{
	for (uint32_t i = 0; i < count(); i++)
		if (list[i].own == key)
			return true;
	return false;
}

static bool wrote_to(const struct datagram_socket *s, uint64_t key)
{
	if (s->peer == key)
		return true;
	for (int i = 0; i < STRANGERS; i++)
		if (s->strangers[i] == key)
			return true;
	return false;
}

/* The key of an address that one of us may have; 0: of none. */
static uint64_t key_of(const void *address, long size)
{
	struct sockaddr_storage to;

	if (!address || size < (long)sizeof(to.ss_family) || size > (long)sizeof(to))
		return 0;
	memset(&to, 0, sizeof(to));
	memcpy(&to, address, (size_t)size);
	return peers_is_here(&to) ? peers_key(&to, (size_t)size) : 0;
}

/* The address that the socket has by now, which the system chose unless the program did. */
static void look(struct datagram_socket *s, int fd, bool chosen)
{
	if (s->own)
		return;
	s->own = peers_own_key(fd);
	s->chosen = chosen;
	if (chosen)
		ports_chosen(fd);
}

void datagram_bound(int fd, const void *address, long size)
{
	struct datagram_socket *s = find(fd);

	if (s)
		look(s, fd, peers_leaves_open(address, (size_t)size));
}

static void add(struct datagram_socket *s, const void *address, long size)
{
	const uint64_t key = key_of(address, size);
	bool ours = false;

	for (uint32_t i = 0; key && i < count(); i++)
		if (list[i].own == key)
			ours = list[i].used = true;
	if (ours || (key && wrote_to(s, key)))
		return;
	for (int i = 0; key && i < STRANGERS; i++)
		if (!s->strangers[i]) {
			s->strangers[i] = key;
			return;
		}
	s->unknown = true;
}

void datagram_connected(int fd, const void *address, long size)
{
	struct datagram_socket *s = find(fd);

	if (!s)
		return;
	look(s, fd, true);
	s->peer = 0;
	if (((const struct sockaddr *)address)->sa_family == AF_UNSPEC)
		return;
	add(s, address, size);
	s->peer = key_of(address, size);
}

static void sent_message(struct datagram_socket *s, const struct msghdr *message)
{
	if (message->msg_name)
		add(s, message->msg_name, (long)message->msg_namelen);
}

void datagram_sent(const struct fd_request *r, long result)
{
	struct datagram_socket *s = result >= 0 ? find(r->fd) : NULL;

	if (!s)
		return;
	look(s, r->fd, true);
	switch (r->nr) {
	case SYS_sendto:
		if (r->args[4])
			add(s, (const void *)r->args[4], (unsigned)r->args[5]);
		break;
	case SYS_sendmsg:
		sent_message(s, (const struct msghdr *)r->args[1]);
		break;
	case SYS_sendmmsg:
		for (long i = 0; i < result; i++)
			sent_message(s, &((const struct mmsghdr *)r->args[1])[i].msg_hdr);
		break;
	default:
		break;
	}
}

static bool from_outside(const struct datagram_socket *s)
{
	if (s->unknown)
		return true;
	if (s->peer)
		return !datagram_is_ours(s->peer);
	for (int i = 0; i < STRANGERS && s->strangers[i]; i++)
		if (!datagram_is_ours(s->strangers[i]))
			return true;
	if (!s->own || s->chosen)
		return false;
	/* Another socket may have had the address when it was written to, or nobody. */
	for (uint32_t i = 0; i < count(); i++)
		if ((list[i].own == s->own && list[i].used) || wrote_to(&list[i], s->own))
			return false;
	return true;
}

bool datagram_from_outside(int fd)
{
	const struct datagram_socket *s = find(fd);

	return !s || from_outside(s);
}

unsigned datagram_new_set(void)
{
	return ++sets;
}

void datagram_watched(int fd, unsigned set, bool by)
{
	struct datagram_socket *s = find(fd);

	for (int i = 0; s && i < WATCHERS; i++)
		if (s->sets[i] == (by ? 0 : set)) {
			s->sets[i] = by ? (uint16_t)set : 0;
			return;
		}
	if (s && by)
		s->unknown = true;
}

bool datagram_set_from_outside(unsigned set)
{
	for (uint32_t i = 0; i < count(); i++)
		for (int at = 0; at < WATCHERS; at++)
			if (list[i].sets[at] == set && from_outside(&list[i]))
				return true;
	return false;
}

bool datagram_waits_for_reader(const struct fd_request *r)
{
	switch (r->nr) {
	case SYS_sendto:
		return r->args[4] != 0;
	case SYS_sendmsg:
	case SYS_sendmmsg:
		return true;
	default:
		return false;
	}
}

/* Where it goes to: args[0] and args[1] of a request. False: nowhere in particular. */
static bool destination(const struct call *c, long to[2])
{
	const struct msghdr *message = (const struct msghdr *)c->args[1];

	switch (c->nr) {
	case SYS_connect:
		to[0] = c->args[1];
		to[1] = (int)c->args[2];
		break;
	case SYS_sendto:
		to[0] = c->args[4];
		to[1] = (int)c->args[5];
		break;
	case SYS_sendmsg:
		if (!ports_readable(message, sizeof(*message)))
			return false;
		to[0] = (long)message->msg_name;
		to[1] = message->msg_namelen;
		break;
	default:
		return false;
	}
	return to[0] && ports_readable((const void *)to[0], to[1]);
}

static bool server_is_there(const struct fd_request *r)
{
	return !peers_are_awaited_to_read((const void *)r->args[0], r->args[1]);
}

static long attempt_early(struct fd_request *r)
{
	return server_is_there(r) ? 0 : FD_WOULD_BLOCK;
}

long datagram_await_server(const struct call *c)
{
	struct fd_request r = call_request(c, (int)c->args[0], attempt_early);
	long to[2];

	if (!engine.board->config.with || !destination(c, to) ||
	    !peers_are_awaited_to_read((const void *)to[0], to[1]))
		return 0;
	r.args[0] = to[0];
	r.args[1] = to[1];
	r.ready = server_is_there;
	r.sources = NULL;
	return call_wait(c, OP_FD_CONNECT, &r, OP_NO_DEADLINE, CALL_RESTARTS);
}
