/* SPDX-License-Identifier: Apache-2.0 */
/* Opens character set conversions, whose modules libc loads, and keeps them. */
#include "leak.h"
#include <errno.h>
#include <iconv.h>

static unsigned leave(int thread, int argc, char **argv)
{
	char text[] = "\xe4 and so on", out[64] = "";
	char *from = text, *to = out;
	size_t left = strlen(text), room = sizeof(out);
	iconv_t conversion;

	(void)thread, (void)argc, (void)argv;
	EXPECT(errno == 0);
	conversion = iconv_open("UTF-16LE", "ISO-8859-15");
	EXPECT(conversion != (iconv_t)-1);
	EXPECT(iconv(conversion, &from, &left, &to, &room) == 0);
	return fold(0, out, sizeof(out));
}
