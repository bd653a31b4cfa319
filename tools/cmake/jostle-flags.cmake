# SPDX-License-Identifier: Apache-2.0
#
# The one list of the flags with which a compiler makes every memory access visible. `jostle cc`,
# jostle_instrument() and pkg-config are made from it.

# A call that became a jump returns to the caller's caller, and a stack would lack a line.
set(JOSTLE_FLAGS_BOTH -g -fsanitize=thread -fno-optimize-sibling-calls -U_FORTIFY_SOURCE)

# The compiler replaces calls of these by code of its own, after it has instrumented the rest: such
# an access would be seen by nobody. As calls they are seen where they arrive. clang replaces the
# first three before, or calls __tsan_memcpy and its like.
set(JOSTLE_FLAGS_CALLS memcpy memmove memset)
set(JOSTLE_FLAGS_CALLS_BOTH mempcpy bcopy bzero memcmp bcmp memchr strlen strnlen strcpy stpcpy
	strncpy stpncpy strcat strncat strcmp strncmp strcasecmp strncasecmp strchr strrchr index
	rindex strstr strspn strcspn strpbrk strdup strndup)

list(TRANSFORM JOSTLE_FLAGS_CALLS PREPEND -fno-builtin-)
list(TRANSFORM JOSTLE_FLAGS_CALLS_BOTH PREPEND -fno-builtin-)
# Of branches that end alike, such as failed assertions, a compiler makes one end, with the line of
# one of them or of none: a report would name a place where the thread never was.
set(JOSTLE_FLAGS_ENDS_GNU -fno-crossjumping -fno-tree-tail-merge)
set(JOSTLE_FLAGS_ENDS_Clang -mllvm -enable-tail-merge=0)

# gcc warns of fences, which ThreadSanitizer does not understand; jostle does.
set(JOSTLE_FLAGS_GNU ${JOSTLE_FLAGS_BOTH} -Wno-tsan ${JOSTLE_FLAGS_ENDS_GNU} ${JOSTLE_FLAGS_CALLS}
	${JOSTLE_FLAGS_CALLS_BOTH})

# Without the two last, clang drops the read of x = x + 1: the very place where an update is lost.
set(JOSTLE_FLAGS_Clang ${JOSTLE_FLAGS_BOTH} ${JOSTLE_FLAGS_ENDS_Clang} ${JOSTLE_FLAGS_CALLS_BOTH}
	-mllvm -tsan-instrument-read-before-write=1)
