//! How many files are worked on at a time.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A turn, once there is one. It is taken before the file is, so that files that wait take no memory, and goes with the
/// work: whoever hangs up lets no other in while the machine is still at their file.
pub(crate) async fn turn(turns: &Arc<Semaphore>) -> OwnedSemaphorePermit {
    Arc::clone(turns).acquire_owned().await.expect("nobody closes the semaphore")
}
