#!/usr/bin/env bash
# Runs the release binary in a Debian 12 without a toolchain: scripts/bare-debian.sh PURSER "SUDO"
#
# Makes a root folder with debootstrap, puts in what docs/operations.md says a server needs (PostgreSQL, libpq, libcurl),
# copies the program and its files there, and has it serve, answer a first verdict, settle it and verify the ledger.
set -euo pipefail

purser=$1 sudo=${2:-}
here=$(cd "$(dirname "$0")/.." && pwd)
# Whoever runs this names a folder to keep the root for the next time.
root=${BARE_ROOT:-$(mktemp -d /var/tmp/purser-bare.XXXXXX)}
# PostgreSQL runs there as a user of its own, who must be able to pass through.
chmod 755 "$root"
port=${PORT:-18080}
token=bare-debian-admin-token-of-this-run
server=

clean_up() {
    [ -z "$server" ] || $sudo kill -INT "$server" 2>/dev/null || :
    [ -z "$server" ] || wait "$server" 2>/dev/null || :
    ! mountpoint -q "$root/proc" || $sudo umount "$root/proc"
    [ -n "${BARE_ROOT:-}" ] || $sudo rm -rf --one-file-system "$root"
}
trap clean_up EXIT

if [ ! -e "$root/usr/bin/apt-get" ]; then
    mirror=$(sed -nE 's/^(deb|URIs:) *(\[[^]]*\] *)?(https?:[^ ]+).*/\3/p' /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -n 1 || :)
    $sudo debootstrap --variant=minbase bookworm "$root" ${mirror:+"$mirror"} >"$root.log" || { tail -n 20 "$root.log"; exit 1; }
    $sudo mkdir -p "$root/etc/postgresql-common"
    echo 'create_main_cluster = false' | $sudo tee "$root/etc/postgresql-common/createcluster.conf" >/dev/null
    [ ! -e /etc/apt/apt.conf ] || $sudo cp /etc/apt/apt.conf "$root/etc/apt/"
    $sudo cp -r /etc/apt/apt.conf.d/. "$root/etc/apt/apt.conf.d/"
    $sudo chroot "$root" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        postgresql libpq5 libcurl4 >"$root.log" 2>&1 || { tail -n 20 "$root.log"; exit 1; }
fi
rm -f "$root.log"
mountpoint -q "$root/proc" || $sudo mount -t proc proc "$root/proc"

echo "Debian $(cat "$root/etc/debian_version"), $($sudo chroot "$root" dpkg-query -f '.\n' -W | wc -l) packages, swift: $($sudo chroot "$root" sh -c 'command -v swift || echo none')"
$sudo mkdir -p "$root/usr/share/purser" "$root/srv/purser"
$sudo cp "$purser" "$root/usr/bin/purser"
for folder in migrations pricing reports docs; do $sudo cp -r "$here/$folder" "$root/usr/share/purser/"; done
echo "libraries that are not in it: $($sudo chroot "$root" ldd /usr/bin/purser | grep -c 'not found' || :)"

$sudo chroot "$root" env PURSER_ADMIN_TOKEN=$token PURSER_DRAIN_SECONDS=0 LC_ALL=C.UTF-8 \
    purser serve --listen "127.0.0.1:$port" --data-dir /srv/purser >"$root/serve.out" &
server=$!
for _ in $(seq 1 600); do
    grep -q 'is ready' "$root/serve.out" && break
    kill -0 "$server" || exit 1
    sleep 0.1
done
cat "$root/serve.out"

inside() { $sudo chroot "$root" env PURSER_URL="http://127.0.0.1:$port" PURSER_TOKEN=$token LC_ALL=C.UTF-8 purser "$@"; }
ask() { curl -sS "http://127.0.0.1:$port$1" -H "Authorization: Bearer $token" -d "$2"; }

inside team create bare
inside budget set team/bare --team bare --limit 25 --period month
verdict=$(ask /v1/authorize '{"request_id": "r-1", "team": "bare", "model": "gpt-4o", "input_tokens": 1200, "max_output_tokens": 400}')
echo "$verdict"
hold=$(sed -E 's/.*"hold_id":"([^"]+)".*/\1/' <<<"$verdict")
receipt=$(ask /v1/settle '{"hold_id": "'"$hold"'", "usage": {"input_tokens": 1200, "output_tokens": 310}}')
echo "$receipt"
grep -q '"cost_usd":"0.0061"' <<<"$receipt"
inside report monthly
$sudo chroot "$root" env LC_ALL=C.UTF-8 purser verify --data-dir /srv/purser
echo "It runs on a bare Debian 12."
