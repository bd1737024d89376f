#!/usr/bin/env bash
# Starts the demo of `make run`, runs the commands it prints, and checks the answers: scripts/readme-example.sh PURSER
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
directory=$(mktemp -d /tmp/purser-readme.XXXXXX)
chmod 755 "$directory"
export PURSER_DRAIN_SECONDS=0 PURSER_LISTEN=127.0.0.1:0 PURSER_DATA_DIR=$directory/data
export PURSER_ADMIN_TOKEN=readme-example-admin-token-of-this-run

"$here/demo.sh" "$1" >"$directory/out" &
demo=$!
trap 'kill -TERM $demo 2>/dev/null || :; wait $demo 2>/dev/null || :; rm -rf "$directory"' EXIT

for _ in $(seq 1 600); do
    grep -q 'Ctrl-C' "$directory/out" && break
    kill -0 $demo || { cat "$directory/out"; exit 1; }
    sleep 0.1
done

authorize=$(grep '/v1/authorize' "$directory/out")
settle=$(grep '/v1/settle' "$directory/out")
report=$(grep '/v1/reports' "$directory/out")

eval "$authorize" 2>"$directory/verdict"
cat "$directory/verdict"
grep -q '"verdict":"admit"' "$directory/verdict"
receipt=$(eval "$settle")
echo "$receipt"
grep -q '"cost_usd":"0.0061"' <<<"$receipt"
month=$(eval "$report")
echo "$month"
grep -q '"cost_usd":"0.0061"' <<<"$month"
echo "The README's example works."
