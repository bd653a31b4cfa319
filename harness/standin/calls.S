/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Becomes libtsan_calls.o, which is linked into each instrumented program and library: its calls of
 * these functions come here and go on to instrument/calls.c, which counts what they access. A jump,
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

	.section .note.GNU-stack, "", @progbits
