/* SPDX-License-Identifier: Apache-2.0 */
/* The gate of an operation that needs no lock. */
#include "event/thread.h"

const uint32_t thread_gate_open;
