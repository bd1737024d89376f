#!/usr/bin/env bash
# Runs the tests of each module given, all of them also where some fail, and says at the end what failed.
# They run one after another: each that needs a server starts one, and two cores carry one at a time.
set -uo pipefail

output=$(mktemp)
trap 'rm -f "$output"' EXIT
failed=()
for module in "$@"; do
    echo "== $module"
    swift test --skip-build --no-parallel --filter "^${module}Tests\." 2>&1 | tee -a "$output" || failed+=("$module")
done

((${#failed[@]} == 0)) && exit
echo
echo "== Failed: ${failed[*]}"
grep -E '✘|Fatal error|Crash|error: ' "$output" | tail -n 60
exit 1
