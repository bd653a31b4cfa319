/* SPDX-License-Identifier: Apache-2.0 */
/* The one list of detectors, and the one that is none. */
#include <string.h>

#include "under/tool.h"

/* Real threads natively: what the perturbed level itself judges. */
const struct under_tool none_tool = {
	.name = "none",
	.display = "none",
	.sees = "data races are not looked for",
	.patience = 1,
	.needs_threads = true,
};

static const struct under_tool *const tools[] = { &helgrind_tool, &drd_tool, &tsan_tool,
						  &memcheck_tool, &none_tool };

const struct under_tool *under_tool_find(const char *name)
{
	for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++)
		if (strcmp(tools[i]->name, name) == 0)
			return tools[i];
	return NULL;
}

const char *under_tool_name(size_t i)
{
	return i < sizeof(tools) / sizeof(tools[0]) ? tools[i]->name : NULL;
}

int under_open(const struct under_tool *tool, struct target *target, char **argv, size_t argc)
{
	const int code = tool->runtime_inside ? target_open_tsan(target, argv, argc)
					      : target_open(target, argv, argc);

	return code || !tool->check ? code : tool->check(target);
}
