//! The database schema, one file a change.
