/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which model performs which kind of operation. What is not listed is NULL: the engine performs it
 * itself.
 *
 * The primitives' models are declared in models.h; whoever adds others declares them here, next to
 * their lines.
 */
#include "model/models.h"
#include "model/thread.h"

#define X(kind, function) [OP_##kind] = model_##function,
const model_fn model_table[OP_KIND_COUNT] = {
	MODEL_PRIMITIVES(X)
	/* threads: model/thread.h */
	[OP_THREAD_START] = model_thread_point,
	[OP_THREAD_CREATE] = model_thread_point,
	[OP_THREAD_EXIT] = model_thread_exit,
	[OP_THREAD_JOIN] = model_thread_join,
	[OP_THREAD_TRYJOIN] = model_thread_tryjoin,
	[OP_THREAD_DETACH] = model_thread_detach,
	[OP_THREAD_CANCEL] = model_thread_cancel,
	[OP_TESTCANCEL] = model_thread_point,
	[OP_YIELD] = model_thread_point,
	[OP_PREEMPT] = model_thread_point,
};
#undef X
