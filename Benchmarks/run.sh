#!/usr/bin/env bash
# What one server on this machine does, load generator beside it: Benchmarks/run.sh PURSER [SECONDS]
# Figures are requests a second; a pair is two requests. Compare them within one run only.
set -euo pipefail

purser=$1
seconds=${2:-10}
here=$(cd "$(dirname "$0")" && pwd)
directory=$(mktemp -d /tmp/purser-bench.XXXXXX)
chmod 755 "$directory"
export PURSER_DRAIN_SECONDS=0 PURSER_LISTEN=127.0.0.1:0 PURSER_DATA_DIR=$directory/data
export PURSER_ADMIN_TOKEN=benchmark-admin-token-of-this-run-only

exec 3< <(exec "$purser" serve)
server=$!
trap 'kill -TERM $server 2>/dev/null || :; wait $server 2>/dev/null || :; rm -rf "$directory"' EXIT
read -r ready <&3
export PURSER_URL=${ready##* } PURSER_TOKEN=$PURSER_ADMIN_TOKEN
"$purser" team create bench 2>/dev/null
"$purser" budget set team/bench --team bench --limit 1000000 --period month >/dev/null
token=$("$purser" token create --role router 2>/dev/null)

measure() { # name script connections
    local out
    out=$(wrk -t2 -c"$3" -d"${seconds}s" --latency -s "$here/$2" "$PURSER_URL" -- "$token")
    printf '%-34s %12s requests/s   p50 %8s   p99 %8s   %s\n' "$1" \
        "$(awk '/Requests\/sec/ {print $2}' <<<"$out")" "$(awk '$1 == "50%" {print $2}' <<<"$out")" \
        "$(awk '$1 == "99%" {print $2}' <<<"$out")" "$(grep -E 'Non-2xx|Socket errors' <<<"$out" || :)"
}

measure "authorize and settle,  32 clients" pairs.lua 32
measure "authorize and settle, 128 clients" pairs.lua 128
measure "authorize,             32 clients" authorize.lua 32
