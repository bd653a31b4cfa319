/* SPDX-License-Identifier: Apache-2.0 */
/* Failure files: written, read back, and everything that somebody can do to one in between. */
#include "check_main.h"

#include <fcntl.h>
#include <glob.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/rng.h"
#include "jostle/say.h"
#include "report/failure.h"
#include "report/failure_parts.h"

static char folder[] = "/tmp/check_failure_XXXXXX";
static struct pool pool;
static struct slot slot;
static char said[8192];

static char *argv[] = { (char[]){ "./app" }, (char[]){ "two words" }, NULL };
static struct target target = { .path = "/bin/true",
				.argv = argv,
				.argc = 2,
				.elf = { .build_id = { 0xab, 0xcd }, .build_id_size = 2 },
				.digest = 0xfedcba9876543210 };
static struct input input = { .fd = -1 };
static struct launch launch = { .target = &target, .input = &input };
static struct campaign campaign;
static uint16_t choices[] = { 0, 0, 0, 1, 2, 0xfffe };
static uint32_t values[] = { 9, 70000 };
static struct found found;
static struct story story;

static void setup(void)
{
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chdir(folder), 0);
	ck_assert_int_eq(slot_open(&slot), 0);
	campaign = (struct campaign){ .launch = &launch };
	campaign.plan = (struct plan){ .seed = UINT64_MAX,
				       .strategy = "pct:3",
				       .expect_exit = 4,
				       .step_bound = 5,
				       .memory_limit = 1ULL << 40,
				       .spurious = 3 };
	campaign.gather.reset = RESET_FORK;
	campaign.gather.learned_steps_max = 33;
	found = (struct found){ .first_schedule = 12345,
				.seed = 0x8000000000000001,
				.count = 7,
				.event_hash = 0xabc,
				.steps = 6,
				.strategy = "pct:3",
				.decisions = { .choices = choices,
					       .choice_count = 6,
					       .values = values,
					       .value_count = 2 } };
	found.finding.kind = FINDING_CRASH;
	found.finding.cause = CAUSE_SIGNAL;
	found.finding.signal = 11;
	found.finding.key = 0x1234567890abcdef;
	found.finding.site_count = 2;
	found.finding.sites[1].step = 77;
	story = (struct story){ .id = "F3",
				.kind = "crash",
				.cause = "signal",
				.severity = "error",
				.title = "crash: \"q\" in f()",
				.headline = "h",
				.text = "",
				.strategy = "pct:3",
				.replay = "exact",
				.output = "bytes \xff",
				.count = 7 };
}

static void teardown(void)
{
	char command[64];

	slot_close(&slot);
	pool_fini(&pool);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	ck_assert_int_eq(system(command), 0);
}

static int saved_stderr, said_fd;

static void listen_in(void)
{
	saved_stderr = dup(STDERR_FILENO);
	said_fd = memfd_create("said", 0);
	dup2(said_fd, STDERR_FILENO);
}

static void stop_listening(void)
{
	ssize_t size = pread(said_fd, said, sizeof(said) - 1, 0);

	dup2(saved_stderr, STDERR_FILENO);
	said[size < 0 ? 0 : size] = '\0';
	close(saved_stderr);
	close(said_fd);
}

static int read_quietly(const char *name, struct failure *failure)
{
	int code;

	listen_in();
	code = failure_read(&pool, "out", name, failure);
	stop_listening();
	return code;
}

static const char *write_one(void)
{
	const char *path;

	ck_assert_int_eq(failure_write(&pool, "out", &story, &found, &campaign, slot.board, &path),
			 0);
	return path;
}

START_TEST(what_was_written_is_read_back)
{
	struct failure failure;
	const char *path = write_one();

	ck_assert_str_eq(path, "out/F3.json");
	ck_assert_int_eq(read_quietly("F3", &failure), 0);
	ck_assert_str_eq(failure.id, "F3");
	ck_assert_str_eq(failure.title, story.title);
	ck_assert_uint_eq(failure.argc, 2);
	ck_assert_str_eq(failure.argv[1], "two words");
	ck_assert_str_eq(failure.path, "/bin/true");
	ck_assert_str_eq(failure.build_id, "abcd");
	ck_assert_uint_eq(failure.digest, target.digest);
	ck_assert_uint_eq(failure.plan.seed, UINT64_MAX);
	ck_assert_str_eq(failure.plan.strategy, "pct:3");
	ck_assert_int_eq(failure.plan.expect_exit, 4);
	ck_assert_uint_eq(failure.plan.reset, RESET_FORK);
	ck_assert_uint_eq(failure.plan.memory_limit, 1ULL << 40);
	ck_assert_uint_eq(failure.plan.spurious, 3);
	ck_assert_uint_eq(failure.learned_steps_max, 33);
	ck_assert_uint_eq(failure.found.first_schedule, 12345);
	ck_assert_uint_eq(failure.found.seed, found.seed);
	ck_assert_uint_eq(failure.found.event_hash, 0xabc);
	ck_assert_uint_eq(failure.found.finding.key, found.finding.key);
	ck_assert_int_eq(failure.found.finding.signal, 11);
	ck_assert_uint_eq(failure.found.finding.sites[1].step, 77);
	ck_assert_uint_eq(failure.found.decisions.choice_count, 6);
	ck_assert_int_eq(memcmp(failure.found.decisions.choices, choices, sizeof(choices)), 0);
	ck_assert_uint_eq(failure.found.decisions.value_count, 2);
	ck_assert_uint_eq(failure.found.decisions.values[1], 70000);
	failure_fini(&failure);
}
END_TEST

START_TEST(the_same_finding_is_the_same_file)
{
	char first[65536], second[65536];
	FILE *file;
	size_t one, two;

	write_one();
	file = fopen("out/F3.json", "r");
	one = fread(first, 1, sizeof(first), file);
	fclose(file);
	write_one();
	file = fopen("out/F3.json", "r");
	two = fread(second, 1, sizeof(second), file);
	fclose(file);
	ck_assert_uint_eq(one, two);
	ck_assert_int_eq(memcmp(first, second, one), 0);
}
END_TEST

START_TEST(the_kept_input_lies_beside_the_file)
{
	struct failure failure;

	input.fd = memfd_create("input", 0);
	ck_assert_int_eq(write(input.fd, "typed", 5), 5);
	write_one();
	ck_assert_int_eq(rename("out", "moved"), 0);
	ck_assert_int_eq(read_quietly("moved/F3.json", &failure), 0);
	ck_assert_str_eq(failure.input, "moved/F3.stdin");
	ck_assert_int_eq(access(failure.input, R_OK), 0);
	failure_fini(&failure);
	close(input.fd);
	input.fd = -1;
}
END_TEST

START_TEST(an_id_is_looked_for_in_the_directory_and_a_path_is_not)
{
	struct failure failure;

	ck_assert_int_eq(read_quietly("F3", &failure), EXIT_USAGE);
	ck_assert_ptr_nonnull(strstr(said, "there is no directory out"));
	write_one();
	ck_assert_int_eq(read_quietly("F4", &failure), EXIT_USAGE);
	ck_assert_int_eq(read_quietly("F3.json", &failure), 0);
	failure_fini(&failure);
	ck_assert_int_eq(read_quietly("out/F3", &failure), EXIT_USAGE);
	ck_assert_int_eq(read_quietly("out/F3.json", &failure), 0);
	failure_fini(&failure);
}
END_TEST

/* Changes one member and writes the file again, the old checksum with it. */
static void change(const char *key, json_t *value)
{
	json_t *object = json_load_file("out/F3.json", 0, NULL);

	ck_assert_ptr_nonnull(object);
	json_object_set_new(object, key, value);
	ck_assert_int_eq(json_dump_file(object, "out/F3.json", 0), 0);
	json_decref(object);
}

START_TEST(a_newer_version_and_a_foreign_file_are_told_apart)
{
	struct failure failure;

	write_one();
	change("version", json_integer(99));
	ck_assert_int_eq(read_quietly("F3", &failure), EXIT_USAGE);
	ck_assert_ptr_nonnull(strstr(said, "version 99"));
	write_one();
	change("format", json_string("something-else"));
	ck_assert_int_eq(read_quietly("F3", &failure), EXIT_USAGE);
	ck_assert_ptr_nonnull(strstr(said, "no failure file"));
	write_one();
	change("schedule", json_integer(3));
	ck_assert_int_eq(read_quietly("F3", &failure), EXIT_USAGE);
	ck_assert_ptr_nonnull(strstr(said, "damaged"));
}
END_TEST

START_TEST(a_file_cut_anywhere_is_refused_in_one_sentence)
{
	struct failure failure;
	char text[65536];
	FILE *file;
	size_t size;

	write_one();
	file = fopen("out/F3.json", "r");
	size = fread(text, 1, sizeof(text), file);
	fclose(file);
	for (size_t length = 0; length < size - 2; length += 37) {
		file = fopen("cut.json", "w");
		fwrite(text, 1, length, file);
		fclose(file);
		ck_assert_int_eq(read_quietly("cut.json", &failure), EXIT_USAGE);
		ck_assert_ptr_eq(strchr(said, '\n'), said + strlen(said) - 1);
	}
}
END_TEST

START_TEST(a_changed_byte_never_passes_for_another_schedule)
{
	struct failure failure;
	struct rng rng;
	char text[65536];
	FILE *file;
	size_t size;

	write_one();
	file = fopen("out/F3.json", "r");
	size = fread(text, 1, sizeof(text), file);
	fclose(file);
	rng_seed(&rng, 5);
	for (int i = 0; i < 400; i++) {
		size_t at = rng_below(&rng, (uint32_t)size);
		char old = text[at];

		text[at] = (char)rng_below(&rng, 256);
		file = fopen("changed.json", "w");
		fwrite(text, 1, size, file);
		fclose(file);
		if (read_quietly("changed.json", &failure) == 0) {
			/* Blanks between the members are nobody's business. */
			ck_assert_uint_eq(failure.found.first_schedule, 12345);
			ck_assert_uint_eq(failure.found.decisions.choice_count, 6);
			ck_assert_int_eq(memcmp(failure.found.decisions.choices, choices,
						sizeof(choices)),
					 0);
			failure_fini(&failure);
		}
		text[at] = old;
	}
}
END_TEST

/* What stands in the place of a member: nothing, and one of each type. */
static json_t *stand_in(int number)
{
	switch (number) {
	case 1:
		return json_null();
	case 2:
		return json_integer(-5);
	case 3:
		return json_string("\001 no such thing");
	case 4:
		return json_loads("[{}, [], 1e300, null]", 0, NULL);
	case 5:
		return json_object();
	default:
		return NULL;
	}
}

/* Writes forged.json: the file with one member exchanged, and a checksum that fits. False: the
 * object has no member of that number. */
static bool forge(const char *inside, int member, int number)
{
	json_t *object = json_load_file("out/F3.json", 0, NULL);
	json_t *parent = inside ? json_object_get(object, inside) : object;
	void *at = json_object_iter(parent);
	json_t *value = stand_in(number);
	bool exists;

	while (at && member-- > 0)
		at = json_object_iter_next(parent, at);
	exists = at != NULL;
	if (exists && value)
		json_object_iter_set(parent, at, value);
	else if (exists)
		json_object_del(parent, json_object_iter_key(at));
	json_decref(value);
	json_object_set_new(object, "checksum",
			    json_sprintf("0x%016llx",
					 (unsigned long long)failure_checksum(object)));
	ck_assert_int_eq(json_dump_file(object, "forged.json", 0), 0);
	json_decref(object);
	return exists;
}

START_TEST(what_no_jostle_wrote_is_refused_or_harmless_though_its_checksum_fits)
{
	static const char *const inside[] = { NULL,        "program", "options",
					      "decisions", "verdict", "finding" };
	struct failure failure;
	int refused = 0;

	write_one();
	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++)
		for (int member = 0; forge(inside[i], member, 0); member++)
			for (int number = 0; number < 6; number++) {
				forge(inside[i], member, number);
				if (read_quietly("forged.json", &failure) == 0) {
					ck_assert_ptr_nonnull(failure.path);
					ck_assert_ptr_nonnull(failure.argv[0]);
					ck_assert_ptr_nonnull(failure.plan.strategy);
					failure_fini(&failure);
					continue;
				}
				refused++;
				ck_assert_ptr_eq(strchr(said, '\n'), said + strlen(said) - 1);
			}
	ck_assert_int_gt(refused, 60);
}
END_TEST

START_TEST(a_place_that_cannot_be_written_is_an_error_and_leaves_nothing)
{
	const char *path;
	json_t *nothing;
	glob_t files;

	write_one();
	listen_in();
	ck_assert_int_eq(failure_write(&pool, "out/F3.json", &story, &found, &campaign, slot.board,
				       &path),
			 EXIT_USAGE);
	ck_assert_ptr_null(path);
	nothing = json_array();
	ck_assert_int_eq(json_write_atomically(nothing, "/proc/nothing"), EXIT_USAGE);
	json_decref(nothing);
	stop_listening();
	ck_assert_int_eq(glob("out/*", 0, NULL, &files), 0);
	ck_assert_uint_eq(files.gl_pathc, 1);
	globfree(&files);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("tool_failure");
	TCase *tcase = tcase_create("failure");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, what_was_written_is_read_back);
	tcase_add_test(tcase, the_same_finding_is_the_same_file);
	tcase_add_test(tcase, the_kept_input_lies_beside_the_file);
	tcase_add_test(tcase, an_id_is_looked_for_in_the_directory_and_a_path_is_not);
	tcase_add_test(tcase, a_newer_version_and_a_foreign_file_are_told_apart);
	tcase_add_test(tcase, a_file_cut_anywhere_is_refused_in_one_sentence);
	tcase_add_test(tcase, a_changed_byte_never_passes_for_another_schedule);
	tcase_add_test(tcase, what_no_jostle_wrote_is_refused_or_harmless_though_its_checksum_fits);
	tcase_add_test(tcase, a_place_that_cannot_be_written_is_an_error_and_leaves_nothing);
	suite_add_tcase(suite, tcase);
	return suite;
}
