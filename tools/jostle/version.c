/* SPDX-License-Identifier: Apache-2.0 */
/* `jostle version` */
#include <stdio.h>

#include "jostle/commands.h"
#include "jostle/say.h"

int command_version(struct options *options)
{
	if (options->operand_count)
		return say_error(EXIT_USAGE, "version: takes no argument, but got '%s'",
				 options->operands[0]);
	printf("jostle " JOSTLE_VERSION "\n");
	return EXIT_CLEAN;
}
