/* SPDX-License-Identifier: Apache-2.0 */
/* The side before the exec; see exec.h. */
#include "engine/processes/exec.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/stat.h>

#include "base/fmt.h"
#include "engine/access/access.h"
#include "engine/descriptors/fd.h"
#include "engine/processes/exec_handover.h"
#include "engine/processes/processes.h"
#include "engine/processes/shared.h"
#include "engine/signal.h"
#include "engine/state.h"
#include "engine/takeover/layout.h"
#include "engine/takeover/preload.h"
#include "engine/time/tsc.h"
#include "model/models.h"

#define HEADER_SIZE      4096
#define INTERPRETERS_MAX 4
#define VARIABLES        7 /* that are added */
#define VARIABLE_SIZE    1024
#define NT_GO_BUILD_ID   4
#define GO_NAME          "Go\0"

struct exec_handover exec_handover SHARED_STATE;

#if defined(__x86_64__)
#define MACHINE EM_X86_64
#else
#define MACHINE EM_AARCH64
#endif

/* Go's runtime, which makes system calls on goroutines' stacks: a trap's frame is larger. */
static bool has_go(const unsigned char *notes, size_t size)
{
	for (size_t at = 0; at + sizeof(Elf64_Nhdr) + sizeof(GO_NAME) <= size;) {
		const Elf64_Nhdr *note = (const Elf64_Nhdr *)(const void *)(notes + at);

		if (note->n_type == NT_GO_BUILD_ID && note->n_namesz == sizeof(GO_NAME) &&
		    memcmp(note + 1, GO_NAME, sizeof(GO_NAME)) == 0)
			return true;
		at += sizeof(*note) + (((size_t)note->n_namesz + 3) & ~3UL) +
		      (((size_t)note->n_descsz + 3) & ~3UL);
	}
	return false;
}

/* A program that the loader starts, for this machine, and whose threads are pthreads: it has an
 * interpreter. */
static bool is_dynamic(const unsigned char *bytes, size_t size)
{
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)(const void *)bytes;
	bool dynamic = false;

	if (size < sizeof(*header) || header->e_ident[EI_CLASS] != ELFCLASS64 ||
	    header->e_machine != MACHINE || header->e_phentsize != sizeof(Elf64_Phdr))
		return false;
	for (unsigned i = 0; i < header->e_phnum; i++) {
		const size_t at = header->e_phoff + i * sizeof(Elf64_Phdr);
		const Elf64_Phdr *segment = (const Elf64_Phdr *)(const void *)(bytes + at);

		if (at + sizeof(*segment) > size)
			return false;
		dynamic |= segment->p_type == PT_INTERP;
		if (segment->p_type == PT_NOTE && segment->p_offset <= size &&
		    segment->p_filesz <= size - segment->p_offset &&
		    has_go(bytes + segment->p_offset, segment->p_filesz))
			return false;
	}
	return dynamic;
}

/* The program behind "#!", into the same buffer. False: there is none. */
static bool interpreter_of(char *bytes, size_t size)
{
	char *start = bytes + 2, *end;

	bytes[size < HEADER_SIZE ? size : HEADER_SIZE - 1] = '\0';
	while (*start == ' ' || *start == '\t')
		start++;
	for (end = start; *end && *end != ' ' && *end != '\t' && *end != '\n'; end++)
		;
	*end = '\0';
	memmove(bytes, start, (size_t)(end - start) + 1);
	return bytes[0] != '\0';
}

static bool system_randomises(void)
{
	const long fd = sys_openat(AT_FDCWD, "/proc/sys/kernel/randomize_va_space",
				   O_RDONLY | O_CLOEXEC, 0);
	char digit = '2';

	if (fd < 0)
		return true;
	sys_read((int)fd, &digit, 1);
	sys_close((int)fd);
	return digit != '0';
}

bool exec_addresses_stay(void)
{
	const long persona = sys_call1(SYS_personality, 0xffffffff);

	return (persona >= 0 && (persona & ADDR_NO_RANDOMIZE)) || !system_randomises() ||
	       layout_was_fixed();
}

enum exec_kind exec_kind_of(const char *path)
{
	static char bytes[HEADER_SIZE] __attribute__((aligned(8)));
	struct stat st;

	if (!exec_addresses_stay())
		return EXEC_FREE;
	for (int depth = 0; depth < INTERPRETERS_MAX; depth++) {
		const long fd = sys_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
		long size;

		if (fd < 0)
			return EXEC_FREE;
		size = sys_read((int)fd, bytes, sizeof(bytes));
		if (sys_call2(SYS_fstat, fd, (long)&st) < 0)
			st.st_mode = S_ISUID;
		sys_close((int)fd);
		if (size < 4 || (st.st_mode & (S_ISUID | S_ISGID)))
			return EXEC_FREE;
		if (memcmp(bytes, ELFMAG, SELFMAG) == 0)
			return is_dynamic((const unsigned char *)bytes, (size_t)size)
				       ? EXEC_CONTROLLED
				       : EXEC_FREE;
		if (bytes[0] != '#' || bytes[1] != '!' || !interpreter_of(bytes, (size_t)size))
			return EXEC_FREE;
		path = bytes;
	}
	return EXEC_FREE;
}

static bool is_variable(const char *entry, const char *name)
{
	const size_t length = strlen(name);

	return strncmp(entry, name, length) == 0 && entry[length] == '=';
}

/*
 * The program's environment with what the library needs. One mapping holds the pointers and the
 * texts; it goes with the exec, or with exec_drop().
 */
struct environment {
	char **entries;
	char *texts;
	size_t size;
	size_t count;
};

static void add(struct environment *e, const char *format, const char *value, const char *more)
{
	char *text = e->texts;

	fmt(text, VARIABLE_SIZE, format, value, *more ? ":" : "", more);
	e->texts += VARIABLE_SIZE;
	e->entries[e->count++] = text;
}

static bool environment_make(struct environment *e, char *const *envp)
{
	const char *old_preload = "";
	bool bind_now = false, spin = false;
	size_t count = 0;
	char value[64];
	long memory;

	while (envp && envp[count])
		count++;
	e->size = (count + VARIABLES + 1) * sizeof(char *) + VARIABLES * VARIABLE_SIZE;
	memory = sys_call6(SYS_mmap, 0, (long)e->size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory < 0)
		return false;
	e->entries = (char **)memory;
	e->texts = (char *)(e->entries + count + VARIABLES + 1);
	e->count = 0;
	for (size_t i = 0; i < count; i++) {
		if (is_variable(envp[i], "LD_PRELOAD")) {
			old_preload = envp[i] + strlen("LD_PRELOAD=");
			continue;
		}
		bind_now |= is_variable(envp[i], "LD_BIND_NOW");
		spin |= is_variable(envp[i], GOMP_SPIN) || is_variable(envp[i], GOMP_POLICY);
		e->entries[e->count++] = envp[i];
	}
	add(e, "LD_PRELOAD=%s%s%s", preload_library(), old_preload);
	if (!bind_now) {
		add(e, "LD_BIND_NOW=%s%s%s", "1", "");
		add(e, BOARD_ENV_BIND "=%s%s%s", "1", "");
	}
	if (!spin) {
		add(e, GOMP_SPIN "=%s%s%s", "0", "");
		add(e, BOARD_ENV_SPIN "=%s%s%s", "1", "");
	}
	fmt(value, sizeof(value), "%d", engine_program.board_fd);
	add(e, BOARD_ENV "=%s%s%s", value, "");
	fmt(value, sizeof(value), "%d:%d:%lx:%d", (int)world_process, shared_descriptor(),
	    (unsigned long)shared_address(), (int)sys_getpid());
	add(e, EXEC_ENV "=%s%s%s", value, "");
	e->entries[e->count] = NULL;
	return true;
}

static void hand_over(void)
{
	struct exec_handover *h = &exec_handover;

	for (int fd = 0; fd < FD_MAX; fd++)
		h->classes[fd] = (uint8_t)fd_class_of(fd);
	h->blocked = engine_current->signals_blocked;
	h->pending = engine_current->signals_pending | signal_process_pending;
	h->ignored = 0;
	for (int signo = 1; signo <= SIGNALS_MAX; signo++)
		if (signal_actions[signo].handler == (uintptr_t)SIG_IGN)
			h->ignored |= signal_bit(signo);
	h->first = world_process == 0;
}

long exec_program(struct call *c)
{
	const bool at = c->nr == SYS_execveat;
	const int path_at = at ? 1 : 0;
	char *const *envp = (char *const *)c->args[path_at + 2];
	struct environment e;
	struct call changed = *c;
	long result;

	engine_publish(OP_EXEC, NULL, c->site);
	engine_step();
	if (!environment_make(&e, envp))
		return -ENOMEM;
	hand_over();
	access_stop("races are not looked for once a process has become another program");
	model_thread_exited(&engine_world, engine_current); /* robust locks, as the kernel does */
	changed.args[path_at + 2] = (long)e.entries;
	tsc_release();
	result = call_raw(&changed);
	tsc_take();
	sys_call2(SYS_munmap, (long)e.entries, (long)e.size);
	return result;
}
