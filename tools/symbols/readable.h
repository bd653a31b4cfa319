/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JOSTLE_TOOL_READABLE_H
#define JOSTLE_TOOL_READABLE_H

/*
 * Shortens a demangled name of C++ in its place to what stands in a line of a report: without the
 * type that is returned and those of the parameters; "main::{lambda#1}" for a lambda's call;
 * "std::map<..>::at" where template arguments would be long.
 */
void readable_name(char *text);

#endif
