//! What every storage adapter must do, as tests that any adapter can run.
