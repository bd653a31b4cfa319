/* SPDX-License-Identifier: Apache-2.0 */
/* A list of blocks; what is bigger than a block gets one of its own. */
#include "report/pool.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE 16384

struct pool_block {
	struct pool_block *next;
	size_t used, size;
	_Alignas(16) char bytes[];
};

void *pool_alloc(struct pool *pool, size_t size)
{
	struct pool_block *block = pool->blocks;
	char *memory;

	size = (size + 15) & ~(size_t)15;
	if (!block || block->size - block->used < size) {
		size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;

		block = calloc(1, sizeof(*block) + room);
		if (!block)
			abort();
		block->size = room;
		block->next = pool->blocks;
		pool->blocks = block;
	}
	memory = block->bytes + block->used;
	block->used += size;
	return memory;
}

char *pool_bytes(struct pool *pool, const char *bytes, size_t size)
{
	char *copy = pool_alloc(pool, size + 1);

	if (size)
		memcpy(copy, bytes, size);
	return copy;
}

char *pool_text(struct pool *pool, const char *text)
{
	return text ? pool_bytes(pool, text, strlen(text)) : NULL;
}

char *pool_format(struct pool *pool, const char *format, ...)
{
	va_list args;
	char *text, *copy;
	int length;

	va_start(args, format);
	length = vasprintf(&text, format, args);
	va_end(args);
	if (length < 0)
		abort();
	copy = pool_bytes(pool, text, (size_t)length);
	free(text);
	return copy;
}

void pool_fini(struct pool *pool)
{
	while (pool->blocks) {
		struct pool_block *block = pool->blocks;

		pool->blocks = block->next;
		free(block);
	}
}

void pool_take(struct pool *pool, struct pool *from)
{
	struct pool_block **end = &from->blocks;

	/* Behind from's own, whose first block may have room. */
	while (*end)
		end = &(*end)->next;
	*end = pool->blocks;
	pool->blocks = from->blocks;
	from->blocks = NULL;
}
