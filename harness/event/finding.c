/* SPDX-License-Identifier: Apache-2.0 */
/* Names of finding kinds, causes, severities and roles, made from the lists in the header. */
#include "event/finding.h"

#include <stddef.h>

static const struct {
	const char *name;
	enum severity severity;
} kinds[FINDING_KIND_COUNT] = {
#define X(name, text, severity) [FINDING_##name] = { text, SEVERITY_##severity },
	FINDING_LIST(X)
#undef X
};

static const char *const causes[CAUSE_COUNT] = {
#define X(name, text) [CAUSE_##name] = text,
	CAUSE_LIST(X)
#undef X
};

static const char *const severities[] = {
	[SEVERITY_NOTE] = "note", [SEVERITY_WARNING] = "warning", [SEVERITY_ERROR] = "error"
};

static const char *const roles[] = {
	[SITE_AT] = "at",
	[SITE_WAITS] = "waits",
	[SITE_HOLDS] = "holds, taken",
	[SITE_FIRST] = "earlier",
	[SITE_CREATED] = "created",
	[SITE_SIGNALLED] = "signalled",
	[SITE_ENDED] = "ended",
	[SITE_EDGE] = "takes while holding",
	[SITE_ACCESS] = "accesses",
	[SITE_ALLOCATED] = "allocated",
	[SITE_AFTER] = "after",
	[SITE_BEFORE] = "before",
};

const char *finding_kind_name(unsigned kind)
{
	return kind < FINDING_KIND_COUNT ? kinds[kind].name : "unknown";
}

enum severity finding_kind_severity(unsigned kind)
{
	return kind < FINDING_KIND_COUNT ? kinds[kind].severity : SEVERITY_ERROR;
}

bool finding_ends_schedule(unsigned kind)
{
	return kind != FINDING_RACE && kind != FINDING_LOCK_ORDER && kind != FINDING_MISUSE &&
	       kind != FINDING_LIFETIME && kind != FINDING_LEAK;
}

const char *finding_cause_name(unsigned cause)
{
	return cause < CAUSE_COUNT ? causes[cause] : "unknown";
}

const char *severity_name(unsigned severity)
{
	return severity <= SEVERITY_ERROR ? severities[severity] : "unknown";
}

const char *site_role_text(unsigned role)
{
	return role < sizeof(roles) / sizeof(roles[0]) ? roles[role] : "at";
}

static int same(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

int finding_kind_from_name(const char *name)
{
	for (int i = 0; i < FINDING_KIND_COUNT; i++)
		if (same(kinds[i].name, name))
			return i;
	return -1;
}

int finding_cause_from_name(const char *name)
{
	for (int i = 0; i < CAUSE_COUNT; i++)
		if (same(causes[i], name))
			return i;
	return -1;
}

int severity_from_name(const char *name)
{
	for (int i = 0; i <= SEVERITY_ERROR; i++)
		if (same(severities[i], name))
			return i;
	return -1;
}
