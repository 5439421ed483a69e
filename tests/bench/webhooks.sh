#!/usr/bin/env bash
# Webhooks: ten events to a thousand endpoints of which one in ten never answers. Needs psql, curl and python3.
# ENDPOINTS (1000), EVENTS (10), HANGS (10: one in ten; 0: none) and PROGRAM (built as release unless told) may be set.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/bench/lib.sh
endpoints=${ENDPOINTS:-1000}
program=${PROGRAM:-${CARGO_TARGET_DIR:-target}/release/touchstone}
[ -n "${PROGRAM:-}" ] || cargo build --release --quiet
work=$(mktemp -d); chmod 711 "$work"
port=18479
trap 'kill $server; wait $server || true; rm -rf "$work"' EXIT
start "$program" "$work" $port off --set outbound.allow_private=true --set quotas.webhook_endpoints="$endpoints"
accounts "$work" http://127.0.0.1:$port 0
python3 tests/bench/webhooks.py 127.0.0.1:$port "$password" $server "$work" "$endpoints" "${EVENTS:-10}" "${HANGS:-10}"
