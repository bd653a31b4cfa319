/* SPDX-License-Identifier: Apache-2.0 */
/* What writing and reading a failure file share. */
#ifndef JOSTLE_REPORT_FAILURE_PARTS_H
#define JOSTLE_REPORT_FAILURE_PARTS_H

#include <jansson.h>
#include <stdint.h>

#include "base/hash.h"
#include "event/finding.h"

/* Takes "checksum" out of the object and computes what it must be: over the compact text with
 * sorted keys. */
uint64_t failure_checksum(json_t *object);
json_t *failure_site_steps(const struct finding *finding);

#endif
