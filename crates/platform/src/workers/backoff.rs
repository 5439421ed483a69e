//! When a failed delivery is tried again.

use std::time::Duration;

use kernel::Random;

/// After so many attempts a delivery is given up.
pub const ATTEMPTS: u32 = 12;

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(3600);

/// The pause after a failed attempt, `attempts` of which there were before; `None` when it was the last.
///
/// Each pause is four times the one before, from a second to an hour, so that twelve attempts span a night without
/// a mail server. Up to half of it is taken off by chance, so that what failed together does not return together.
pub fn retry_after(attempts: u32, random: &dyn Random) -> Option<Duration> {
    if attempts + 1 >= ATTEMPTS {
        return None;
    }
    let whole = FIRST.saturating_mul(4_u32.saturating_pow(attempts)).min(LONGEST);
    let off = whole / 2 * u32::from(u16::from_le_bytes(random.bytes())) / u32::from(u16::MAX);
    Some(whole.saturating_sub(off).max(FIRST))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(u8);
    impl Random for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn pauses_grow_from_a_second_to_an_hour_and_end() {
        let pauses: Vec<_> = (0..).map_while(|attempts| retry_after(attempts, &Fixed(0))).collect();
        let seconds: Vec<_> = pauses.iter().map(Duration::as_secs).collect();
        assert_eq!(seconds, [1, 4, 16, 64, 256, 1024, 3600, 3600, 3600, 3600, 3600]);
        assert_eq!(retry_after(u32::MAX - 1, &Fixed(0)), None);
    }

    #[test]
    fn chance_takes_off_half_at_most() {
        assert_eq!(retry_after(0, &Fixed(255)), Some(Duration::from_secs(1)));
        assert_eq!(retry_after(3, &Fixed(255)), Some(Duration::from_secs(32)));
    }
}
