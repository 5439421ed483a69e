//! New identifiers.

use kernel::Ids;
use uuid::Uuid;

/// Makes UUIDs from the machine's time and randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemIds;

impl Ids for SystemIds {
    /// Within one process each is greater than all before it, on whatever thread they were made.
    #[expect(clippy::disallowed_methods, reason = "this is what `kernel::Ids` stands for")]
    fn ordered(&self) -> Uuid {
        Uuid::now_v7()
    }

    #[expect(clippy::disallowed_methods, reason = "this is what `kernel::Ids` stands for")]
    fn opaque(&self) -> Uuid {
        Uuid::new_v4()
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, thread};

    use super::*;

    #[test]
    fn ordered_ids_increase() {
        let ids: Vec<_> = (0..10_000).map(|_| SystemIds.ordered()).collect();
        assert!(ids.is_sorted_by(|a, b| a < b));
        assert!(ids.iter().all(|id| id.get_version_num() == 7));
    }

    #[test]
    fn ordered_ids_increase_on_each_thread_and_never_repeat() {
        let one = || (0..5_000).map(|_| SystemIds.ordered()).collect::<Vec<_>>();
        let threads: Vec<_> = (0..4).map(|_| thread::spawn(one)).collect();
        let made: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        assert!(made.iter().all(|ids| ids.is_sorted_by(|a, b| a < b)));
        assert_eq!(made.into_iter().flatten().collect::<HashSet<_>>().len(), 20_000);
    }

    #[test]
    fn opaque_ids_are_random() {
        let ids: HashSet<_> = (0..1_000).map(|_| SystemIds.opaque()).collect();
        assert_eq!(ids.len(), 1_000);
        assert!(ids.iter().all(|id| id.get_version_num() == 4));
    }
}
