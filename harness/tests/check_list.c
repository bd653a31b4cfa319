/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"

#include "base/list.h"

struct item {
	int value;
	struct list link;
};

static struct list head;
static struct item items[5];

static void setup(void)
{
	list_init(&head);
	for (int i = 0; i < 5; i++) {
		items[i].value = i;
		list_init(&items[i].link);
	}
}

/* The values in order as decimal digits, read forwards; checks that backwards says the same. */
static int digits(void)
{
	struct item *item;
	int forwards = 0, backwards = 0, power = 1;

	list_for_each_entry(item, &head, link)
		forwards = forwards * 10 + item->value;
	for (struct list *at = head.prev; at != &head; at = at->prev) {
		int value = list_entry(at, struct item, link)->value;

		for (int i = 1; i < power; i++)
			value *= 10;
		backwards += value;
		power++;
	}
	ck_assert_int_eq(forwards, backwards);
	return forwards;
}

START_TEST(the_tail_keeps_the_order_and_the_head_reverses_it)
{
	for (int i = 1; i <= 3; i++)
		list_add_tail(&head, &items[i].link);
	ck_assert_int_eq(digits(), 123);
	list_add_head(&head, &items[4].link);
	ck_assert_int_eq(digits(), 4123);
	ck_assert_uint_eq(list_length(&head), 4);
}
END_TEST

START_TEST(an_element_leaves_from_anywhere_and_twice_is_harmless)
{
	for (int i = 1; i <= 4; i++)
		list_add_tail(&head, &items[i].link);
	list_remove(&items[2].link);
	list_remove(&items[2].link);
	ck_assert_int_eq(digits(), 134);
	ck_assert(list_empty(&items[2].link));
	list_remove(&items[1].link);
	list_remove(&items[4].link);
	ck_assert_int_eq(digits(), 3);
	list_remove(&items[3].link);
	ck_assert(list_empty(&head));
	ck_assert_int_eq(digits(), 0);
}
END_TEST

START_TEST(first_and_last_of_an_empty_list_are_null)
{
	ck_assert_ptr_null(list_first_entry(&head, struct item, link));
	ck_assert_ptr_null(list_last_entry(&head, struct item, link));
	list_add_tail(&head, &items[1].link);
	list_add_tail(&head, &items[2].link);
	ck_assert_ptr_eq(list_first_entry(&head, struct item, link), &items[1]);
	ck_assert_ptr_eq(list_last_entry(&head, struct item, link), &items[2]);
}
END_TEST

START_TEST(the_safe_walk_allows_removal_of_the_current_element)
{
	struct item *item, *following;

	for (int i = 0; i < 5; i++)
		list_add_tail(&head, &items[i].link);
	list_for_each_entry_safe(item, following, &head, link)
		if (item->value % 2 == 0)
			list_remove(&item->link);
	ck_assert_int_eq(digits(), 13);
}
END_TEST

START_TEST(a_static_head_is_empty)
{
	static struct list waiters = LIST_HEAD(waiters);

	ck_assert(list_empty(&waiters));
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("list");
	TCase *tcase = tcase_create("list");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, the_tail_keeps_the_order_and_the_head_reverses_it);
	tcase_add_test(tcase, an_element_leaves_from_anywhere_and_twice_is_harmless);
	tcase_add_test(tcase, first_and_last_of_an_empty_list_are_null);
	tcase_add_test(tcase, the_safe_walk_allows_removal_of_the_current_element);
	tcase_add_test(tcase, a_static_head_is_empty);
	suite_add_tcase(suite, tcase);
	return suite;
}
