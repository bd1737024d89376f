#!/usr/bin/env bash
# Starts Purser with a demo team, a budget and a router token, and prints three lines to try: scripts/demo.sh PURSER
# Expects PURSER_LISTEN, PURSER_DATA_DIR and PURSER_ADMIN_TOKEN.
set -euo pipefail

purser=$1

mkdir -p "$PURSER_DATA_DIR"
# No load balancer needs time to notice that this server stops.
export PURSER_DRAIN_SECONDS=0
exec 3< <(exec "$purser" serve)
server=$!
trap 'kill -TERM $server 2>/dev/null' INT TERM
# The server prints one line once it is ready, and none if it fails to start.
read -r ready <&3 || { wait $server; exit $?; }
echo "$ready"
export PURSER_URL=${ready##* }

export PURSER_TOKEN=$PURSER_ADMIN_TOKEN
# The team, ladder and budget of an earlier run stay unchanged.
quietly() { local said; said=$("$@" 2>&1) || { echo "$said" >&2; exit 1; }; }
"$purser" team list --output csv | grep -q '^demo,' || {
    quietly "$purser" team create demo
    quietly "$purser" ladder set demo gpt-4o gpt-4o-mini
    quietly "$purser" budget set team/demo --team demo --limit 25 --period month --downgrade-at 80% --alert-at 50%,80%,100%
}
token_file=$PURSER_DATA_DIR/demo-router-token
[ -s "$token_file" ] || (umask 077; "$purser" token create --role router >"$token_file" 2>/dev/null)
token=$(cat "$token_file")

cat <<EOF

The team "demo" has a budget of \$25 a month. In another terminal, ask before a call, settle after it, and see the month:

  HOLD=\$(curl -s $PURSER_URL/v1/authorize -H 'Authorization: Bearer $token' -d '{"request_id": "r-1", "team": "demo", "model": "gpt-4o", "input_tokens": 1200, "max_output_tokens": 400}' | tee -a /dev/stderr | sed -E 's/.*"hold_id":"([^"]+)".*/\1/')

  curl -s $PURSER_URL/v1/settle -H 'Authorization: Bearer $token' -d '{"hold_id": "'\$HOLD'", "usage": {"input_tokens": 1200, "output_tokens": 310}}'

  curl -s '$PURSER_URL/v1/reports/monthly' -H 'Authorization: Bearer $PURSER_ADMIN_TOKEN'

Ctrl-C stops it; what was recorded stays in $PURSER_DATA_DIR.
EOF

# The signal that stops the server also interrupts `wait`: wait again until the server has ended.
status=0
while kill -0 $server 2>/dev/null; do
    status=0
    wait $server || status=$?
done
exit $status
