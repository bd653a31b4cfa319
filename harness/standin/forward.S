/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For each name of the list a function that jumps to libc's default version of it. The first call
 * looks it up, with all argument registers kept: what the function takes is none of our business,
 * and its caller must look like the caller (dlopen() asks who that is).
 */
#if !defined(__x86_64__)
#error "the stand-in for libtsan knows x86-64 only"
#endif

	.set index, 0

	.macro FORWARD name
	.pushsection .data.rel.local, "aw", @progbits
	.balign 8
slot_\name:
	.quad first_\name
	.popsection

	.text
	.globl \name
	.type \name, @function
\name:
	endbr64
	jmp *slot_\name(%rip)
	.size \name, . - \name

first_\name:
	leaq slot_\name(%rip), %r11
	movl $index, %r10d
	jmp look_up
	.set index, index + 1
	.endm

	/* In: r10d the place in the list, r11 the slot; all else as the caller left it. */
	.text
	.type look_up, @function
look_up:
	.cfi_startproc
	pushq %rbp
	.cfi_adjust_cfa_offset 8
	.cfi_offset %rbp, -16
	movq %rsp, %rbp
	.cfi_def_cfa_register %rbp
	pushq %rdi
	pushq %rsi
	pushq %rdx
	pushq %rcx
	pushq %r8
	pushq %r9
	pushq %rax
	pushq %r11
	subq $128, %rsp
	movups %xmm0, 0(%rsp)
	movups %xmm1, 16(%rsp)
	movups %xmm2, 32(%rsp)
	movups %xmm3, 48(%rsp)
	movups %xmm4, 64(%rsp)
	movups %xmm5, 80(%rsp)
	movups %xmm6, 96(%rsp)
	movups %xmm7, 112(%rsp)
	andq $-16, %rsp
	movl %r10d, %edi
	call standin_find
	leaq -192(%rbp), %rsp
	movups 0(%rsp), %xmm0
	movups 16(%rsp), %xmm1
	movups 32(%rsp), %xmm2
	movups 48(%rsp), %xmm3
	movups 64(%rsp), %xmm4
	movups 80(%rsp), %xmm5
	movups 96(%rsp), %xmm6
	movups 112(%rsp), %xmm7
	addq $128, %rsp
	popq %r11
	movq %rax, (%r11)
	movq %rax, %r11
	popq %rax
	popq %r9
	popq %r8
	popq %rcx
	popq %rdx
	popq %rsi
	popq %rdi
	popq %rbp
	.cfi_def_cfa %rsp, 8
	jmp *%r11
	.cfi_endproc
	.size look_up, . - look_up

#define F(name) FORWARD name
#include "names.list"

	.section .note.GNU-stack, "", @progbits
