#!/usr/bin/env bash
# Notifications: one notice to 10,000 administrators, the way from commit to an open stream, a thousand idle streams,
# and an inbox of a million. Needs psql, curl and python3. HOLDERS (10000), ROWS (1000000), STREAMS (1000) and PROGRAM
# (built as release unless told) may be set.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/bench/lib.sh
holders=${HOLDERS:-10000}
program=${PROGRAM:-${CARGO_TARGET_DIR:-target}/release/touchstone}
[ -n "${PROGRAM:-}" ] || cargo build --release --quiet
work=$(mktemp -d); chmod 711 "$work"
port=18478
api=http://127.0.0.1:$port
trap 'kill $server; wait $server || true; rm -rf "$work"' EXIT
start "$program" "$work" $port off --set quotas.new_days=0
accounts "$work" $api "$holders"
# Nobody is mailed: what is measured is telling.
sql "$work" -c "INSERT INTO notification.preferences (account_id, channels, digest_interval, digest_hour)
  SELECT id, '{\"system\":{\"in_app\":true,\"email\":\"off\"}}', 'daily', 8 FROM identity.accounts"
PGHOST=$(sed -n 5p "$work/data/postgres/postmaster.pid") PGUSER=postgres PGDATABASE=touchstone \
  python3 tests/bench/notify.py 127.0.0.1:$port "$password" $server "$holders" "${ROWS:-1000000}" "${STREAMS:-1000}"
