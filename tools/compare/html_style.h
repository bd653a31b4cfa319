/* SPDX-License-Identifier: Apache-2.0 */
/* The style sheet of the page. Process is blue and thread is orange throughout; pools are dashed.
 */
#ifndef JOSTLE_COMPARE_HTML_STYLE_H
#define JOSTLE_COMPARE_HTML_STYLE_H

extern const char html_style[];

#endif
