/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The categories of PAGEMAP_SCAN, and how each question is put in them.
 *
 * A scan reports a page when (categories ^ inverted) holds all of `mask` and any of `anyof`.
 * Asking for WRITTEN alone takes a short cut in the kernel that also reports pages without an
 * entry, but not where a whole page table is gone (PT_RECLAIM frees it below a large
 * MADV_DONTNEED since 6.14), and a mapping that was replaced is not watched. So a page counts as
 * unwritten only when it is present, watched and not written. Measured here for 30 pages: 0.95 us
 * against 0.90 us for the short cut; asking for FILE adds 40 ns a page, hence a question of its
 * own.
 *
 * Debian 12's headers (6.1) predate the interface; it is declared here from the kernel's ABI.
 */
#include "engine/reset/dirty.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h>
#include <linux/userfaultfd.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "base/sys.h"

struct page_region {
	uint64_t start, end, categories;
};

struct scan_argument {
	uint64_t size, flags, start, end, walk_end, regions, regions_count, pages_max;
	uint64_t inverted, mask, anyof, returned;
};

#define SCAN_IOCTL       _IOWR('f', 16, struct scan_argument)
#define FEATURE_WP_ASYNC (1ull << 15)
#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1
#endif

enum category {
	WATCHED = 1 << 0,
	WRITTEN = 1 << 1,
	FILE_PAGE = 1 << 2,
	PRESENT = 1 << 3,
	SWAPPED = 1 << 4,
	ZERO_PAGE = 1 << 5,
};

enum {
	REGIONS =
		64, /* a longer vector makes the kernel allocate more: 0.8 us for 64, 1.2 for 512 */
	ENTRIES = 2048, /* of pagemap, at a time */
	DESCRIPTOR_HIGH = 1000,
	DESCRIPTOR_LOW = 16, /* below this, moving a descriptor away is not worth it */
};

#define ENTRY_POPULATED (3ull << 62) /* present or swapped */

#define ENTRY_FILE (1ull << 61) /* of a file or shared: not a copy of our own */

static int fault_fd = -1;
static int pagemap_fd = -1;
static unsigned int abilities;

static struct {
	int fd; /* 0: none */
	uint64_t size, inode;
	uint32_t device_major, device_minor;
} adopted;

static void close_fd(int *fd)
{
	if (*fd >= 0)
		sys_close(*fd);
	*fd = -1;
}

/* Moves @fd out of the way of programs that count on low numbers; keeps it where that fails. */
static int move_high(int fd)
{
	for (int from = DESCRIPTOR_HIGH; from >= DESCRIPTOR_LOW; from /= 2) {
		const long high = sys_call3(SYS_fcntl, fd, F_DUPFD_CLOEXEC, from);

		if (high < 0)
			continue;
		sys_close(fd);
		return (int)high;
	}
	return fd;
}

static bool open_watch(void)
{
	struct uffdio_api api = { .api = UFFD_API, .features = FEATURE_WP_ASYNC };
	const long fd = sys_call1(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);

	if (fd < 0)
		return false;
	if (sys_call3(SYS_ioctl, fd, UFFDIO_API, (long)&api) != 0) {
		sys_close((int)fd);
		return false;
	}
	fault_fd = move_high((int)fd);
	return true;
}

static void ignore(uintptr_t start, uintptr_t end, void *context)
{
	(void)start;
	(void)end;
	(void)context;
}

static int scan(enum dirty_question question, uintptr_t start, uintptr_t end, dirty_found found,
		void *context);

unsigned int dirty_open(unsigned int allowed)
{
	static char probe;
	const uintptr_t page = (uintptr_t)&probe & -(uintptr_t)PAGE_BYTES;
	long fd;

	dirty_close();
	fd = sys_openat(AT_FDCWD, "/proc/self/pagemap", O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return 0;
	pagemap_fd = move_high((int)fd);
	abilities = (DIRTY_CAN_READ | DIRTY_CAN_ADOPT) & allowed;
	if (!(allowed & DIRTY_CAN_SCAN))
		return abilities;
	if (scan(DIRTY_POPULATED, page, page + PAGE_BYTES, ignore, NULL) != 0)
		return abilities;
	abilities |= DIRTY_CAN_SCAN;
	if ((allowed & DIRTY_CAN_WATCH) && open_watch())
		abilities |= DIRTY_CAN_WATCH;
	return abilities;
}

void dirty_close(void)
{
	close_fd(&fault_fd);
	close_fd(&pagemap_fd);
	abilities = 0;
}

int dirty_watch(uintptr_t start, uintptr_t end)
{
	struct uffdio_register enrol = {
		.range = { .start = start, .len = end - start },
		.mode = UFFDIO_REGISTER_MODE_WP,
	};
	struct uffdio_writeprotect protect = {
		.range = enrol.range,
		.mode = UFFDIO_WRITEPROTECT_MODE_WP,
	};
	long result;

	if (!(abilities & DIRTY_CAN_WATCH))
		return -ENOSYS;
	result = sys_call3(SYS_ioctl, fault_fd, UFFDIO_REGISTER, (long)&enrol);
	if (result != 0)
		return (int)result;
	return (int)sys_call3(SYS_ioctl, fault_fd, UFFDIO_WRITEPROTECT, (long)&protect);
}

static bool file_may_grow(uint64_t size)
{
	struct rlimit64 limit;

	/* Beyond the limit the kernel does not only refuse, it sends a signal. */
	return sys_call4(SYS_prlimit64, 0, RLIMIT_FSIZE, 0, (long)&limit) == 0 &&
	       limit.rlim_cur >= size;
}

static long open_adopted(void)
{
	struct statx status;
	const long fd = sys_call2(SYS_memfd_create, (long)DIRTY_ADOPTED_NAME, MFD_CLOEXEC);

	if (fd < 0)
		return fd;
	if (sys_call5(SYS_statx, fd, (long)"", AT_EMPTY_PATH, STATX_INO, (long)&status) != 0) {
		sys_close((int)fd);
		return -ENOSYS;
	}
	adopted.fd = move_high((int)fd);
	adopted.size = 0;
	adopted.inode = status.stx_ino;
	adopted.device_major = status.stx_dev_major;
	adopted.device_minor = status.stx_dev_minor;
	return 0;
}

int dirty_adopt(uintptr_t start, uintptr_t end, int protection)
{
	const size_t size = end - start;
	const uint64_t offset = adopted.fd > 0 ? adopted.size : 0;
	long result;

	if (!(abilities & DIRTY_CAN_ADOPT) || !file_may_grow(offset + size))
		return -ENOSYS;
	if (adopted.fd <= 0 && (result = open_adopted()) < 0)
		return (int)result;
	result = sys_call2(SYS_ftruncate, adopted.fd, (long)(offset + size));
	if (result < 0)
		return (int)result;
	result = sys_mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, adopted.fd, (long)offset);
	if (sys_failed(result))
		return (int)result;
	memcpy((void *)result, (const void *)start, size);
	sys_munmap((void *)result, size);
	adopted.size = offset + size;
	result = sys_mmap((void *)start, size, protection, MAP_PRIVATE | MAP_FIXED, adopted.fd,
			  (long)offset);
	return sys_failed(result) ? (int)result : 0;
}

long dirty_adopted(uint32_t device_major, uint32_t device_minor, uint64_t inode)
{
	if (adopted.fd <= 0 || adopted.inode != inode || adopted.device_major != device_major ||
	    adopted.device_minor != device_minor)
		return -1;
	return sys_call3(SYS_fcntl, adopted.fd, F_DUPFD_CLOEXEC, 0);
}

void dirty_forget(void)
{
	if (adopted.fd > 0)
		sys_close(adopted.fd);
	adopted.fd = 0;
}

static void put_question(struct scan_argument *argument, enum dirty_question question)
{
	argument->returned = WRITTEN;
	switch (question) {
	case DIRTY_WRITTEN:
		argument->inverted = PRESENT | WATCHED;
		argument->anyof = WRITTEN | PRESENT | WATCHED;
		break;
	case DIRTY_WRITTEN_FILE:
		argument->inverted = PRESENT | WATCHED;
		argument->anyof = WRITTEN | PRESENT | WATCHED | FILE_PAGE;
		break;
	case DIRTY_COPIED:
		argument->inverted = FILE_PAGE;
		argument->mask = FILE_PAGE;
		argument->anyof = PRESENT | SWAPPED;
		break;
	case DIRTY_POPULATED:
		argument->inverted = ZERO_PAGE;
		argument->mask = ZERO_PAGE;
		argument->anyof = PRESENT | SWAPPED;
		argument->returned = PRESENT;
		break;
	}
}

static int scan(enum dirty_question question, uintptr_t start, uintptr_t end, dirty_found found,
		void *context)
{
	struct page_region regions[REGIONS];
	struct scan_argument argument = {
		.size = sizeof(argument),
		.end = end,
		.regions = (uintptr_t)regions,
		.regions_count = REGIONS,
	};

	put_question(&argument, question);
	/* The kernel stops early when the vector is full, and says where. */
	for (argument.start = start; argument.start < end; argument.start = argument.walk_end) {
		const long count = sys_call3(SYS_ioctl, pagemap_fd, SCAN_IOCTL, (long)&argument);

		if (count < 0)
			return (int)count;
		if (argument.walk_end <= argument.start)
			return -EIO;
		for (long i = 0; i < count; i++)
			found((uintptr_t)regions[i].start, (uintptr_t)regions[i].end, context);
	}
	return 0;
}

/* Before Linux 6.7. Of memory that is no file's a page that was merely read may be reported, since
 * it cannot be told apart. */
static int read_entries(bool copies, uintptr_t start, uintptr_t end, dirty_found found,
			void *context)
{
	static uint64_t entries[ENTRIES];
	uintptr_t page = start;

	while (page < end) {
		const size_t wanted = (end - page) >> PAGE_SHIFT;
		const size_t size = sizeof(entries[0]) * (wanted < ENTRIES ? wanted : ENTRIES);
		const long got = sys_call4(SYS_pread64, pagemap_fd, (long)entries, (long)size,
					   (long)((page >> PAGE_SHIFT) * sizeof(entries[0])));

		if (got < 0)
			return (int)got;
		if (got < (long)sizeof(entries[0]))
			return -EIO;
		for (size_t i = 0; i < (size_t)got / sizeof(entries[0]); i++, page += PAGE_BYTES)
			if ((entries[i] & ENTRY_POPULATED) &&
			    !(copies && (entries[i] & ENTRY_FILE)))
				found(page, page + PAGE_BYTES, context);
	}
	return 0;
}

int dirty_scan(enum dirty_question question, uintptr_t start, uintptr_t end, dirty_found found,
	       void *context)
{
	if (question <= DIRTY_WRITTEN_FILE && !(abilities & DIRTY_CAN_WATCH))
		return -ENOSYS;
	if (abilities & DIRTY_CAN_SCAN)
		return scan(question, start, end, found, context);
	if (abilities & (DIRTY_CAN_READ | DIRTY_CAN_ADOPT))
		return read_entries(question == DIRTY_COPIED, start, end, found, context);
	return -ENOSYS;
}
