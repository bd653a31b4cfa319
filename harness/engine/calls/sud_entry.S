/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Code around signal frames that cannot be written in C, x86-64.
 */
	.text

	/*
	 * libgcc's unwinder, gdb and libunwind recognise a signal frame by these very bytes where
	 * no unwind table covers the address; the nop keeps the table of the function before from
	 * covering it (unwinders look up pc - 1).
	 */
	.balign 16
	nop
	.globl sud_restorer
	.hidden sud_restorer
	.type sud_restorer, @function
sud_restorer:
	.byte 0x48, 0xc7, 0xc0, 0x0f, 0x00, 0x00, 0x00	/* mov $15, %rax: rt_sigreturn */
	.byte 0x0f, 0x05				/* syscall */
	.size sud_restorer, . - sud_restorer
	ud2

	/*
	 * long sud_clone_raw(flags, stack, parent_tid, child_tid, tls, const greg_t *registers,
	 * void (*prepare)(void))
	 *
	 * A child with a stack of its own must not touch the frame of its parent, which may share
	 * its memory: it takes its registers from the context (r8 to r15, rdi, rsi, rbp, rbx,
	 * rdx, rax, rcx, rsp, rip: the order of gregset_t). rcx is free: a system call leaves the
	 * return address in it, so the last jump goes through it.
	 */
	.balign 16
	.globl sud_clone_raw
	.hidden sud_clone_raw
	.type sud_clone_raw, @function
sud_clone_raw:
	.cfi_startproc
	pushq %rbx
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset rbx, 0
	pushq %r12
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset r12, 0
	pushq %r13
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset r13, 0
	movq %r9, %rbx
	movq 32(%rsp), %r12
	movq %rsi, %r13
	movq %rcx, %r10
	movl $56, %eax
	syscall
	testq %rax, %rax
	jz 1f
	popq %r13
	.cfi_adjust_cfa_offset -8
	popq %r12
	.cfi_adjust_cfa_offset -8
	popq %rbx
	.cfi_adjust_cfa_offset -8
	ret
	.cfi_endproc
1:	/* the child */
	andq $-16, %rsp
	call *%r12
	movq %r13, %rsp
	movq 0(%rbx), %r8
	movq 8(%rbx), %r9
	movq 16(%rbx), %r10
	movq 24(%rbx), %r11
	movq 32(%rbx), %r12
	movq 40(%rbx), %r13
	movq 48(%rbx), %r14
	movq 56(%rbx), %r15
	movq 64(%rbx), %rdi
	movq 72(%rbx), %rsi
	movq 80(%rbx), %rbp
	movq 96(%rbx), %rdx
	movq 128(%rbx), %rcx
	movq 88(%rbx), %rbx
	xorl %eax, %eax
	jmp *%rcx
	.size sud_clone_raw, . - sud_clone_raw

	/*
	 * void sud_call_handler(int signo, siginfo_t *info, void *context, void *handler, void
	 * *stack_top) calls handler(signo, info, context) on another stack.
	 */
	.balign 16
	.globl sud_call_handler
	.hidden sud_call_handler
	.type sud_call_handler, @function
sud_call_handler:
	.cfi_startproc
	pushq %rbp
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset rbp, 0
	movq %rsp, %rbp
	.cfi_def_cfa_register rbp
	movq %r8, %rsp
	andq $-16, %rsp
	call *%rcx
	movq %rbp, %rsp
	popq %rbp
	.cfi_def_cfa rsp, 8
	ret
	.cfi_endproc
	.size sud_call_handler, . - sud_call_handler

	.section .note.GNU-stack, "", @progbits
