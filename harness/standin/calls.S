/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Becomes libtsan_calls.o, which is linked into each instrumented program and library: its calls of
 * these functions come here and go on to instrument/calls*.c, which count what they access. A jump,
 * so that the caller is the program. Hidden: nobody else's calls change. Weak: a program that has a
 * function of this name keeps its own.
 */
	.macro CALL name
	.weak \name
	.hidden \name
	.type \name, @function
\name:
	endbr64
	jmp jostle_call_\name@PLT
	.size \name, . - \name
	.endm

	.text
	CALL memcpy
	CALL mempcpy
	CALL memmove
	CALL bcopy
	CALL memset
	CALL bzero
	CALL memcmp
	CALL memchr
	CALL strlen
	CALL strnlen
	CALL strcpy
	CALL stpcpy
	CALL strncpy
	CALL strcat
	CALL strncat
	CALL strcmp
	CALL strncmp
	CALL strcasecmp
	CALL strncasecmp
	CALL strchr
	CALL strrchr
	CALL strstr
	/* std::__detail::_List_node_base: _M_hook, _M_unhook, _M_transfer */
	CALL _ZNSt8__detail15_List_node_base7_M_hookEPS0_
	CALL _ZNSt8__detail15_List_node_base9_M_unhookEv
	CALL _ZNSt8__detail15_List_node_base11_M_transferEPS0_S1_

	.section .note.GNU-stack, "", @progbits
