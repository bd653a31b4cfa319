/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Raw system calls.
 *
 * libc's wrappers set errno, may be cancellation points, may take locks and may be interposed by
 * ourselves; none of that may happen while the program under test is stopped mid-instruction. Each
 * call here is one instruction in the caller's own text and returns what the kernel returned: a
 * result, or -errno. Being inlined matters: the library's text is the range that Syscall User
 * Dispatch leaves alone, so our own calls are never trapped.
 *
 * Nothing here touches errno or thread-local storage. Safe in signal handlers and before libc is
 * initialised.
 */
#ifndef JOSTLE_BASE_SYS_H
#define JOSTLE_BASE_SYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

#define SYS_INLINE static inline __attribute__((always_inline))

#if defined(__x86_64__)

SYS_INLINE long sys_call6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;

	__asm__ volatile("syscall"
			 : "+a"(nr)
			 : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory", "cc");
	return nr;
}

SYS_INLINE long sys_call0(long nr)
{
	__asm__ volatile("syscall" : "+a"(nr) : : "rcx", "r11", "memory", "cc");
	return nr;
}

SYS_INLINE long sys_call1(long nr, long a)
{
	__asm__ volatile("syscall" : "+a"(nr) : "D"(a) : "rcx", "r11", "memory", "cc");
	return nr;
}

SYS_INLINE long sys_call2(long nr, long a, long b)
{
	__asm__ volatile("syscall" : "+a"(nr) : "D"(a), "S"(b) : "rcx", "r11", "memory", "cc");
	return nr;
}

SYS_INLINE long sys_call3(long nr, long a, long b, long c)
{
	__asm__ volatile("syscall"
			 : "+a"(nr)
			 : "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory", "cc");
	return nr;
}

SYS_INLINE long sys_call4(long nr, long a, long b, long c, long d)
{
	register long r10 __asm__("r10") = d;

	__asm__ volatile("syscall"
			 : "+a"(nr)
			 : "D"(a), "S"(b), "d"(c), "r"(r10)
			 : "rcx", "r11", "memory", "cc");
	return nr;
}

SYS_INLINE long sys_call5(long nr, long a, long b, long c, long d, long e)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;

	__asm__ volatile("syscall"
			 : "+a"(nr)
			 : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory", "cc");
	return nr;
}

#elif defined(__aarch64__)

SYS_INLINE long sys_call6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc #0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory", "cc");
	return x0;
}

/* The unused registers cost nothing here: the kernel ignores them. */
SYS_INLINE long sys_call0(long nr)
{
	return sys_call6(nr, 0, 0, 0, 0, 0, 0);
}

SYS_INLINE long sys_call1(long nr, long a)
{
	return sys_call6(nr, a, 0, 0, 0, 0, 0);
}

SYS_INLINE long sys_call2(long nr, long a, long b)
{
	return sys_call6(nr, a, b, 0, 0, 0, 0);
}

SYS_INLINE long sys_call3(long nr, long a, long b, long c)
{
	return sys_call6(nr, a, b, c, 0, 0, 0);
}

SYS_INLINE long sys_call4(long nr, long a, long b, long c, long d)
{
	return sys_call6(nr, a, b, c, d, 0, 0);
}

SYS_INLINE long sys_call5(long nr, long a, long b, long c, long d, long e)
{
	return sys_call6(nr, a, b, c, d, e, 0);
}

#else
#error "jostle has system call stubs for x86-64 and aarch64 only"
#endif

/* Does @result of a call that returns an address or a count mean -errno? */
SYS_INLINE bool sys_failed(long result)
{
	return (unsigned long)result >= (unsigned long)-4095L;
}

SYS_INLINE long sys_read(int fd, void *buffer, size_t size)
{
	return sys_call3(SYS_read, fd, (long)buffer, (long)size);
}

/* May write less than @size; sys_write_all() in a loop is what messages want. */
SYS_INLINE long sys_write(int fd, const void *buffer, size_t size)
{
	return sys_call3(SYS_write, fd, (long)buffer, (long)size);
}

/* Writes everything unless the descriptor fails; 0 or -errno. Repeats on EINTR (4). */
static inline long sys_write_all(int fd, const void *buffer, size_t size)
{
	const char *next = (const char *)buffer;

	while (size > 0) {
		long written = sys_write(fd, next, size);

		if (written == -4)
			continue;
		if (written < 0)
			return written;
		next += written;
		size -= (size_t)written;
	}
	return 0;
}

/* @directory_fd is AT_FDCWD for paths relative to the working directory. A descriptor or -errno. */
SYS_INLINE long sys_openat(int directory_fd, const char *path, int flags, unsigned int mode)
{
	return sys_call4(SYS_openat, directory_fd, (long)path, flags, (long)mode);
}

SYS_INLINE long sys_close(int fd)
{
	return sys_call1(SYS_close, fd);
}

/* The address, or -errno: test with sys_failed(). */
SYS_INLINE long sys_mmap(void *address, size_t length, int protection, int flags, int fd,
			 long offset)
{
	return sys_call6(SYS_mmap, (long)address, (long)length, protection, flags, fd, offset);
}

SYS_INLINE long sys_munmap(void *address, size_t length)
{
	return sys_call2(SYS_munmap, (long)address, (long)length);
}

SYS_INLINE long sys_mprotect(void *address, size_t length, int protection)
{
	return sys_call3(SYS_mprotect, (long)address, (long)length, protection);
}

SYS_INLINE long sys_madvise(void *address, size_t length, int advice)
{
	return sys_call3(SYS_madvise, (long)address, (long)length, advice);
}

/* @timeout is a struct timespec or NULL; relative or absolute as @operation says. */
SYS_INLINE long sys_futex(uint32_t *word, int operation, uint32_t value, const void *timeout)
{
	return sys_call6(SYS_futex, (long)word, operation, (long)value, (long)timeout, 0,
			 (long)0xffffffff);
}

SYS_INLINE long sys_getpid(void)
{
	return sys_call0(SYS_getpid);
}

SYS_INLINE long sys_gettid(void)
{
	return sys_call0(SYS_gettid);
}

/* Ends the process without handlers or flushing. */
SYS_INLINE __attribute__((noreturn)) void sys_exit_group(int status)
{
	for (;;)
		sys_call1(SYS_exit_group, status);
}

#endif
