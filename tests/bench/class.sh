#!/usr/bin/env bash
# A class behind one address: people who sign in at once or within a minute, and come back when they are told to, under the
# limits and with the password hashes that are set unless told. Needs psql, curl and python3. PEOPLE (300), ROUNDS (3) and PROGRAM (built as
# release unless told) may be set.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/bench/lib.sh
people=${PEOPLE:-300} rounds=${ROUNDS:-3}
program=${PROGRAM:-${CARGO_TARGET_DIR:-target}/release/touchstone}
[ -n "${PROGRAM:-}" ] || cargo build --release --quiet
work=$(mktemp -d); chmod 711 "$work"
port=18475
api=http://127.0.0.1:$port
trap 'kill $server; wait $server || true; rm -rf "$work"' EXIT
start "$program" "$work" $port off --set limits.rate_limits=true
accounts "$work" $api "$people"
sleep 2
# Percent that mistype first, and over how many seconds they come.
for case in "0 0" "0 60" "10 60"; do
  read -r mistyped spread <<<"$case"
  for round in $(seq "$rounds"); do
    printf '%s%% mistype first, within %s s, round %s: ' "$mistyped" "$spread" "$round"
    python3 tests/bench/class.py 127.0.0.1:$port "$people" "$mistyped" "$password" "$spread"
  done
done
