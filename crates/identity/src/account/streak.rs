//! Days in a row.

use time::Date;

/// How many days in a row something was done, by the calendar of the person's own time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Streak {
    /// The run that `last_date` belongs to, in days.
    pub current: i32,
    /// The longest run so far, in days.
    pub max: i32,
    /// The last day it was done.
    pub last_date: Option<Date>,
}

impl Streak {
    /// It was done on `today`. The same day again changes nothing, nor does a day before the last: travelling
    /// west does not break a run.
    pub fn mark(&mut self, today: Date) {
        let follows = |last: Date| last.next_day() == Some(today);
        match self.last_date {
            Some(last) if today <= last => return,
            Some(last) if follows(last) => self.current = self.current.saturating_add(1),
            _ => self.current = 1,
        }
        self.max = self.max.max(self.current);
        self.last_date = Some(today);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn a_gap_starts_anew_and_the_longest_run_stays() {
        let mut streak = Streak::default();
        for day in
            [date!(2026 - 02 - 27), date!(2026 - 02 - 28), date!(2026 - 03 - 01), date!(2026 - 03 - 01)]
        {
            streak.mark(day);
        }
        assert_eq!((streak.current, streak.max), (3, 3));
        streak.mark(date!(2026 - 03 - 05));
        assert_eq!((streak.current, streak.max), (1, 3));
        streak.mark(date!(2026 - 03 - 04));
        assert_eq!(streak.last_date, Some(date!(2026 - 03 - 05)));
    }
}
