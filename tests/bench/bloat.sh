#!/usr/bin/env bash
# What tables and indexes grow by while people write without a pause: bloat.sh MINUTES. PATCH /v1/me goes on, and between
# its rounds organisations are founded with an Idempotency-Key. Needs wrk, psql and curl. INTERVAL (60 seconds, from 10 to
# 600) and CONNECTIONS (16) may be set.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/bench/lib.sh
minutes=${1:?how many minutes} interval=${INTERVAL:-60} connections=${CONNECTIONS:-16}
cargo build --release --quiet
work=$(mktemp -d); chmod 711 "$work"
port=18488
api=http://127.0.0.1:$port
trap 'stop $server; rm -rf "$work"' EXIT
start "${CARGO_TARGET_DIR:-target}/release/touchstone" "$work" $port off
people "$work" $api
begun=$(date +%s) patched=0 founded=0
row='%7s %8s %8s | %-16s %8s %11s %9s %9s %9s %5s %7s\n'
# Size of each table and of its indexes, and its rows, living and dead.
sizes() {
  sql "$work" -F ' ' -c "SELECT relname, pg_table_size(relid) / 1024, pg_indexes_size(relid) / 1024, n_live_tup, n_dead_tup,
      n_tup_upd, 100 * n_tup_hot_upd / greatest(n_tup_upd, 1), vacuum_count + autovacuum_count
    FROM pg_stat_user_tables WHERE (schemaname, relname) IN (('platform', 'outbox'), ('identity', 'accounts'),
      ('platform', 'idempotency_keys'), ('audit', 'events')) ORDER BY relname" |
    while read -r table; do printf "$row" $(($(date +%s) - begun)) $patched $founded $table; done
}
printf "$row" seconds patched founded table KiB 'indexes KiB' rows dead updated HOT% vacuums
sizes
while [ $(($(date +%s) - begun)) -lt $((minutes * 60)) ]; do
  sign_in "$work" $api
  http patch "$connections" "$((interval * 9 / 10))" "$work" $api
  patched=$((patched + requests))
  http found 1 "$((interval / 10))" "$work" $api
  founded=$((founded + requests))
  sizes
done
