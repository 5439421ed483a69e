//! The one binary: serves the API, migrates, administrates.
