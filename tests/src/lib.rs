//! Contracts x adapters, the HTTP API end to end, architecture rules.
