#!/usr/bin/env bash
# What becomes of a key when its lease of ten seconds expires: no second is waited for.
# Needs curl and etcdctl.
set -eu
LEASEHOLD=${LEASEHOLD:-npx leasehold}
ETCDCTL=${ETCDCTL:-etcdctl}
export ETCDCTL_API=3

log=$(mktemp)
$LEASEHOLD serve --clock virtual --listen 127.0.0.1:0 --json > "$log" &
server=$!
trap 'kill "$server"; rm -f "$log"' EXIT
until grep -q url "$log"; do sleep 0.05; done
url=$(sed 's/.*"url":"\([^"]*\)".*/\1/' "$log")

lease=$($ETCDCTL --endpoints="$url" lease grant 10 | awk '{print $2}')
$ETCDCTL --endpoints="$url" put --lease="$lease" session here

curl -sS -X POST "$url/leasehold/v1/clock/advance?by=9999ms"
$ETCDCTL --endpoints="$url" get session --print-value-only

curl -sS -X POST "$url/leasehold/v1/clock/advance?by=1ms"
test -z "$($ETCDCTL --endpoints="$url" get session)" && echo 'the session is gone'
