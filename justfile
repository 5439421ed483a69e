# The commands of this repository. Each is one line that works without `just`.

# Lists the commands.
default:
    @just --list

# Serves on the embedded PostgreSQL.
run *args:
    cargo run --release -- {{args}}

# Builds the program as it is installed, without the command `demo`: `target/dist/touchstone`.
dist:
    cargo build --profile dist --locked --no-default-features

# Runs every test.
test:
    cargo test --workspace

# Runs what CI runs.
ci:
    bash .ci/run

# Holds a server against its description with schemathesis, for 3 minutes; needs python3 with venv, and PyPI at the first run.
check-api *args:
    cargo build && python3 tests/api/check.py {{args}}

# Goes through the pages of letters in a browser, on two devices; needs python3 with venv, chromium and chromium-driver, and PyPI at the first run.
check-pages *args:
    cargo build && python3 tests/browser/pages.py {{args}}

# Formats, and checks with clippy.
check:
    cargo fmt --all && cargo clippy --workspace --all-targets -- -D warnings

# Opens the API documentation of all crates.
doc:
    cargo doc --workspace --no-deps --open

# Measures the pure parts: tokens, cursors, the memory unit of work, the tree.
bench:
    cargo bench -p credentials -p storage-memory -p audit

# Measures assessments: reading, printing, comparing and scoring them; then over HTTP, which needs wrk, psql, pgbench, python3 and GNU time.
bench-assessments:
    cargo bench -p assessment-format
    bash tests/bench/assessments.sh

# Measures HTTP beside pgbench; needs wrk, psql and pgbench.
bench-http:
    bash tests/bench/http.sh

# Measures builds of the program in turns, each beside the first, such as `just bench-builds target/dist/touchstone
# target/release/touchstone`; needs wrk, psql and curl.
bench-builds +binaries:
    bash tests/bench/builds.sh {{binaries}}

# Measures what a request costs the server and PostgreSQL: CPU, context switches, memory; needs wrk, psql and curl.
bench-cpu:
    bash tests/bench/cpu.sh

# Lists the functions in which the server spends its time, and folds stacks for a flame graph; needs perf, wrk, psql and curl.
bench-profile:
    bash tests/bench/profile.sh

# Lists the statements of requests and what each costs PostgreSQL; needs wrk, psql, curl and pg_stat_statements.
bench-statements:
    bash tests/bench/statements.sh

# Measures a class of 300 that signs in behind one address under the default limits; needs psql, curl and python3.
bench-class:
    bash tests/bench/class.sh

# Measures 300 guests who open their links and begin behind one address, under the default limits; needs psql, curl and python3.
bench-guests:
    bash tests/bench/guests.sh

# Measures notices to many, streams, and an inbox of a million; needs psql, curl and python3.
bench-notify:
    bash tests/bench/notify.sh

# Measures webhooks to a thousand endpoints of which one in ten never answers; needs psql, curl and python3.
bench-webhooks:
    bash tests/bench/webhooks.sh

# Measures files up and down beside the cipher, and what memory they take; needs psql, curl, openssl and python3.
bench-documents:
    bash tests/bench/documents.sh

# Measures requests among a thousand accounts and among a million, in turns; needs wrk, psql and curl.
bench-flat:
    bash tests/bench/flat.sh

# Measures how long a verification letter takes while 100,000 others wait.
bench-lanes:
    cargo test --workspace --release --test suite -- lanes --ignored --nocapture

# Measures what tables grow by under writes without a pause; needs wrk, psql and curl.
bench-bloat minutes="10":
    bash tests/bench/bloat.sh {{minutes}}

# Measures what the audit trail costs and how fast it is verified; needs wrk, psql, python3 and GNU time. BASE=program compares.
bench-audit:
    bash tests/bench/audit.sh

# Verifies the audit trail of the installation on this machine, or what `touchstone audit verify` is told besides.
audit *args:
    cargo run --release -- audit verify {{args}}

# Feeds hostile bytes to everything the trail and the format of assessments parse, a minute each; needs a nightly compiler and cargo-fuzz.
fuzz:
    set -e; for crate in audit assessment-format; do for target in $(cd crates/$crate && cargo +nightly fuzz list); do (cd crates/$crate && mkdir -p fuzz/corpus/$target && cargo +nightly fuzz run $target fuzz/corpus/$target $(ls -d fuzz/seeds/$target 2>/dev/null || true) -- -max_total_time=60); done; done

# Compares the time of answers for known and unknown addresses; run it on a quiet machine.
timing:
    cargo test -p touchstone --release --test program -- timing --ignored --nocapture --test-threads=1

# Runs two processes behind PgBouncer, or what PGBOUNCER names, in session mode; from 1.21 on in transaction mode, too.
pooler:
    ${PGBOUNCER:-pgbouncer} --version && cargo test -p touchstone --test program -- pooler --ignored --nocapture --test-threads=1

# Runs the long tests: storms, races at length, timing comparisons.
long:
    cargo test --workspace --release -- --ignored --nocapture

# Holds the lock file to deny.toml: licences, sources, crates that are refused, and more than one generation of a crate.
deny:
    bash .ci/cargo-deny --locked check -D warnings licenses bans sources

# Looks the dependencies up in RUSTSEC's database of advisories: on the network, or in a clone of it.
advisories database="https://github.com/RustSec/advisory-db":
    GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0="url.{{database}}.insteadOf" GIT_CONFIG_VALUE_0=https://github.com/RustSec/advisory-db bash .ci/cargo-deny --locked check advisories
