#!/usr/bin/env bash
# Runs the test jobs in parallel, because tests mostly wait for PostgreSQL, for processes and for clocks:
# scripts/test.sh JOB…
#
# A job is a module, or a part of one: `Ledger[A-F]` are the suites of Ledger whose names begin with these letters,
# `Ledger[^A-F]` all others. JOBS sets how many jobs run at once; the default is the number of cores plus one. The
# script lists the failed jobs at the end.
set -uo pipefail

at_once=${JOBS:-$(($(nproc) + 1))}
tests=$(cd "$(dirname "$0")/.." && pwd)/.build/debug/purserPackageTests.xctest
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

# Prints one line for a job that passed, and the whole log of a job that failed.
run() {
    local job=$1 module=${1%%[*} suites=${1#"${1%%[*}"} log="$results/${1//[^A-Za-z]/_}.log" begun=$SECONDS
    if "$tests" --testing-library swift-testing --no-parallel --filter "^${module}Tests\.${suites}" >"$log" 2>&1 &&
        grep -q '✔ Test run with [1-9]' "$log"; then
        echo "== $job, $((SECONDS - begun)) s: $(grep '✔ Test run with' "$log")"
    else
        { flock 9; cat "$log"; echo "$job" >>"$results/failed"; } 9>"$results/lock"
    fi
}

running=0
for job in "$@"; do
    if ((running >= at_once)); then wait -n; else ((running += 1)); fi
    run "$job" &
done
wait

[ -e "$results/failed" ] || exit 0
echo
echo "== Failed: $(tr '\n' ' ' <"$results/failed")"
grep -hE '✘|Fatal error|Crash|error: ' "$results"/*.log | tail -n 60
exit 1
