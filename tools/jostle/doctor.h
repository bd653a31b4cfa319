/* SPDX-License-Identifier: Apache-2.0 */
/* One line of `jostle doctor`: what was tried, whether it works, and what is lost without it. */
#ifndef JOSTLE_TOOL_DOCTOR_H
#define JOSTLE_TOOL_DOCTOR_H

#include "report/page.h"

enum doctor_answer { DOCTOR_YES, DOCTOR_NO, DOCTOR_ABOUT };

/* lost: said of a no; of an about it is what there is to say. */
void doctor_line(struct page *page, enum doctor_answer answer, const char *what, const char *lost);
/* The lines on Valgrind and ThreadSanitizer, which are tried on a program each. */
void doctor_detectors(struct page *page);

#endif
