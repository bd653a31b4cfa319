/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options of all subcommands. One table (option_table.c) says what exists: the parser, --help, the
 * names of the environment variables and the manual page are made from it, so that none of them can
 * lie. An option is taken from the environment (JOSTLE_SEED for --seed) first and from the command
 * line then.
 */
#ifndef JOSTLE_TOOL_OPTIONS_H
#define JOSTLE_TOOL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The subcommands, as bits for the table. */
enum command_bit {
	COMMAND_WORDS = 0,
	COMMAND_RUN = 1U << 0,
	COMMAND_TEST = 1U << 1,
	COMMAND_LIST = 1U << 2,
	COMMAND_SHOW = 1U << 3,
	COMMAND_REPLAY = 1U << 4,
	COMMAND_STRATEGIES = 1U << 5,
	COMMAND_DOCTOR = 1U << 6,
	COMMAND_VERSION = 1U << 7,
	COMMAND_HELP = 1U << 8,
	COMMAND_COMPARE = 1U << 9,
	COMMAND_UNDER = 1U << 10,
	COMMAND_LESSON = 1U << 11,
};

enum option_level { LEVEL_AUTO, LEVEL_CONTROLLED, LEVEL_INSTRUMENTED, LEVEL_PERTURBED };
enum option_colour { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

#define JOBS_MAX   64
#define KILL_SHIFT 5
#define TEXTS_MAX  16

/* Of an option that may be given several times. */
struct option_texts {
	const char *items[TEXTS_MAX];
	size_t count;
};

struct options {
	uint64_t schedules; /* 0: not given */
	uint64_t time_ns;   /* 0: not given */
	uint64_t seed;
	uint64_t step_bound;    /* 0: the engine's default */
	uint64_t threads_limit; /* 0: the engine's default */
	uint64_t memory_limit;  /* bytes; 0: the engine's default */
	uint64_t hang_timeout_ns;
	uint64_t verify_every;
	uint64_t confirm; /* schedules for each order of a race */
	uint64_t jobs;    /* 0: not given */
	uint64_t rounds;  /* 0: not given */
	int64_t expect_exit;
	int reset;           /* enum board_reset */
	int level;           /* enum option_level */
	int sequential;      /* --memory-model: 0 c11, 1 sc */
	int fail_on;         /* enum severity */
	int colour;          /* enum option_colour */
	unsigned nasty;      /* bits as board_config.spurious */
	unsigned kill;       /* the same from KILL_SHIFT on */
	unsigned under;      /* bits by enum test_tool */
	uint64_t under_runs; /* below each of them; 0: not given */
	bool until_first;
	bool quiet;
	bool show_output;
	bool gdb;
	bool quick;
	bool man;
	bool version_flag;
	bool help_flag;
	/* Texts belong to argv or the environment. NULL: not given. */
	const char *strategy;
	const char *workdir;
	const char *with;
	const char *input;
	const char *tsan_build; /* of under: what tsan runs instead of the program, or NULL */
	const char *out;
	const char *json;
	const char *html;
	const char *junit;
	const char *tap;
	const char *table;
	const char *keep_output;
	struct option_texts suppressions;
	const char *baseline;
	const char *workers;
	/* What is no option: the program and its arguments, patterns, ids. */
	char **operands;
	size_t operand_count;
};

enum option_type {
	OPTION_FLAG,     /* bool */
	OPTION_COUNT,    /* uint64_t */
	OPTION_SIZE,     /* uint64_t bytes, with K, M, G */
	OPTION_DURATION, /* uint64_t ns from "30s", "500ms", "2m", "1h"; a bare number is seconds */
	OPTION_STATUS,   /* int64_t, 0..255 */
	OPTION_TEXT,     /* const char * */
	OPTION_TEXTS,    /* struct option_texts, one more each time */
	OPTION_CHOICE,   /* int, index into choices */
	OPTION_SET,      /* unsigned, bits by index into choices, comma-separated */
};

struct option_row {
	const char *name;     /* without dashes */
	char letter;          /* 0: none */
	const char *argument; /* its name in --help; NULL for flags */
	enum option_type type;
	size_t offset;              /* into struct options */
	unsigned commands;          /* enum command_bit */
	uint64_t least, most;       /* of counts and durations; most 0: no limit */
	const char *const *choices; /* NULL-terminated */
	const char *help;           /* one sentence or two; the default is part of it */
};

extern const struct option_row option_rows[]; /* the last has no name */

struct command {
	const char *name;
	enum command_bit bit; /* 0: its words are somebody else's, see main.c */
	const char *synopsis; /* what follows the options */
	const char *summary;  /* one line */
	const char *about;    /* for --help and the manual page */
	int (*run)(struct options *options);
};

extern const struct command commands[]; /* the last has no name */

/* NULL: no such command. */
const struct command *command_find(const char *name);

/*
 * Reads the environment and argv (argv[0] is the first argument behind the command's name). Returns
 * 0 or EXIT_USAGE, the reason having been said. For COMMAND_RUN everything from the first operand
 * or "--" on is the program, for COMMAND_UNDER from the second.
 */
int options_parse(struct options *options, const struct command *command, int argc, char **argv);

/* "JOSTLE_HANG_TIMEOUT" for "hang-timeout". */
void option_environment_name(const struct option_row *row, char *name, size_t size);

#endif
