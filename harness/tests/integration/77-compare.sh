#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# `jostle compare`: what it writes, not how fast this machine is. All ways do the same work, the
# JSON keeps to its schema, the page needs nothing else, an interruption leaves nothing behind.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

cd "$work" || exit
mkdir files
export TMPDIR=$work/files
compare() {
	timeout 200 "$JOSTLE" compare --quick --rounds 2 --workers 1,2 "$@"
}
json() {
	python3 -c 'import json, sys
run = json.load(open(sys.argv[1]))
find = lambda *key: [m for m in run["measures"] if (m["topic"], m["what"], m["way"]) == key]
print(eval(sys.argv[2]))' "$1" "$2"
}
valid() {
	python3 - "$SRC/tools/report/schema/compare.schema.json" "$1" <<'END'
import json, jsonschema, sys
schema, text = (json.load(open(name)) for name in sys.argv[1:])
jsonschema.Draft7Validator.check_schema(schema)
jsonschema.Draft7Validator(schema).validate(text)
END
}

check "it measures" compare --json a.json --html a.html
compare --json - >b.json 2>said
check "and writes to standard output" valid b.json
check_status 1 "without a progress line where there is no terminal" test -s said
check "its JSON keeps to its schema" valid a.json
sed 's/"way": "thread"/"way": "fibre"/' a.json >bad.json
check_status 1 "which a wrong word does not" valid bad.json
sed '0,/"median":/s//"medium":/' a.json >bad.json
check_status 1 "nor a figure without its median" valid bad.json
check_output '^57 2 \[1, 2\]$' "every row in every way, two rounds, two numbers of workers" \
	json a.json '"%d %d %s" % (len(run["measures"]), run["rounds"], run["workers"])'
check_output '^\[2\]$' "as many samples as rounds" \
	json a.json '[n for n in {len(m["samples"]) for m in run["measures"] if not m["missing"]}]'
check_output '^True$' "medians lie between their quartiles" json a.json \
	'all(m["least"] <= m["first_quartile"] <= m["median"] <= m["third_quartile"] <= m["most"]
		for m in run["measures"] if not m["missing"])'
check_output '^\[\]$' "nothing is missing that this system has" json a.json \
	'[m for m in run["measures"] if m["missing"] and "POSIX message queues" not in m["missing"]]'
# What holds on every machine: a page table is the process's own, an address space, too.
check_output '^True$' "a process has more memory of its own than a thread" json a.json \
	'(find("memory", "private", "process")[0]["median"] +
		find("memory", "page-tables", "process")[0]["median"] >
		find("memory", "private", "thread")[0]["median"])'
check_output '^True$' "a task that waits cannot be done sooner than the reply comes" json a.json \
	'all(m["least"] >= run["wait_ns"] * run["tasks"] / (m["workers"] or 1)
		for m in run["measures"] if m["what"] == "waits" and not m["missing"])'
check_output '^True$' "the words are about what was measured" json a.json \
	'{w["about"] for w in run["meaning"]} >= {"machine", "create", "switch", "cpu", "waits"}'

check_output '^8$' "the page has a plot for each part" grep -c '<svg' a.html
check_status 1 "and takes nothing from elsewhere" grep -E '(src|href)=|url\(|@import|https?:' a.html
closed() {
	python3 - "$1" <<'END'
import sys
from html.parser import HTMLParser
class Check(HTMLParser):
    inside = []
    def handle_starttag(self, tag, attributes):
        if tag != "meta": self.inside.append(tag)
    def handle_endtag(self, tag):
        assert self.inside.pop() == tag, tag
    def handle_startendtag(self, tag, attributes): pass
check = Check()
check.feed(open(sys.argv[1]).read())
assert check.getpos()[0] > 100 and not check.inside, check.inside
END
}
check "each element is closed" closed a.html
sed 's|</section>||' a.html >bad.html
check_status 1 "which would be seen" closed bad.html

compare >text
check_output '^address space' "the terminal has the words first" head -n 3 text
check_output 'GIL' "the line about Python" cat text
check_output '^create and join +[0-9.]+ [num]+s' "the figures" cat text
check_output '^thread pool +1 ' "the run times" cat text
check_output '^On this machine$' "and what they mean" cat text
check_status 1 "within 80 columns" grep -E '^.{81}' text
check_status 1 "without colour in a file" grep -q $'\033' text
compare --colour always >coloured
check_output $'\033' "and with it when it is asked for" cat coloured

# Interrupted at some moment of the rounds: nothing is left.
left() {
	pgrep -f "$work/marked" || find "$TMPDIR" -mindepth 1 | grep . ||
		find /dev/shm /dev/mqueue -name '*jostle-compare*' 2>/dev/null | grep .
}
ln -s "$JOSTLE" marked
for delay in 0.3 1.1; do
	for signal in INT KILL; do
		"$work/marked" compare --rounds 900 --json i.json >interrupted 2>&1 &
		pid=$!
		sleep $delay
		check "$delay s after the start it measures" left
		kill -$signal $pid
		wait $pid 2>/dev/null
		# The kernel kills what a killed command leaves; that takes it a moment.
		for _ in $(seq 50); do
			left >/dev/null || break
			sleep 0.1
		done
		check_status 1 "nothing is left after SIG$signal at $delay s" left
	done
done
"$work/marked" compare --quick --rounds 900 --workers 1 --json i.json >interrupted 2>&1 &
pid=$!
sleep 6
kill -INT $pid
wait $pid
status=$?
if [ $status = 0 ]; then
	check "what was complete is reported" valid i.json
	check_output '^interrupted True$' "as far as it came" \
		json i.json 'run["ended"] + " " + str(0 < run["rounds"] < 900)'
	check_output 'interrupted: [0-9]+ of 900 rounds' "and says so" cat interrupted
else
	check_output '^jostle: interrupted before the first round' \
		"before the first round there is nothing to report" cat interrupted
	check_output '^3$' "and no success" echo $status
fi

env TMPDIR=/proc "$JOSTLE" compare --quick --workers 1 --json m.json >missing
check "where no file can be made, the rest is measured" valid m.json
check_output '^2$' "and what is not is named, with the reason" \
	grep -cE '^Not measured: (I/O files|Mixed): making a file: No such file' missing
check_output '^True$' "in the JSON, too" \
	json m.json 'all(m["missing"] for m in run["measures"] if m["what"] in ("files", "mixed"))'

check_status 2 "it takes no program" compare true
check_status 2 "no workers at all are refused" compare --workers 0
check_output 'for instance --workers 1,2,4' "with what to write instead" compare --workers 1,x
check_status 2 "no rounds at all, too" compare --rounds 0
check_status 2 "one format can have standard output" compare --json - --html -
check_status 2 "a file that cannot be written is said" compare --html no/such/folder/x.html
check_status 2 "a folder that is not there, too" env TMPDIR=nowhere "$JOSTLE" compare --quick
check_output 'set TMPDIR' "with what to do about it" env TMPDIR=nowhere "$JOSTLE" compare --quick

finish
