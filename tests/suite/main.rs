//! One test binary for what spans crates.

mod architecture;
