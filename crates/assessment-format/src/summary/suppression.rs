//! Which counts may be shown.

use super::FEWEST;

/// The counts with those hidden that could point at someone: fewer than [`FEWEST`]; and, where all hidden
/// ones hold fewer together but not none, the smallest of the others too, the first of equals. What is hidden
/// then holds nobody, or at least [`FEWEST`].
pub(super) fn suppressed(counts: &[u64]) -> Vec<Option<u64>> {
    let mut shown: Vec<Option<u64>> =
        counts.iter().map(|count| Some(*count).filter(|n| *n >= FEWEST)).collect();
    let hidden: u64 = counts.iter().filter(|count| **count < FEWEST).sum();
    if (1..FEWEST).contains(&hidden)
        && let Some(smallest) = shown.iter_mut().filter(|count| count.is_some()).min_by_key(|count| **count)
    {
        *smallest = None;
    }
    shown
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_lone_small_count_takes_the_next_smallest_with_it() {
        assert_eq!(suppressed(&[20, 3, 9]), [Some(20), None, None]);
        assert_eq!(suppressed(&[20, 3, 2]), [Some(20), None, None]);
        assert_eq!(suppressed(&[20, 0, 9]), [Some(20), None, Some(9)]);
        assert_eq!(suppressed(&[6, 6, 1]), [None, Some(6), None]);
        assert_eq!(suppressed(&[3, 1]), [None, None]);
    }

    proptest! {
        #[test]
        fn the_total_never_tells_a_small_count(counts in proptest::collection::vec(0..20_u64, 1..8)) {
            let shown = suppressed(&counts);
            let total: u64 = counts.iter().sum();
            prop_assume!(total >= FEWEST);
            let hidden = total - shown.iter().flatten().sum::<u64>();
            prop_assert!(hidden == 0 || hidden >= FEWEST);
            prop_assert!(shown.iter().flatten().all(|count| *count >= FEWEST));
            prop_assert!(hidden == 0 || shown.iter().filter(|count| count.is_none()).count() > 1 || counts.len() == 1);
        }
    }
}
