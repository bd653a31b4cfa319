/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces of JSON that several files write. All return new references. */
#ifndef JOSTLE_REPORT_JSON_PARTS_H
#define JOSTLE_REPORT_JSON_PARTS_H

#include <jansson.h>
#include <stdint.h>

#include "symbols/symbols.h"

json_t *json_hex(uint64_t number); /* "0x0123456789abcdef" */
json_t *
json_words(const char *text); /* null for NULL; bytes that are no UTF-8 become question marks */
json_t *json_of_frame(const struct frame *frame);

#endif
