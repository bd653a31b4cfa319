/* SPDX-License-Identifier: Apache-2.0 */
/* See peers.h. */
#include "engine/descriptors/peers.h"

#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/hash.h"
#include "base/sys.h"
#include "engine/descriptors/datagrams.h"
#include "engine/descriptors/fd.h"
#include "engine/processes/processes.h"
#include "engine/processes/shared.h"
#include "engine/state.h"

#define NOTED_MAX 256 /* the oldest are forgotten */

struct noted {
	uint32_t count;
	uint64_t keys[NOTED_MAX];
};

/* Guarded by the baton. */
static struct noted listening SHARED_STATE, ours SHARED_STATE;

void peers_begin(void)
{
	listening.count = 0;
	ours.count = 0;
}

static bool is_loopback(const struct sockaddr_storage *a)
{
	static const struct in6_addr six = IN6ADDR_LOOPBACK_INIT;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)a;
	const uint8_t *bytes;

	if (a->ss_family == AF_INET) {
		bytes = (const uint8_t *)&((const struct sockaddr_in *)a)->sin_addr;
		return bytes[0] == 127;
	}
	bytes = in6->sin6_addr.s6_addr;
	return memcmp(&in6->sin6_addr, &six, sizeof(six)) == 0 ||
	       (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr) && bytes[12] == 127);
}

uint64_t peers_key(const struct sockaddr_storage *a, size_t size)
{
	uint64_t key = 1ULL << 33;

	switch (a->ss_family) {
	case AF_INET:
		return 1ULL << 32 | ((const struct sockaddr_in *)a)->sin_port;
	case AF_INET6:
		return 1ULL << 32 | ((const struct sockaddr_in6 *)a)->sin6_port;
	case AF_UNIX:
		for (size_t i = offsetof(struct sockaddr_un, sun_path); i < size; i++) {
			const uint8_t byte = ((const uint8_t *)a)[i];

			/* A path ends with its first zero; an abstract name begins with one. */
			if (byte == 0 && i > offsetof(struct sockaddr_un, sun_path))
				break;
			key = hash_fold(key, byte);
		}
		return key | 1;
	default:
		return 0;
	}
}

uint64_t peers_own_key(int fd)
{
	struct sockaddr_storage own;
	unsigned size = sizeof(own);

	memset(&own, 0, sizeof(own));
	if (sys_call3(SYS_getsockname, fd, (long)&own, (long)&size) < 0 ||
	    peers_leaves_open(&own, size))
		return 0;
	return peers_key(&own, size);
}

bool peers_is_here(const struct sockaddr_storage *a)
{
	static const struct in6_addr any;

	switch (a->ss_family) {
	case AF_UNIX:
		return true;
	case AF_INET:
		return is_loopback(a) || ((const struct sockaddr_in *)a)->sin_addr.s_addr == 0;
	case AF_INET6:
		return is_loopback(a) ||
		       memcmp(&((const struct sockaddr_in6 *)a)->sin6_addr, &any, sizeof(any)) == 0;
	default:
		return false;
	}
}

bool peers_leaves_open(const void *address, size_t size)
{
	const struct sockaddr *a = address;

	switch (a->sa_family) {
	case AF_UNIX:
		return size <= offsetof(struct sockaddr_un, sun_path);
	case AF_INET:
		return ((const struct sockaddr_in *)address)->sin_port == 0;
	case AF_INET6:
		return ((const struct sockaddr_in6 *)address)->sin6_port == 0;
	default:
		return false;
	}
}

static bool is_noted(const struct noted *noted, uint64_t key)
{
	const uint32_t count = noted->count < NOTED_MAX ? noted->count : NOTED_MAX;

	for (uint32_t i = 0; i < count; i++)
		if (noted->keys[i] == key)
			return true;
	return false;
}

static void note(struct noted *noted, int fd)
{
	struct sockaddr_storage own;
	unsigned size = sizeof(own);
	uint64_t key;

	memset(&own, 0, sizeof(own));
	if (sys_call3(SYS_getsockname, fd, (long)&own, (long)&size) < 0)
		return;
	key = peers_key(&own, size);
	if (key && !is_noted(noted, key))
		noted->keys[noted->count++ % NOTED_MAX] = key;
}

void peers_listening(int fd)
{
	note(&listening, fd);
	/* Its clients are known, and nobody else is to come. */
	if (engine.board->config.with && fd_at(fd))
		fd_at(fd)->class = FD_INSIDE;
}

void peers_addressed(int fd)
{
	note(&ours, fd);
}

bool peers_are_inside(int fd)
{
	struct sockaddr_storage peer;
	unsigned peer_size = sizeof(peer), size;
	struct ucred credentials;
	uint64_t key;

	memset(&peer, 0, sizeof(peer));
	if (sys_call3(SYS_getpeername, fd, (long)&peer, (long)&peer_size) < 0)
		return false;
	if (peer.ss_family == AF_UNIX) {
		size = sizeof(credentials);
		return sys_call5(SYS_getsockopt, fd, SOL_SOCKET, SO_PEERCRED, (long)&credentials,
				 (long)&size) == 0 &&
		       (credentials.pid == (pid_t)sys_getpid() ||
			processes_find(credentials.pid) >= 0);
	}
	key = peers_key(&peer, peer_size);
	return key && is_loopback(&peer) && (is_noted(&listening, key) || is_noted(&ours, key));
}

/* jostle-with starts the server as P1 and the client as P2. */
static bool is_of_client(process_id id)
{
	while (id > 2)
		id = processes.list[id].parent;
	return id == 2;
}

/* The server, or what it has left behind. */
static bool somebody_serves(void)
{
	for (uint32_t i = 1; i < processes.count; i++)
		if (processes.list[i].state == PROCESS_LIVES && !is_of_client((process_id)i))
			return true;
	return false;
}

/* An address that this process, of a client, may be too early for. */
static bool may_be_early(const void *address, long size, struct sockaddr_storage *to)
{
	if (!engine.board->config.with || engine.phase != PHASE_SCHEDULE ||
	    !is_of_client(world_process) || !somebody_serves() ||
	    size < (long)sizeof(to->ss_family) || size > (long)sizeof(*to))
		return false;
	memset(to, 0, sizeof(*to));
	memcpy(to, address, (size_t)size);
	return true;
}

bool peers_are_awaited(const void *address, long size)
{
	struct sockaddr_storage to;
	uint64_t key;

	if (!may_be_early(address, size, &to))
		return false;
	if (to.ss_family == AF_UNIX)
		return listening.count == 0;
	key = peers_key(&to, (size_t)size);
	return key && is_loopback(&to) && !is_noted(&listening, key);
}

/* The server, or what it has left behind, would get on by itself. */
static bool somebody_gets_on(void)
{
	for (uint32_t i = 0; i < engine_world.thread_count; i++) {
		const struct thread *t = engine_world.threads[i];

		if (t->status == THREAD_READY && t->process != 0 && !is_of_client(t->process))
			return true;
	}
	return false;
}

bool peers_are_awaited_to_read(const void *address, long size)
{
	struct sockaddr_storage to;

	return may_be_early(address, size, &to) && to.ss_family != AF_UNIX && is_loopback(&to) &&
	       !datagram_is_ours(peers_key(&to, (size_t)size)) && somebody_gets_on();
}
