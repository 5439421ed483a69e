//! Every storage port, in memory.
