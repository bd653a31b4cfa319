/* SPDX-License-Identifier: Apache-2.0 */
/* Maps, unmaps, protects and gives back memory, its own data among it. */
#include "leak.h"
#include <sys/mman.h>

#define PAGE 4096

static char data[4 * PAGE] __attribute__((aligned(PAGE))) = "before";
static char zeros[4 * PAGE] __attribute__((aligned(PAGE)));

static unsigned leave(int thread, int argc, char **argv)
{
	unsigned sum = 0;
	char *extra, *moved, *broken;

	(void)argc, (void)argv;
	if (thread == 0) {
		EXPECT(strcmp(data, "before") == 0 && data[PAGE] == 0 && zeros[PAGE] == 0);
		data[PAGE] = 1;
		zeros[PAGE] = 1;
		madvise(data, PAGE, MADV_DONTNEED);
		EXPECT(mprotect(zeros + 2 * PAGE, PAGE, PROT_READ) == 0);
		EXPECT(munmap(zeros + 3 * PAGE, PAGE) == 0);
		EXPECT(mmap(data + 3 * PAGE, PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == data + 3 * PAGE);
		data[3 * PAGE] = 5;
	}
	extra = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	EXPECT(extra != MAP_FAILED);
	extra[0] = 1;
	moved = mremap(extra, 16 * PAGE, 64 * PAGE, MREMAP_MAYMOVE);
	EXPECT(moved != MAP_FAILED && moved[0] == 1);
	broken = sbrk(3 * PAGE + 16);
	EXPECT(broken != (char *)-1);
	for (int i = 0; i < 3 * PAGE; i++)
		sum += (unsigned char)broken[i];
	memset(broken, 0x55, 3 * PAGE);
	EXPECT(sum == 0);
	return sum;
}
