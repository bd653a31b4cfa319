#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Weak memory: each litmus test of programs/litmus.c shows its outcome, or never does, as is said of
# it there; and whatever orders accesses unseen keeps loads from reading older values.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

cd "$work" || exit
programs=$SRC/harness/tests/programs

run() {
	timeout 300 "$JOSTLE" run --quiet --seed 1 --confirm 0 "$@" </dev/null
}
# kinds JSON: of its findings.
kinds() {
	python3 -c 'import json, sys
print(*(f["kind"] for f in json.load(open(sys.argv[1]))["findings"]))' "$1"
}

litmus() {
	local name said
	while read -r name said; do
		run --schedules 4000 --json "$name.json" -- "./$1" "$name" >/dev/null 2>&1
		case $said in
		shown) check_output 'assert' "$2: $name is shown" kinds "$name.json" ;;
		*) check_output '^$' "$2: $name is not shown, which is $said" kinds "$name.json" ;;
		esac
	done < <("./$1" --list)
}

check "litmus builds" "$JOSTLE" cc -std=gnu11 -g -O1 -pthread "$programs/litmus.c" -o litmus
litmus litmus gcc
if command -v clang >/dev/null; then
	check "and with clang" env JOSTLE_CC=clang "$JOSTLE" cc -std=gnu11 -g -O2 -pthread \
		"$programs/litmus.c" -o litmus-clang
	litmus litmus-clang clang
else
	skip "the litmus tests built by clang" "no clang here"
fi

run --schedules 4000 --until-first --out out -- ./litmus SB+rel-acq >SB.out 2>&1
check_status 1 "a finding of weak memory replays" "$JOSTLE" replay --out out F1
check_output 'replay exact' "exactly" "$JOSTLE" replay --out out F1
check_output 'Weak memory: [12] atomic loads? before it read an older value' \
	"and says that it is one" bash -c "'$JOSTLE' replay --out out F1 | tr -s ' \n' ' '"
check_output "an older value, not yet T[12]'s" "with the load in the table" \
	bash -c "'$JOSTLE' replay --out out F1 | tr -s ' \n' ' '"
check_output '"memory_model": "c11"' "its file has the model" cat out/F1.json
check_output '^[12]$' "JSON counts such loads" python3 -c 'import json
print(json.load(open("SB+rel-acq.json"))["findings"][0]["older_loads"])'
for name in SB+rel-acq MP R seqlock-without-fence Peterson+rel-acq; do
	check_status 0 "$name is not shown where loads read the latest" \
		run --schedules 4000 --memory-model sc -- ./litmus "$name"
done
check_status 2 "a model that there is not" run --memory-model tso -- ./litmus SB
check_status 0 "without accesses there is none to choose" \
	run --schedules 500 --level controlled -- ./litmus SB

# Whose fences and atomic instructions are not those of C11 is not accused.
cat >unseen.c <<'END'
#include <assert.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

void lock_unseen(void);
void unlock_unseen(void);

struct flags { atomic_int of[2]; } own, *flags = &own;
static int missed[2];

static void order(int who)
{
#if defined(MFENCE)
	__asm__ volatile("mfence" ::: "memory");
#elif defined(LOCKED)
	__asm__ volatile("lock; addl $0,0(%%rsp)" ::: "memory", "cc");
#elif defined(SYNCHRONIZE)
	__sync_synchronize();
#elif defined(MEMBARRIER)
	if (who == 0)
		syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
	else
		__asm__ volatile("" ::: "memory");
#elif defined(LIBRARY)
	lock_unseen(), unlock_unseen();
#endif
	(void)who;
}

static void *flag(void *argument)
{
	int me = argument != NULL;

	atomic_store_explicit(&flags->of[me], 1, memory_order_relaxed);
	order(me);
	missed[me] = !atomic_load_explicit(&flags->of[!me], memory_order_relaxed);
	return NULL;
}

int main(void)
{
	pthread_t threads[2];

#if defined(MEMBARRIER)
	syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0);
#elif defined(FORKS)
	flags = mmap(NULL, sizeof(*flags), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (fork() == 0) {
		flag(NULL);
		_exit(missed[0]);
	}
	int status;
	flag(&threads);
	wait(&status);
	assert(!(missed[1] && status));
	return 0;
#endif
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, flag, i ? &threads : NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	assert(!missed[0] || !missed[1]);
	return 0;
}
END
cat >lock.c <<'END'
/* A lock of compare-exchange and a fence, in an object that is not instrumented. */
static int word;

void lock_unseen(void)
{
	int free = 0;

	while (!__atomic_compare_exchange_n(&word, &free, 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		free = 0;
}

void unlock_unseen(void)
{
	__atomic_exchange_n(&word, 0, __ATOMIC_SEQ_CST);
}
END
gcc -O1 -c lock.c -o lock.o
for how in NOTHING MFENCE LOCKED SYNCHRONIZE MEMBARRIER LIBRARY FORKS; do
	"$JOSTLE" cc -std=gnu11 -g -O1 -pthread -D$how unseen.c lock.o -o unseen || not_ok "$how builds"
	run --schedules 3000 -- ./unseen >"$how.out" 2>&1
	case $how in
	NOTHING) check_output 'assert' "two flags without a fence miss each other" cat $how.out ;;
	*) check_status 1 "with $how they do not" grep -q assert $how.out ;;
	esac
done
check_output 'loads read the latest store' "and the report says where weak orders show nothing" \
	bash -c "timeout 60 '$JOSTLE' run --schedules 300 -- ./unseen"

finish
