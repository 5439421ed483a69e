#!/usr/bin/env bash
# Guests behind one address who open their mailed links and begin, within a minute and at once, under the limits that
# are set unless told. Needs psql, curl and python3. GUESTS (300) and PROGRAM (built as release unless told) may be set.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/bench/lib.sh
program=${PROGRAM:-${CARGO_TARGET_DIR:-target}/release/touchstone}
[ -n "${PROGRAM:-}" ] || cargo build --release --quiet
work=$(mktemp -d); chmod 711 "$work"
port=18476
api=http://127.0.0.1:$port
trap 'kill $server; wait $server || true; rm -rf "$work"' EXIT
start "$program" "$work" $port off --set limits.rate_limits=true
accounts "$work" $api 1
for spread in 60 0; do
  python3 tests/bench/guests.py 127.0.0.1:$port "$work/data/mail" "$password" "${GUESTS:-300}" $spread
done
