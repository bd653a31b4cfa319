/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The switch, System V x86-64.
 *
 * fiber_step: save the callee-saved registers on the fiber's stack, note the stack pointer, go to
 * the engine's stack, ask engine_dispatch() who is next, and continue that fiber. When it is the
 * same fiber nothing is loaded again, since C kept all these registers. They are saved all the
 * same: what a step leaves below a program's stack must not depend on who was chosen.
 *
 * MXCSR and the x87 control word belong to a fiber; loading them is slow, so they are loaded only
 * where they differ. So do the exception flags of the x87, which can only be loaded with its whole
 * environment.
 *
 * Offsets are those of struct fiber, asserted in fiber.c.
 */
#define FIBER_PLACE 816
#define FIBER_FS 0
#define FIBER_RESULT 8
	.text

	.globl engine_step
	.hidden engine_step
	.type engine_step, @function
	.globl engine_step_int
	.hidden engine_step_int
	.type engine_step_int, @function
	.globl fiber_step
	.hidden fiber_step
	.type fiber_step, @function
	.globl fiber_saved
	.hidden fiber_saved
	.balign 16
engine_step:
engine_step_int:
	.cfi_startproc
	cmpb $0, engine_is_aside(%rip)
	jne engine_step_aside
fiber_step:
	pushq %rbp
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset rbp, 0
	pushq %rbx
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset rbx, 0
	pushq %r12
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset r12, 0
	pushq %r13
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset r13, 0
	pushq %r14
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset r14, 0
	pushq %r15
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset r15, 0
fiber_saved:
	movq engine_current(%rip), %rax
	movq %rsp, FIBER_PLACE+8(%rax)
	leaq engine_stack_top - 16(%rip), %rsp
	call engine_dispatch
	/* rax: the fiber to continue; rdx: the one that came; all registers that C keeps are its */
	cmpq %rax, %rdx
	jne fiber_switch
	movq FIBER_PLACE+8(%rax), %rsp
	.cfi_remember_state
	addq $48, %rsp
	.cfi_adjust_cfa_offset -48
	cmpb $0, FIBER_PLACE+24(%rax)
	jne engine_act
	movq FIBER_RESULT(%rax), %rax
	ret

fiber_switch:
	.cfi_restore_state
	addq $FIBER_PLACE, %rdx
	stmxcsr 16(%rdx)
	fnstcw 20(%rdx)
	fnstsw 22(%rdx)
	movl 16(%rdx), %ecx
	movzwl 20(%rdx), %esi
	movzwl 22(%rdx), %edi
fiber_load:
	leaq FIBER_PLACE(%rax), %r12
	xorw 22(%r12), %di
	testb $0x7f, %dil
	jne fiber_flags
fiber_flags_equal:
	cmpl 16(%r12), %ecx
	je 1f
	ldmxcsr 16(%r12)
1:	cmpw 20(%r12), %si
	je 2f
	fldcw 20(%r12)
2:	movzwl 26(%r12), %edx
	testl %edx, %edx
	je fiber_base
	movl %edx, %fs
fiber_based:
	movq 8(%r12), %rsp
	popq %r15
	.cfi_adjust_cfa_offset -8
	popq %r14
	.cfi_adjust_cfa_offset -8
	popq %r13
	.cfi_adjust_cfa_offset -8
	popq %r12
	.cfi_adjust_cfa_offset -8
	popq %rbx
	.cfi_adjust_cfa_offset -8
	popq %rbp
	.cfi_adjust_cfa_offset -8
	/* Straight back to the program's call: each return more is one that the processor guesses
	 * wrong after a switch. */
	movq engine_current(%rip), %rcx
	cmpb $0, FIBER_PLACE+24(%rcx)
	jne engine_act
	movq FIBER_RESULT(%rcx), %rax
	ret
	.cfi_endproc
	/* Control word, status, tags and last operation: 28 bytes, here in the engine stack's red
	 * zone. */
fiber_flags:
	fnstenv -32(%rsp)
	movzwl 20(%r12), %esi
	movw %si, -32(%rsp)
	movzwl 22(%r12), %edx
	andl $0x7f, %edx
	andw $0x7f00, -28(%rsp)
	orw %dx, -28(%rsp)
	fldenv -32(%rsp)
	jmp fiber_flags_equal
fiber_base:
	movq FIBER_FS(%r12), %rdx
	cmpb $0, fiber_fsgsbase(%rip)
	je 3f
	rdfsbase %rcx
	cmpq %rcx, %rdx
	je fiber_based
	wrfsbase %rdx
	jmp fiber_based
3:	movl $158, %eax		/* arch_prctl */
	movl $0x1002, %edi	/* ARCH_SET_FS */
	movq %rdx, %rsi
	syscall
	jmp fiber_based
	.size fiber_step, . - fiber_step
	.size engine_step, . - engine_step
	.size engine_step_int, . - engine_step_int

	/* fiber_enter(fiber): continue it without a place to come back to. */
	.globl fiber_enter
	.hidden fiber_enter
	.type fiber_enter, @function
	.balign 16
fiber_enter:
	fnstsw %ax
	testw $0x80ff, %ax
	je 1f
	fnclex
1:	movq %rdi, %rax
	xorl %ecx, %ecx
	xorl %esi, %esi
	xorl %edi, %edi
	jmp fiber_load
	.size fiber_enter, . - fiber_enter

	/* fiber_engine(function): call it on the engine's stack; it does not return. A zero return
	 * address ends every backtrace. */
	.globl fiber_engine
	.hidden fiber_engine
	.type fiber_engine, @function
	.balign 16
fiber_engine:
	.cfi_startproc
	.cfi_undefined rip
	leaq engine_stack_top - 16(%rip), %rsp
	xorl %ebp, %ebp
	call *%rdi
	ud2
	.cfi_endproc
	.size fiber_engine, . - fiber_engine

	/* First run of a fiber: r12 holds it, r13 its entry. A zero return address ends every
	 * backtrace. */
	.globl fiber_trampoline
	.hidden fiber_trampoline
	.type fiber_trampoline, @function
	.balign 16
fiber_trampoline:
	.cfi_startproc
	.cfi_undefined rip
	movq %r12, %rdi
	xorl %ebp, %ebp
	call *%r13
	ud2
	.cfi_endproc
	.size fiber_trampoline, . - fiber_trampoline

	/* The engine's own stack; a guard page lies below (made by fiber_init). */
	.bss
	.balign 4096
	.globl engine_stack
	.hidden engine_stack
engine_stack:
	.zero 262144
	.globl engine_stack_top
	.hidden engine_stack_top
engine_stack_top:
	.zero 4096
	.section .note.GNU-stack, "", @progbits
