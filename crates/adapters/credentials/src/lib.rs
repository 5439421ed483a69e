//! Passwords, tokens, sealed secrets and one-time codes.
