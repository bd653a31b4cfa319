/* SPDX-License-Identifier: Apache-2.0 */
/* Composes the line and writes it at once, over the one before. */
#include "jostle/progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "report/page.h"

#define INTERVAL_NS 200000000ULL

void progress_init(struct progress *progress, uint64_t now_ns)
{
	*progress = (struct progress){
		.started_ns = now_ns, .shown_ns = now_ns, .new_ns = now_ns, .rate_ns = now_ns
	};
}

static void write_line(const char *text)
{
	if (write(STDERR_FILENO, text, strlen(text)) < 0)
		return; /* the terminal went away; the campaign goes on */
}

void progress_line(struct progress *progress, const char *text, uint64_t now_ns)
{
	struct winsize window = { .ws_col = 80 };
	char line[300];
	size_t fit;

	if (progress->visible && now_ns - progress->shown_ns < INTERVAL_NS)
		return;
	progress->shown_ns = now_ns;
	ioctl(STDERR_FILENO, TIOCGWINSZ, &window);
	fit = text_fit(text, window.ws_col > 1 ? window.ws_col - 1U : 79);
	snprintf(line, sizeof(line), "\r%.*s\033[K", (int)(fit < 256 ? fit : 256), text);
	write_line(line);
	progress->visible = true;
}

void progress_show(struct progress *progress, const struct gather *gather,
		   const struct worker *workers, uint32_t count, uint64_t now_ns)
{
	uint64_t schedules = gather->schedules, distinct = gather->seen.count,
		 findings = gather->found_count;
	char line[256], many[32], different[32], speed[32];

	if (now_ns - progress->shown_ns < INTERVAL_NS)
		return;
	for (uint32_t i = 0; i < count; i++) {
		const struct board_status *status = &workers[i].slot.board->status;

		if (workers[i].process.pid <= 0)
			continue;
		schedules += BOARD_LOAD(status->committed);
		distinct += BOARD_LOAD(status->distinct);
		findings += BOARD_LOAD(status->finding_count);
	}
	if (distinct > progress->distinct) {
		progress->distinct = distinct;
		progress->new_ns = now_ns;
	}
	if (now_ns - progress->rate_ns >= 1000000000ULL || progress->rate == 0) {
		progress->rate = (double)(schedules - progress->rate_schedules) * 1e9 /
				 (double)(now_ns - progress->rate_ns);
		progress->rate_schedules = schedules;
		progress->rate_ns = now_ns;
	}
	format_count(many, sizeof(many), schedules);
	format_count(different, sizeof(different), distinct);
	format_count(speed, sizeof(speed), (uint64_t)progress->rate);
	snprintf(line, sizeof(line),
		 "%.1f s  %s schedules  %s/s  %s distinct, new %.1f s ago  %llu finding%s",
		 (double)(now_ns - progress->started_ns) / 1e9, many, speed, different,
		 (double)(now_ns - progress->new_ns) / 1e9, (unsigned long long)findings,
		 findings == 1 ? "" : "s");
	progress_line(progress, line, now_ns);
}

void progress_show_runs(struct progress *progress, const struct gather *gather, uint64_t runs,
			uint64_t now_ns)
{
	char line[256], many[32], all[40] = "";

	if (now_ns - progress->shown_ns < INTERVAL_NS)
		return;
	format_count(many, sizeof(many), gather->schedules);
	if (runs != BOARD_NO_SCHEDULE) {
		strcpy(all, " of ");
		format_count(all + 4, sizeof(all) - 4, runs);
	}
	snprintf(line, sizeof(line), "%.1f s  %s%s runs  %zu finding%s",
		 (double)(now_ns - progress->started_ns) / 1e9, many, all, gather->found_count,
		 gather->found_count == 1 ? "" : "s");
	progress_line(progress, line, now_ns);
}

void progress_erase(struct progress *progress)
{
	if (progress->visible)
		write_line("\r\033[K");
	progress->visible = false;
}
