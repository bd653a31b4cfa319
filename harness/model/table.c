/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which model performs which kind of operation. What is not listed is NULL: the engine performs it itself.
 *
 * The primitives' models are declared in models.h; whoever adds others declares them here, next to their lines.
 */
#include "model/models.h"

#define X(kind, function) [OP_##kind] = model_##function,
const model_fn model_table[OP_KIND_COUNT] = {
	MODEL_PRIMITIVES(X)
};
#undef X
