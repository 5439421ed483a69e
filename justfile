# The commands of this repository. Each is one line that works without `just`.

# Lists the commands.
default:
    @just --list

# Serves on the embedded PostgreSQL.
run *args:
    cargo run --release -- {{args}}

# Runs every test.
test:
    cargo test --workspace

# Runs what CI runs.
ci:
    bash .ci/run

# Formats, and checks with clippy.
check:
    cargo fmt --all && cargo clippy --workspace --all-targets -- -D warnings

# Opens the API documentation of all crates.
doc:
    cargo doc --workspace --no-deps --open

# Measures the pure parts: tokens, cursors, the memory unit of work.
bench:
    cargo bench -p credentials -p storage-memory

# Runs the long tests: storms, races at length, timing comparisons.
long:
    cargo test --workspace --release -- --ignored --nocapture
