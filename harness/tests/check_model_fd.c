/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to the kernel, with a kernel made of two counters: bytes in a pipe, and how often it was
 * asked. Sleeping is here, too. */
#include <check.h>
#include <errno.h>
#include <string.h>

#include "check_main.h"
#include "model/fd.h"
#include "model/signal.h"
#include "model/time.h"

static struct world world;
static struct thread threads[3];
static struct fd_request requests[3];
static long bytes, room, attempts;

static const struct world_ops ops = { 0 };

static long take_one(struct fd_request *r)
{
	(void)r;
	attempts++;
	if (bytes == 0)
		return FD_WOULD_BLOCK;
	bytes--;
	return 1;
}

static bool has_bytes(const struct fd_request *r)
{
	(void)r;
	return bytes > 0;
}

/* Wants to put args[0] bytes, in as many pieces as it takes. */
static long put_all(struct fd_request *r)
{
	while (r->done < (uint64_t)r->args[0] && bytes < room) {
		bytes++;
		r->done++;
		r->progress = true;
	}
	return r->done == (uint64_t)r->args[0] ? (long)r->done : FD_WOULD_BLOCK;
}

static bool has_room(const struct fd_request *r)
{
	(void)r;
	return bytes < room;
}

static void begin(void)
{
	memset(signal_actions, 0, sizeof(signal_actions));
	signal_forget();
	world_init(&world, &ops);
	memset(threads, 0, sizeof(threads));
	memset(requests, 0, sizeof(requests));
	for (int i = 0; i < 3; i++)
		world_add(&world, &threads[i]);
	bytes = 0;
	room = 4;
	attempts = 0;
}

static void publish(int n, enum op_kind kind, uint64_t deadline_ns)
{
	memset(&threads[n].op, 0, sizeof(threads[n].op));
	threads[n].op.kind = (uint16_t)kind;
	threads[n].op.args[0] = (uintptr_t)&requests[n];
	threads[n].op.flags = OP_INTERRUPTIBLE;
	threads[n].op.deadline_ns = deadline_ns;
}

static enum model_step read_one(int n, uint64_t deadline_ns)
{
	requests[n] = (struct fd_request){ .attempt = take_one,
					   .ready = has_bytes,
					   .timed_out = -EAGAIN };
	publish(n, OP_FD_READ, deadline_ns);
	return model_fd(&world, &threads[n]);
}

static enum model_step write_many(int n, long count)
{
	requests[n] = (struct fd_request){
		.attempt = put_all, .ready = has_room, .timed_out = -EAGAIN, .args = { count }
	};
	publish(n, OP_FD_WRITE, OP_NO_DEADLINE);
	return model_fd(&world, &threads[n]);
}

START_TEST(a_reader_waits_until_a_writer_made_it_ready)
{
	ck_assert_int_eq(read_one(0, OP_NO_DEADLINE), MODEL_BLOCKED);
	ck_assert_int_eq(read_one(1, OP_NO_DEADLINE), MODEL_BLOCKED);
	ck_assert_ptr_eq(fd_waiter_at(&world, 1), &threads[1]);
	ck_assert_int_eq(write_many(2, 1), MODEL_DONE);
	ck_assert_int_eq(threads[0].status, THREAD_READY);
	ck_assert_int_eq(model_fd(&world, &threads[0]), MODEL_DONE);
	ck_assert_int_eq(threads[0].result, 1);
	/* The other was ready as well and finds nothing: it waits again. */
	ck_assert_int_eq(model_fd(&world, &threads[1]), MODEL_BLOCKED);
}
END_TEST

START_TEST(who_would_not_get_on_is_not_asked)
{
	read_one(0, OP_NO_DEADLINE);
	attempts = 0;
	room = 0;
	ck_assert_uint_eq(fd_recheck(&world), 0);
	ck_assert_int_eq(attempts, 0);
}
END_TEST

START_TEST(a_long_write_goes_on_as_room_is_made)
{
	ck_assert_int_eq(write_many(0, 6), MODEL_BLOCKED);
	ck_assert_int_eq(bytes, 4);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(read_one(1, OP_NO_DEADLINE), MODEL_DONE);
	ck_assert_int_eq(threads[0].status, THREAD_READY);
	ck_assert_int_eq(model_fd(&world, &threads[0]), MODEL_DONE);
	ck_assert_int_eq(threads[0].result, 6);
}
END_TEST

START_TEST(a_part_of_a_write_wakes_the_reader_that_makes_room_for_the_rest)
{
	ck_assert_int_eq(read_one(1, OP_NO_DEADLINE), MODEL_BLOCKED);
	ck_assert_int_eq(write_many(0, 6), MODEL_BLOCKED);
	ck_assert_int_eq(threads[1].status, THREAD_READY);
}
END_TEST

START_TEST(an_interrupted_write_of_some_bytes_says_how_many)
{
	write_many(0, 6);
	threads[0].op.flags |= OP_INTERRUPTED;
	world_wake(&world, &threads[0]);
	ck_assert_int_eq(model_fd(&world, &threads[0]), MODEL_DONE);
	ck_assert_int_eq(threads[0].result, 4);
}
END_TEST

START_TEST(an_interrupted_read_of_nothing_says_EINTR)
{
	read_one(0, OP_NO_DEADLINE);
	threads[0].op.flags |= OP_INTERRUPTED;
	world_wake(&world, &threads[0]);
	model_fd(&world, &threads[0]);
	ck_assert_int_eq(threads[0].result, -EINTR);
}
END_TEST

START_TEST(a_deadline_ends_the_wait_with_the_requests_own_result)
{
	ck_assert_int_eq(read_one(0, 1000), MODEL_BLOCKED);
	ck_assert(world_advance(&world));
	ck_assert_int_eq(model_fd(&world, &threads[0]), MODEL_DONE);
	ck_assert_int_eq(threads[0].result, -EAGAIN);
}
END_TEST

START_TEST(what_is_there_is_taken_even_at_the_deadline)
{
	read_one(0, 1000);
	world_advance(&world);
	bytes = 1;
	model_fd(&world, &threads[0]);
	ck_assert_int_eq(threads[0].result, 1);
}
END_TEST

START_TEST(a_timeout_of_the_descriptor_counts_from_the_wait)
{
	world_advance_to(&world, 50);
	requests[0] = (struct fd_request){
		.attempt = take_one, .ready = has_bytes, .timed_out = -EAGAIN, .timeout_ns = 7
	};
	publish(0, OP_FD_READ, OP_NO_DEADLINE);
	ck_assert_int_eq(model_fd(&world, &threads[0]), MODEL_BLOCKED);
	ck_assert(world_advance(&world));
	ck_assert_uint_eq(world.now_ns, 57);
}
END_TEST

START_TEST(a_cancelled_wait_returns_as_such_and_takes_nothing)
{
	read_one(0, OP_NO_DEADLINE);
	bytes = 1;
	threads[0].op.flags |= OP_CANCELLED;
	world_wake(&world, &threads[0]);
	model_fd(&world, &threads[0]);
	ck_assert_int_eq(threads[0].result, MODEL_CANCELLED);
	ck_assert_int_eq(bytes, 1);
}
END_TEST

START_TEST(a_sleep_ends_at_its_time_and_not_before)
{
	publish(0, OP_SLEEP, 300);
	ck_assert_int_eq(model_sleep(&world, &threads[0]), MODEL_BLOCKED);
	world_advance_to(&world, 299);
	ck_assert_int_eq(threads[0].status, THREAD_BLOCKED);
	world_advance_to(&world, 300);
	ck_assert_int_eq(model_sleep(&world, &threads[0]), MODEL_DONE);
	ck_assert_int_eq(threads[0].result, 0);
}
END_TEST

START_TEST(a_signal_cuts_a_sleep_short)
{
	publish(0, OP_SLEEP, 300);
	model_sleep(&world, &threads[0]);
	threads[0].op.flags |= OP_INTERRUPTED;
	world_wake(&world, &threads[0]);
	model_sleep(&world, &threads[0]);
	ck_assert_int_eq(threads[0].result, -EINTR);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("model/fd");
	TCase *t = tcase_create("fd");

	tcase_add_checked_fixture(t, begin, NULL);
	tcase_add_test(t, a_reader_waits_until_a_writer_made_it_ready);
	tcase_add_test(t, who_would_not_get_on_is_not_asked);
	tcase_add_test(t, a_long_write_goes_on_as_room_is_made);
	tcase_add_test(t, a_part_of_a_write_wakes_the_reader_that_makes_room_for_the_rest);
	tcase_add_test(t, an_interrupted_write_of_some_bytes_says_how_many);
	tcase_add_test(t, an_interrupted_read_of_nothing_says_EINTR);
	tcase_add_test(t, a_deadline_ends_the_wait_with_the_requests_own_result);
	tcase_add_test(t, what_is_there_is_taken_even_at_the_deadline);
	tcase_add_test(t, a_timeout_of_the_descriptor_counts_from_the_wait);
	tcase_add_test(t, a_cancelled_wait_returns_as_such_and_takes_nothing);
	tcase_add_test(t, a_sleep_ends_at_its_time_and_not_before);
	tcase_add_test(t, a_signal_cuts_a_sleep_short);
	suite_add_tcase(suite, t);
	return suite;
}
