/* SPDX-License-Identifier: Apache-2.0 */
/* Becomes libtsan_preinit.o, which gcc links into each program: empty. */
	.section .note.GNU-stack, "", @progbits
