/* SPDX-License-Identifier: Apache-2.0 */
/* The parser: getopt_long's habits (--name=value, -nVALUE, -qn 5, "--"), driven by the table. */
#include "jostle/options.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jostle/nearest.h"
#include "jostle/say.h"

#define NAME_MAX_LENGTH 64

void option_environment_name(const struct option_row *row, char *name, size_t size)
{
	size_t length = (size_t)snprintf(name, size, "JOSTLE_%s", row->name);

	for (size_t i = 0; i < length && i < size; i++)
		name[i] = name[i] == '-' ? '_' : (char)toupper((unsigned char)name[i]);
}

/* Decimal digits, at most UINT64_MAX; *end is what follows. False: no digit, or too big. */
static bool read_number(const char *text, uint64_t *number, const char **end)
{
	char *after;

	if (!isdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	*number = strtoull(text, &after, 10);
	*end = after;
	return errno == 0;
}

static bool read_unit(const char *text, uint64_t *number, const char *const *units,
		      const uint64_t *factors)
{
	const char *unit;

	if (!read_number(text, number, &unit))
		return false;
	for (size_t i = 0; units[i]; i++)
		if (strcmp(unit, units[i]) == 0)
			return !__builtin_mul_overflow(*number, factors[i], number);
	return false;
}

static bool read_duration(const char *text, uint64_t *ns)
{
	static const char *const units[] = { "", "s", "ms", "m", "h", NULL };
	static const uint64_t factors[] = { 1000000000, 1000000000, 1000000, 60000000000,
					    3600000000000 };

	return read_unit(text, ns, units, factors);
}

static bool read_size(const char *text, uint64_t *bytes)
{
	static const char *const units[] = { "", "K", "M", "G", NULL };
	static const uint64_t factors[] = { 1, 1 << 10, 1 << 20, 1 << 30 };

	return read_unit(text, bytes, units, factors);
}

/* "auto, snapshot, fork or exec" */
static void list_choices(const struct option_row *row, char *text, size_t size)
{
	size_t length = 0;

	for (size_t i = 0; row->choices[i] && length < size; i++)
		length += (size_t)snprintf(text + length, size - length, "%s%s",
					   i == 0                ? ""
					   : row->choices[i + 1] ? ", "
								 : " or ",
					   row->choices[i]);
}

static int find_choice(const struct option_row *row, const char *text, size_t length)
{
	for (int i = 0; row->choices[i]; i++)
		if (strlen(row->choices[i]) == length &&
		    strncmp(row->choices[i], text, length) == 0)
			return i;
	return -1;
}

static bool read_set(const struct option_row *row, const char *text, unsigned *bits)
{
	*bits = 0;
	for (;;) {
		size_t length = strcspn(text, ",");
		int choice = find_choice(row, text, length);

		if (choice < 0)
			return false;
		*bits |= 1U << choice;
		if (!text[length])
			return true;
		text += length + 1;
	}
}

static int bad_choice(const struct option_row *row, const char *shown, const char *text)
{
	char list[256];
	struct nearest nearest;

	list_choices(row, list, sizeof(list));
	nearest_init(&nearest, text);
	for (size_t i = 0; row->choices[i]; i++)
		nearest_offer(&nearest, row->choices[i]);
	if (nearest.best)
		return say_error(EXIT_USAGE, "%s: '%s' is not one of %s; did you mean %s?", shown,
				 text, list, nearest.best);
	return say_error(EXIT_USAGE, "%s: '%s' is not one of %s", shown, text, list);
}

/* good: it is a number, and of the right kind, but out of range. */
static int bad_number(const struct option_row *row, const char *shown, const char *text, bool good)
{
	const char *wanted = row->type == OPTION_DURATION ? "a time such as 30s, 500ms or 2m"
			     : row->type == OPTION_SIZE   ? "a size such as 512M"
							  : "a number";

	if (row->type == OPTION_DURATION && good)
		return say_error(EXIT_USAGE, "%s: '%s' is too short; at least %llums", shown, text,
				 (unsigned long long)row->least / 1000000);
	if (row->type == OPTION_SIZE && good)
		return say_error(EXIT_USAGE, "%s: '%s' is too small; at least %lluM", shown, text,
				 (unsigned long long)row->least >> 20);
	if (row->type == OPTION_COUNT || row->type == OPTION_STATUS) {
		if (row->most)
			return say_error(EXIT_USAGE, "%s: '%s' is not a number from %llu to %llu",
					 shown, text, (unsigned long long)row->least,
					 (unsigned long long)row->most);
		if (text[0] && text[strspn(text, "0123456789")] == '\0' && !good)
			return say_error(EXIT_USAGE, "%s: '%s' is too large", shown, text);
		if (row->least)
			return say_error(EXIT_USAGE, "%s: '%s' is not a number of at least %llu",
					 shown, text, (unsigned long long)row->least);
	}
	return say_error(EXIT_USAGE, "%s: '%s' is not %s", shown, text, wanted);
}

static int store_text(struct option_texts *texts, const struct option_row *row, const char *shown,
		      const char *text)
{
	if (!text[0])
		return say_error(EXIT_USAGE, "%s: needs %s, which is empty here", shown,
				 row->argument);
	if (texts->count == TEXTS_MAX)
		return say_error(EXIT_USAGE, "%s: can be given %d times", shown, TEXTS_MAX);
	texts->items[texts->count++] = text;
	return 0;
}

/* Stores one value; shown is how the user wrote the option. */
static int option_store(struct options *options, const struct option_row *row, const char *shown,
			const char *text)
{
	char *place = (char *)options + row->offset;
	const char *end = "";
	uint64_t number = 0;
	int choice;
	bool good;

	switch (row->type) {
	case OPTION_FLAG:
		*(bool *)place = true;
		return 0;
	case OPTION_TEXT:
		if (!text[0])
			return say_error(EXIT_USAGE, "%s: needs %s, which is empty here", shown,
					 row->argument);
		*(const char **)place = text;
		return 0;
	case OPTION_TEXTS:
		return store_text((struct option_texts *)place, row, shown, text);
	case OPTION_CHOICE:
		choice = find_choice(row, text, strlen(text));
		if (choice < 0)
			return bad_choice(row, shown, text);
		*(int *)place = choice;
		return 0;
	case OPTION_SET:
		return read_set(row, text, (unsigned *)place) ? 0 : bad_choice(row, shown, text);
	case OPTION_DURATION:
		good = read_duration(text, &number);
		break;
	case OPTION_SIZE:
		good = read_size(text, &number);
		break;
	default:
		good = read_number(text, &number, &end) && !*end;
	}
	if (!good || number < row->least || (row->most && number > row->most))
		return bad_number(row, shown, text, good);
	if (row->type == OPTION_STATUS)
		*(int64_t *)place = (int64_t)number;
	else
		*(uint64_t *)place = number;
	return 0;
}

static int read_environment(struct options *options, const struct command *command)
{
	char name[NAME_MAX_LENGTH];

	for (const struct option_row *row = option_rows; row->name; row++) {
		const char *value;
		int code;

		option_environment_name(row, name, sizeof(name));
		value = getenv(name);
		if (!(row->commands & command->bit) ||
		    row->offset == offsetof(struct options, help_flag) || !value || !value[0])
			continue;
		if (row->type == OPTION_FLAG && strcmp(value, "0") == 0)
			continue;
		if (row->type == OPTION_FLAG && strcmp(value, "1") != 0)
			return say_error(EXIT_USAGE, "%s: '%s' is not 0 or 1", name, value);
		code = option_store(options, row, name, value);
		if (code)
			return code;
	}
	return 0;
}

static int unknown_option(const struct command *command, const char *word, size_t length)
{
	char given[NAME_MAX_LENGTH];
	struct nearest nearest;

	snprintf(given, sizeof(given), "%.*s", (int)length, word);
	for (const struct option_row *row = option_rows; row->name; row++)
		if (strcmp(row->name, given) == 0)
			return say_error(
				EXIT_USAGE,
				"%s: --%s is no option of this command; see jostle %s --help",
				command->name, given, command->name);
	nearest_init(&nearest, given);
	for (const struct option_row *row = option_rows; row->name; row++)
		if (row->commands & command->bit)
			nearest_offer(&nearest, row->name);
	if (nearest.best)
		return say_error(EXIT_USAGE, "%s: unknown option --%s; did you mean --%s?",
				 command->name, given, nearest.best);
	return say_error(EXIT_USAGE, "%s: unknown option --%s; see jostle %s --help", command->name,
			 given, command->name);
}

/* --name, --name=value, --name value. *at is the index of the word and is moved over a value. */
static int read_long(struct options *options, const struct command *command, int argc, char **argv,
		     int *at)
{
	const char *word = argv[*at] + 2;
	size_t length = strcspn(word, "=");
	const char *value = word[length] ? word + length + 1 : NULL;
	char shown[NAME_MAX_LENGTH];

	for (const struct option_row *row = option_rows; row->name; row++) {
		if (!(row->commands & command->bit) || strlen(row->name) != length ||
		    strncmp(row->name, word, length) != 0)
			continue;
		snprintf(shown, sizeof(shown), "--%s", row->name);
		if (row->type == OPTION_FLAG && value)
			return say_error(EXIT_USAGE, "%s takes no value", shown);
		if (row->type != OPTION_FLAG && !value) {
			if (*at + 1 >= argc)
				return say_error(EXIT_USAGE, "%s needs %s", shown, row->argument);
			value = argv[++*at];
		}
		return option_store(options, row, shown, value);
	}
	return unknown_option(command, word, length);
}

/* -q, -n5, -n 5, -qn5. */
static int read_letters(struct options *options, const struct command *command, int argc,
			char **argv, int *at)
{
	for (const char *letter = argv[*at] + 1; *letter; letter++) {
		const struct option_row *row = option_rows;
		char shown[3] = { '-', *letter, '\0' };
		const char *value = NULL;
		int code;

		while (row->name && !(row->letter == *letter && row->commands & command->bit))
			row++;
		if (!row->name)
			return say_error(EXIT_USAGE, "%s: unknown option %s; see jostle %s --help",
					 command->name, shown, command->name);
		if (row->type != OPTION_FLAG) {
			value = letter[1] ? letter + 1 : *at + 1 < argc ? argv[++*at] : NULL;
			if (!value)
				return say_error(EXIT_USAGE, "%s needs %s", shown, row->argument);
		}
		code = option_store(options, row, shown, value);
		if (code || value)
			return code;
	}
	return 0;
}

static void options_init(struct options *options)
{
	memset(options, 0, sizeof(*options));
	options->seed = 1;
	options->hang_timeout_ns = 5000000000ULL;
	options->verify_every = 256;
	options->confirm = 64;
	options->fail_on = 2;
	options->strategy = "auto";
	options->out = "jostle-out";
}

int options_parse(struct options *options, const struct command *command, int argc, char **argv)
{
	bool only_operands = false;
	int code;

	options_init(options);
	code = read_environment(options, command);
	/* Operands are moved to the front of argv, behind what was read. */
	options->operands = argv;
	for (int i = 0; code == 0 && i < argc; i++) {
		char *word = argv[i];

		if (!only_operands && strcmp(word, "--") == 0) {
			only_operands = true;
		} else if (only_operands || word[0] != '-' || !word[1]) {
			argv[options->operand_count++] = word;
			only_operands |=
				command->bit == COMMAND_RUN ||
				(command->bit == COMMAND_UNDER && options->operand_count == 2);
		} else if (word[1] == '-') {
			code = read_long(options, command, argc, argv, &i);
		} else {
			code = read_letters(options, command, argc, argv, &i);
		}
	}
	if (code == 0 && argc > (int)options->operand_count)
		argv[options->operand_count] = NULL;
	return code;
}
