/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a command below a filter that refuses system calls with EPERM, as container runtimes do:
 *
 *	deny personality userfaultfd -- command arguments
 *
 * The filter is a small program for the kernel (seccomp(2)): it compares the number of each call,
 * and for some calls also their first or second argument, with what was named.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define MACHINE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define MACHINE AUDIT_ARCH_AARCH64
#endif

#define NAMES_MAX 8
#define ANY       (-1)

static const struct refusable {
	const char *name;
	uint32_t number;
	int argument; /* the one to look at; ANY: none */
	uint32_t value;
} refusables[] = {
	{ "personality", SYS_personality, ANY, 0 },
	{ "userfaultfd", SYS_userfaultfd, ANY, 0 },
	{ "ptrace", SYS_ptrace, ANY, 0 },
	{ "pidfd", SYS_pidfd_open, ANY, 0 },
	{ "memfd", SYS_memfd_create, ANY, 0 },
	{ "segments", SYS_modify_ldt, ANY, 0 },
	{ "dispatch", SYS_prctl, 0, 59 /* PR_SET_SYSCALL_USER_DISPATCH */ },
	{ "counter", SYS_prctl, 0, 26 /* PR_SET_TSC */ },
	{ "pagemap", SYS_ioctl, 1, 0xc0606610U /* PAGEMAP_SCAN */ },
};

static struct sock_filter filter[4 + 6 * NAMES_MAX];
static unsigned short length;

static void add(uint16_t code, uint32_t k, uint8_t when_true, uint8_t when_false)
{
	filter[length++] = (struct sock_filter){ code, when_true, when_false, k };
}

static void load(size_t offset)
{
	add(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void refuse(const struct refusable *what)
{
	const int depends = what->argument != ANY;

	load(offsetof(struct seccomp_data, nr));
	add(BPF_JMP | BPF_JEQ | BPF_K, what->number, 0, depends ? 3 : 1);
	if (depends) {
		/* The lower half: little-endian. */
		load(offsetof(struct seccomp_data, args) + (size_t)what->argument * 8);
		add(BPF_JMP | BPF_JEQ | BPF_K, what->value, 0, 1);
	}
	add(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM, 0, 0);
}

static int refuse_by_name(const char *name)
{
	for (size_t i = 0; i < sizeof(refusables) / sizeof(refusables[0]); i++)
		if (strcmp(name, refusables[i].name) == 0) {
			refuse(&refusables[i]);
			return 0;
		}
	fprintf(stderr, "deny: does not know %s\n", name);
	return -1;
}

int main(int argc, char **argv)
{
	struct sock_fprog program = { .filter = filter };
	int at = 1;

	load(offsetof(struct seccomp_data, arch));
	add(BPF_JMP | BPF_JEQ | BPF_K, MACHINE, 1, 0);
	add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
	for (; at < argc && strcmp(argv[at], "--") != 0; at++)
		if (at > NAMES_MAX || refuse_by_name(argv[at]))
			return 2;
	add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
	program.len = length;
	if (at + 1 >= argc) {
		fprintf(stderr, "usage: deny NAME... -- COMMAND [ARGUMENT...]\n");
		return 2;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
		perror("deny");
		return 2;
	}
	execvp(argv[at + 1], argv + at + 1);
	perror(argv[at + 1]);
	return 127;
}
