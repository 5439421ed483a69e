//! The operating system's clock, randomness and time zones.
