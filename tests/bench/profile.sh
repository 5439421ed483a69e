#!/usr/bin/env bash
# Where the server spends its time on GET /v1/me and PATCH /v1/me, by function: what perf sampled, and stacks folded for a
# flame graph in OUT (target/profile). Needs perf, wrk, psql and curl. SECONDS_EACH (10), CONNECTIONS (16) and TOP (40) may
# be set.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/bench/lib.sh
each=${SECONDS_EACH:-10} connections=${CONNECTIONS:-16} top=${TOP:-40} out=${OUT:-${CARGO_TARGET_DIR:-target}/profile}
cargo build --release --quiet
work=$(mktemp -d); chmod 711 "$work"
mkdir -p "$out"
port=18485
api=http://127.0.0.1:$port
trap 'stop $server; rm -rf "$work"' EXIT
start "${CARGO_TARGET_DIR:-target}/release/touchstone" "$work" $port off
people "$work" $api
sleep 2
for call in get patch; do
  # Tables for unwinding are in every build; frame pointers, and lines of inlined functions, are not.
  perf record --quiet -F 299 --call-graph dwarf,16384 -p "$server" -o "$work/perf.data" -- sleep "$each" & recorder=$!
  http $call "$connections" "$each" "$work" $api
  wait $recorder
  echo "== $call: $requests requests, $rate a second while it was watched"
  perf report -i "$work/perf.data" --no-children --no-inline -g none --stdio -F overhead,sample,dso,symbol 2>/dev/null |
    awk -v top="$top" '/^ +[0-9]/ && n++ < top { print substr($0, 1, 150) }'
  # A line a stack, outermost first, and how often it was seen.
  perf script -i "$work/perf.data" --no-inline -F comm,ip,sym 2>/dev/null | awk '
    /^[^ \t]/ { thread = $1; stack = ""; next }
    NF == 0 { if (thread != "") seen[thread stack]++; thread = ""; next }
    { sub(/^[ \t]*[0-9a-f]+ /, ""); gsub(/;/, ":"); stack = ";" $0 stack }
    END { for (stack in seen) print stack, seen[stack] }' >"$out/$call.folded"
  echo "stacks: $out/$call.folded"
  tags "$work" $api
done
