//! The system's own tests live in `suite/`: contracts x adapters, the HTTP API end to end, architecture rules.
