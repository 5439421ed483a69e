#!/usr/bin/env bash
# Documents: files of 10 MiB up and down beside the cipher alone, and the memory of transfers. Needs psql, curl, openssl
# and python3. PROGRAM (built as release unless told) and FOLDER, where the files go, may be set.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/bench/lib.sh
program=${PROGRAM:-${CARGO_TARGET_DIR:-target}/release/touchstone}
[ -n "${PROGRAM:-}" ] || cargo build --release --quiet
work=$(mktemp -d); chmod 711 "$work"
port=18497
trap 'kill $server; wait $server || true; rm -rf "$folder" "$work"' EXIT
folder=$(mktemp -d -p "${FOLDER:-$work}")
start "$program" "$work" $port off --set documents.folder="$folder"
accounts "$work" http://127.0.0.1:$port 0
python3 tests/bench/documents.py 127.0.0.1:$port "$password" $server "$folder"
