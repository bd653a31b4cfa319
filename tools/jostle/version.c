/* SPDX-License-Identifier: Apache-2.0 */
/* `jostle version` */
#include <unistd.h>

#include "jostle/commands.h"
#include "jostle/say.h"

int command_version(struct options *options)
{
	struct page page;
	int code;

	if (options->operand_count)
		return say_error(EXIT_USAGE, "version: takes no argument, but got '%s'",
				 options->operands[0]);
	page_init(&page, false);
	page_add(&page, "jostle " JOSTLE_VERSION "\n");
	code = page_write(&page, STDOUT_FILENO);
	page_fini(&page);
	return code;
}
