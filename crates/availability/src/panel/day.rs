//! Several interviews of one person on one day.

use super::Meeting;
use crate::{
    fault::{Fault, Faults, Problem},
    interval::Span,
};

/// The most interviews that are planned together.
pub const MOST_INTERVIEWS: usize = 6;

/// All interviews on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayPlan<'a, P> {
    /// How many seconds there are between interviews.
    pub waiting: i64,
    /// Which interview, and when, in the order of time.
    pub interviews: Vec<(usize, &'a Meeting<P>)>,
}

/// The best plan of each day on which all interviews can be, in any order: least waiting first, then the earlier one.
/// Between two interviews so many minutes are free at least.
///
/// Each interview has its meetings in order and equally long, as [`Panel::meetings`](super::Panel::meetings) gives
/// them.
///
/// ```
/// use availability::{Span, panel::{Meeting, days}};
/// let at = |hour: i64| Meeting {
///     span: Span::new(hour * 3600, hour * 3600 + 3600).expect("an hour"),
///     pools: Vec::<Vec<&str>>::new(),
///     room: None,
/// };
/// let interviews = [vec![at(9)], vec![at(8), at(14)]];
/// let plans = days(&interviews, &[Span::new(0, 86_400).expect("a day")], 15)?;
/// // Eight and nine are too near to each other.
/// let hour = |(which, meeting): &(usize, &Meeting<_>)| (*which, meeting.span.start() / 3600);
/// assert_eq!(plans[0].interviews.iter().map(hour).collect::<Vec<_>>(), [(0, 9), (1, 14)]);
/// assert_eq!(plans[0].waiting, 4 * 3600);
/// # Ok::<(), availability::Faults>(())
/// ```
pub fn days<'a, P>(
    interviews: &'a [Vec<Meeting<P>>],
    days: &[Span],
    pause: u32,
) -> Result<Vec<DayPlan<'a, P>>, Faults> {
    let count = interviews.len();
    let wrong = match count {
        0 => vec![Fault::new("", Problem::TooFew { least: 1 })],
        1..=MOST_INTERVIEWS => Vec::new(),
        _ => vec![Fault::new("", Problem::TooMany { most: MOST_INTERVIEWS })],
    };
    Faults::unless_none(wrong, ())?;
    let mut plans: Vec<DayPlan<'a, P>> =
        days.iter().filter_map(|day| Day::new(interviews, *day, pause).best()).collect();
    plans.sort_by_key(|plan| (plan.waiting, plan.interviews[0].1.span.start()));
    Ok(plans)
}

/// The meetings of one day.
struct Day<'a, P> {
    interviews: Vec<&'a [Meeting<P>]>,
    pause: i64,
}

/// How one gets to a set of interviews with the earliest end: which was the last, and which of its meetings.
#[derive(Clone, Copy)]
struct Step {
    end: i64,
    interview: usize,
    meeting: usize,
}

impl<'a, P> Day<'a, P> {
    fn new(interviews: &'a [Vec<Meeting<P>>], day: Span, pause: u32) -> Self {
        let of_day = |meetings: &'a Vec<Meeting<P>>| {
            let first = meetings.partition_point(|meeting| meeting.span.start() < day.start());
            let after = meetings.partition_point(|meeting| meeting.span.end() <= day.end());
            &meetings[first.min(after)..after]
        };
        Self { interviews: interviews.iter().map(of_day).collect(), pause: i64::from(pause) * 60 }
    }

    fn best(&self) -> Option<DayPlan<'a, P>> {
        let mut starts: Vec<i64> =
            self.interviews.iter().flat_map(|meetings| meetings.iter().map(|one| one.span.start())).collect();
        starts.sort_unstable();
        starts.dedup();
        let plans = starts.into_iter().filter_map(|start| self.from(start));
        plans.min_by_key(|plan| plan.waiting)
    }

    /// The plan that begins then and ends earliest. Who is done earlier with some of the interviews is not later with
    /// the rest: so of each set only the earliest end counts.
    fn from(&self, start: i64) -> Option<DayPlan<'a, P>> {
        let count = self.interviews.len();
        let mut steps: Vec<Option<Step>> = vec![None; 1 << count];
        for set in 1_usize..1 << count {
            let members = (0..count).filter(|interview| set & (1 << interview) != 0);
            let step = |interview: usize| {
                let before = set & !(1 << interview);
                let earliest = if before == 0 { start } else { steps[before]?.end + self.pause };
                let meetings = self.interviews[interview];
                let meeting = meetings.partition_point(|meeting| meeting.span.start() < earliest);
                let span = meetings.get(meeting)?.span;
                let begins_then = before != 0 || span.start() == start;
                begins_then.then_some(Step { end: span.end(), interview, meeting })
            };
            steps[set] = members.filter_map(step).min_by_key(|step| step.end);
        }
        let mut interviews = Vec::with_capacity(count);
        let mut set = (1 << count) - 1;
        while set != 0 {
            let Step { interview, meeting, .. } = steps[set]?;
            interviews.push((interview, &self.interviews[interview][meeting]));
            set &= !(1 << interview);
        }
        interviews.reverse();
        let gap = |two: &[(usize, &Meeting<P>)]| two[1].1.span.start() - two[0].1.span.end();
        Some(DayPlan { waiting: interviews.windows(2).map(gap).sum(), interviews })
    }
}
