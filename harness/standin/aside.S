/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What instrument/ needs of the engine, in the library that has none: nothing happens. Together
 * they are lib/jostle/libjostle.so, which a program of jostle cc finds when it is started by hand:
 * its accesses are performed, and told to nobody. Below jostle the preloaded libjostle.so has the
 * same name and comes first.
 */
	.macro NOTHING name
	.globl \name
	.hidden \name
	.type \name, @function
\name:
	endbr64
	ret
	.size \name, . - \name
	.endm

	.text
	NOTHING access_uncommon
	NOTHING access_special
	NOTHING access_compare
	NOTHING access_budget_spent
	NOTHING access_range
	NOTHING access_atomic
	NOTHING access_atomic_done
	NOTHING access_fence
	NOTHING access_weak
	NOTHING access_ignore
	NOTHING access_mapped
	NOTHING access_object
	NOTHING kill_write
	NOTHING race_acquire
	NOTHING race_atomic_load
	NOTHING race_atomic_store
	NOTHING race_atomic_update
	NOTHING race_fence
	NOTHING race_forget
	NOTHING race_read_locked
	NOTHING race_release
	NOTHING race_rw_unlocked
	NOTHING race_write_locked
	NOTHING shadow_cells_new
	NOTHING shadow_sites_new
	NOTHING weak_fence
	NOTHING weak_load
	NOTHING weak_overwrote
	NOTHING weak_store

	/* All zero: access_state.on above all. The tables of areas are never looked at. */
	.macro ZERO name size
	.globl \name
	.hidden \name
	.type \name, @object
	.balign 64
\name:
	.zero \size
	.size \name, \size
	.endm

	.bss
	ZERO access_state 64
	ZERO access_race 8192
	ZERO access_ignores 4096
	ZERO access_instrumented 8
	ZERO weak_pending 8192
	ZERO engine_current 8
	ZERO engine 65536
	ZERO shadow_cell_areas 8
	ZERO shadow_site_areas 8

	.section .note.GNU-stack, "", @progbits
