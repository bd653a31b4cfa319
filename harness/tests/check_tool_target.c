/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may be started and what is refused, with which code. The ELF files are this very test
 * program, with single bytes changed, so that the test needs no compiler.
 */
#include "check_main.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "campaign/target.h"
#include "jostle/say.h"

static char folder[] = "/tmp/check_target_XXXXXX";
static char said[4096];

static void setup(void)
{
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chdir(folder), 0);
}

static void teardown(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -r %s", folder);
	ck_assert_int_eq(system(command), 0);
}

static int open_quietly(struct target *target, const char *name)
{
	static char *argv[2];
	int saved = dup(STDERR_FILENO), out = memfd_create("said", 0), code;
	ssize_t size;

	argv[0] = (char *)(size_t)name;
	dup2(out, STDERR_FILENO);
	code = target_open(target, argv, 1);
	dup2(saved, STDERR_FILENO);
	size = pread(out, said, sizeof(said) - 1, 0);
	said[size < 0 ? 0 : size] = '\0';
	close(saved);
	close(out);
	return code;
}

static void write_file(const char *name, const void *bytes, size_t size, mode_t mode)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_eq(write(fd, bytes, size), (ssize_t)size);
	ck_assert_int_eq(fchmod(fd, mode), 0);
	close(fd);
}

/* A copy of a system program, whose header the caller may change. */
static char *read_program(size_t *size)
{
	char *bytes = malloc(1 << 20);
	FILE *file = fopen("/bin/true", "r");

	ck_assert(bytes && file);
	*size = fread(bytes, 1, 1 << 20, file);
	fclose(file);
	return bytes;
}

START_TEST(a_dynamic_program_is_accepted_and_identified)
{
	struct target target;

	ck_assert_int_eq(open_quietly(&target, "/bin/true"), 0);
	ck_assert_str_eq(target.path, "/bin/true");
	ck_assert_uint_eq(target.elf.build_id_size, 20);
	ck_assert_uint_ne(target.digest, 0);
}
END_TEST

START_TEST(a_name_without_a_slash_is_looked_for_in_path)
{
	struct target target;

	setenv("PATH", "/nowhere:/bin", 1);
	ck_assert_int_eq(open_quietly(&target, "true"), 0);
	ck_assert_str_eq(target.path, "/bin/true");
	write_file("here", "#!/bin/sh\n", 10, 0755);
	ck_assert_int_eq(open_quietly(&target, "here"), EXIT_USAGE);
	ck_assert_ptr_nonnull(strstr(said, "did you mean ./here?"));
}
END_TEST

START_TEST(a_relative_path_becomes_absolute)
{
	struct target target;
	size_t size;
	char *bytes = read_program(&size), wanted[64];

	write_file("app", bytes, size, 0755);
	ck_assert_int_eq(open_quietly(&target, "./app"), 0);
	snprintf(wanted, sizeof(wanted), "%s/app", folder);
	ck_assert_str_eq(target.path, wanted);
	free(bytes);
}
END_TEST

START_TEST(what_is_no_program_at_all_is_a_usage_error)
{
	struct target target;

	ck_assert_int_eq(open_quietly(&target, "./missing"), EXIT_USAGE);
	ck_assert_int_eq(open_quietly(&target, folder), EXIT_USAGE);
	ck_assert_ptr_nonnull(strstr(said, "directory"));
	write_file("plain", "text", 4, 0644);
	ck_assert_int_eq(open_quietly(&target, "./plain"), EXIT_USAGE);
	ck_assert_ptr_nonnull(strstr(said, "chmod +x"));
	ck_assert_int_eq(open_quietly(&target, ""), EXIT_USAGE);
	ck_assert_int_eq(open_quietly(&target, "/dev/null"), EXIT_USAGE);
}
END_TEST

START_TEST(a_script_is_refused_and_its_interpreter_named)
{
	struct target target;

	write_file("script", "#! /usr/bin/python3 -u\nprint()\n", 31, 0755);
	ck_assert_int_eq(open_quietly(&target, "./script"), EXIT_UNCONTROLLED);
	ck_assert_ptr_nonnull(strstr(said, "jostle run -- /usr/bin/python3 ./script"));
}
END_TEST

static void set_class(char *bytes)
{
	bytes[EI_CLASS] = ELFCLASS32;
}

static void set_machine(char *bytes)
{
	((Elf64_Ehdr *)(void *)bytes)->e_machine = EM_RISCV;
}

static void set_object(char *bytes)
{
	((Elf64_Ehdr *)(void *)bytes)->e_type = ET_REL;
}

static void remove_interpreter(char *bytes)
{
	Elf64_Ehdr *header = (void *)bytes;
	Elf64_Phdr *segments = (void *)(bytes + header->e_phoff);

	for (int i = 0; i < header->e_phnum; i++)
		if (segments[i].p_type == PT_INTERP)
			segments[i].p_type = PT_NULL;
}

static void set_interpreter(char *bytes)
{
	Elf64_Ehdr *header = (void *)bytes;
	Elf64_Phdr *segments = (void *)(bytes + header->e_phoff);

	for (int i = 0; i < header->e_phnum; i++)
		if (segments[i].p_type == PT_INTERP)
			snprintf(bytes + segments[i].p_offset, segments[i].p_filesz,
				 "/lib/ld-musl-x.so");
}

/* What Go's linker writes where others write their build id. */
static void add_go_note(char *bytes)
{
	static const unsigned char note[] = { 4, 0, 0,   0,   1, 0, 0,   0, 4, 0,
					      0, 0, 'G', 'o', 0, 0, 'x', 0, 0, 0 };
	Elf64_Ehdr *header = (void *)bytes;
	Elf64_Phdr *segments = (void *)(bytes + header->e_phoff);

	for (int i = 0; i < header->e_phnum; i++)
		if (segments[i].p_type == PT_NOTE && segments[i].p_align == 4 &&
		    segments[i].p_filesz >= sizeof(note))
			memcpy(bytes + segments[i].p_offset, note, sizeof(note));
}

/* Renames a defined dynamic symbol: the first name in the string table of at least that length. */
static void define_symbol(char *bytes, const char *name)
{
	Elf64_Ehdr *header = (void *)bytes;
	Elf64_Shdr *sections = (void *)(bytes + header->e_shoff);

	for (int i = 0; i < header->e_shnum; i++) {
		Elf64_Sym *symbols = (void *)(bytes + sections[i].sh_offset);
		char *texts = bytes + sections[sections[i].sh_link].sh_offset;

		if (sections[i].sh_type != SHT_DYNSYM)
			continue;
		for (size_t k = 1; k < sections[i].sh_size / sizeof(*symbols); k++)
			if (strlen(texts + symbols[k].st_name) >= strlen(name)) {
				strcpy(texts + symbols[k].st_name, name);
				symbols[k].st_shndx = 1;
				return;
			}
	}
	ck_abort_msg("no symbol to rename");
}

static void define_asan(char *bytes)
{
	define_symbol(bytes, "__asan_init");
}

static void define_malloc(char *bytes)
{
	define_symbol(bytes, "malloc");
}

static const struct {
	const char *name;
	void (*change)(char *bytes);
	mode_t mode;
	const char *sentence;
} uncontrollable[] = {
	{ "32 bits", set_class, 0755, "32-bit" },
	{ "another machine", set_machine, 0755, "another machine" },
	{ "an object file", set_object, 0755, "object file" },
	{ "static", remove_interpreter, 0755, "statically linked" },
	{ "another libc", set_interpreter, 0755, "only glibc" },
	{ "Go's runtime", add_go_note, 0755, "written in Go" },
	{ "a sanitizer inside", define_asan, 0755, "AddressSanitizer" },
	{ "an allocator inside", define_malloc, 0755, "its own malloc" },
	{ "set-user-ID", NULL, 04755, "set-user-ID" },
	{ "set-group-ID", NULL, 02755, "set-group-ID" },
};

START_TEST(what_cannot_be_controlled_is_refused_with_a_reason)
{
	struct target target;
	size_t size;
	char *bytes = read_program(&size);

	if (uncontrollable[_i].change)
		uncontrollable[_i].change(bytes);
	write_file("app", bytes, size, uncontrollable[_i].mode);
	ck_assert_msg(open_quietly(&target, "./app") == EXIT_UNCONTROLLED, "%s was accepted",
		      uncontrollable[_i].name);
	ck_assert_msg(strstr(said, uncontrollable[_i].sentence) != NULL, "%s: said %s",
		      uncontrollable[_i].name, said);
	free(bytes);
}
END_TEST

START_TEST(a_damaged_file_is_refused_not_crashed_upon)
{
	struct target target;
	size_t size;
	char *bytes = read_program(&size);

	for (size_t length = 4; length < 4096; length += 61) {
		write_file("app", bytes, length, 0755);
		ck_assert_int_eq(open_quietly(&target, "./app"), EXIT_UNCONTROLLED);
	}
	free(bytes);
}
END_TEST

START_TEST(another_file_has_another_digest)
{
	struct target one, two;
	size_t size;
	char *bytes = read_program(&size);

	write_file("app", bytes, size, 0755);
	ck_assert_int_eq(open_quietly(&one, "./app"), 0);
	bytes[size - 1] ^= 1;
	write_file("app", bytes, size, 0755);
	ck_assert_int_eq(open_quietly(&two, "./app"), 0);
	ck_assert_uint_ne(one.digest, two.digest);
	free(bytes);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("tool_target");
	TCase *tcase = tcase_create("target");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_dynamic_program_is_accepted_and_identified);
	tcase_add_test(tcase, a_name_without_a_slash_is_looked_for_in_path);
	tcase_add_test(tcase, a_relative_path_becomes_absolute);
	tcase_add_test(tcase, what_is_no_program_at_all_is_a_usage_error);
	tcase_add_test(tcase, a_script_is_refused_and_its_interpreter_named);
	tcase_add_loop_test(tcase, what_cannot_be_controlled_is_refused_with_a_reason, 0,
			    (int)(sizeof(uncontrollable) / sizeof(uncontrollable[0])));
	tcase_add_test(tcase, a_damaged_file_is_refused_not_crashed_upon);
	tcase_add_test(tcase, another_file_has_another_digest);
	suite_add_tcase(suite, tcase);
	return suite;
}
