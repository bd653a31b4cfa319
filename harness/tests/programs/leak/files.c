/* SPDX-License-Identifier: Apache-2.0 */
/* Opens streams and never closes them, reads a part, and pushes a character back. */
#include "leak.h"

static unsigned leave(int thread, int argc, char **argv)
{
	char line[64] = "";
	FILE *file = fopen("/etc/passwd", "r");
	int number;

	(void)thread, (void)argc, (void)argv;
	EXPECT(file);
	number = fileno(file);
	EXPECT(number < 64);
	EXPECT(fgets(line, sizeof(line), file));
	ungetc('x', file);
	setvbuf(stdout, NULL, _IOFBF, 8192);
	printf("never flushed by %d", number);
	return fold((unsigned)number, line, sizeof(line));
}
