/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A campaign of the perturbed level: many runs on real threads, several at a time. The first is not
 * perturbed and shows what a run costs; the others adapt to it. What a run showed is true even if
 * it never shows again, so nothing is dropped: a finding says in how many re-runs of its seed it
 * showed.
 */
#ifndef JOSTLE_TOOL_PERTURB_CAMPAIGN_H
#define JOSTLE_TOOL_PERTURB_CAMPAIGN_H

#include "campaign/verify.h"
#include "jostle/options.h"
#include "perturb/perturb_run.h"

/* Always fills campaign; campaign_fini() afterwards. Needs interrupt_init(). */
void perturb_campaign_run(struct campaign *campaign, const struct plan *plan,
			  struct launch *launch);

/*
 * Runs the finding's seed again, n times: shown and runs in the result are k and n. The finding and
 * the board that the result is about are those of a re-run that showed it or, when none did, of the
 * last one; result.finding is then what was found. run is open and idle; afterwards its slot's
 * board has the modules. rebuilt: places differ, so kind and cause must do.
 */
struct verification perturb_verify(struct perturb_run *run, struct launch *launch,
				   const struct plan *plan, const struct found *found,
				   bool rebuilt);

/* Says which options do not go with this level. Returns 0 or EXIT_USAGE. */
int perturb_check_options(const struct options *options);

#endif
