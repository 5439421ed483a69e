//! When many can meet: all who are required, of each pool as many as it takes, and in a room.

mod day;
mod seats;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use kernel::Offsets;

pub use self::day::{DayPlan, MOST_INTERVIEWS, days};
use self::seats::Seats;
use crate::{
    fault::{Fault, Faults, Problem},
    hours::Clock,
    interval::{Span, Spans},
    slots::{Grid, LENGTH},
};

/// The most people a panel knows.
const MOST_PEOPLE: usize = 50;
/// The most rooms to choose from.
const MOST_ROOMS: usize = 50;
/// The most pools.
const MOST_POOLS: usize = 5;
/// The most days that are searched at once.
const MOST_DAYS: i64 = 14;

/// People of whom some have to be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool<P> {
    /// Who can be; those further ahead are taken first.
    pub members: Vec<P>,
    /// How many have to be.
    pub needed: usize,
}

/// Who has to meet. Everybody has one seat: who is required fills none of a pool, and who is in two pools one of them.
///
/// ```
/// use std::collections::BTreeMap;
/// use kernel::Offsets;
/// use availability::{Span, Spans, panel::{Panel, Pool, Times}};
/// let hours = |from: i64, until: i64| Spans::from_iter(Span::new(from * 3600, until * 3600));
///
/// let pool = Pool { members: vec!["ada", "bob"], needed: 1 };
/// let panel = Panel::new(vec!["head"], vec![pool], vec!["room"])?;
/// let free = BTreeMap::from([
///     ("head", hours(8, 12)), ("ada", hours(8, 10)), ("bob", hours(10, 12)), ("room", hours(0, 24)),
/// ]);
/// let utc = Offsets::new(time::UtcOffset::UTC, Vec::new());
/// let times = Times::new(Span::new(0, 86_400).expect("a day"), 60, 30, &utc)?;
/// let meetings = panel.meetings(&free, &times);
/// let told: Vec<_> = meetings.iter().map(|one| (one.span.start() / 1800, one.pools[0][0])).collect();
/// // From half past nine there would be somebody at any time, and nobody all the time.
/// assert_eq!(told, [(16, "ada"), (17, "ada"), (18, "ada"), (20, "bob"), (21, "bob"), (22, "bob")]);
/// # Ok::<(), availability::Faults>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panel<P> {
    required: Vec<P>,
    pools: Vec<Pool<P>>,
    rooms: Vec<P>,
    seats: Seats<P>,
}

/// When a panel may meet, and for how long.
#[derive(Debug)]
pub struct Times {
    window: Span,
    seconds: i64,
    interval: u32,
    zone: Offsets,
}

/// When a panel can meet, and who of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meeting<P> {
    /// When.
    pub span: Span,
    /// Who of each pool, in the order of the pools.
    pub pools: Vec<Vec<P>>,
    /// In which room; none where the panel names no rooms.
    pub room: Option<P>,
}

impl Times {
    /// Meetings of so many minutes that begin in the window, on the multiples of the interval by the zone's clock. A
    /// window has 14 days at most, and the hour by which clocks may be put back in them.
    pub fn new(window: Span, minutes: u32, interval: u32, zone: &Offsets) -> Result<Self, Faults> {
        let mut faults = Vec::new();
        if window.seconds() > MOST_DAYS * 86_400 + 3600 {
            faults.push(Fault::new("/until", Problem::TooLong { days: MOST_DAYS }));
        }
        if !LENGTH.contains(&minutes) {
            let (least, most) = LENGTH.into_inner();
            faults.push(Fault::new("/minutes", Problem::OutOfRange { least, most }));
        }
        if !LENGTH.contains(&interval) || !60_u32.is_multiple_of(interval) {
            faults.push(Fault::new("/interval", Problem::NoPartOfAnHour));
        }
        Faults::unless_none(
            faults,
            Self { window, seconds: i64::from(minutes) * 60, interval, zone: zone.clone() },
        )
    }
}

impl<P: Copy + Ord> Panel<P> {
    /// Who is required, the pools, and the rooms to choose from; without any, no room is needed.
    pub fn new(required: Vec<P>, pools: Vec<Pool<P>>, rooms: Vec<P>) -> Result<Self, Faults> {
        let mut faults = Vec::new();
        faults.extend(repeated("/required", &required));
        for (index, pool) in pools.iter().enumerate() {
            faults.extend(repeated(&format!("/pools/{index}/members"), &pool.members));
            let most = u32::try_from(pool.members.len()).unwrap_or(u32::MAX);
            if pool.members.is_empty() {
                faults.push(Fault::new(format!("/pools/{index}/members"), Problem::TooFew { least: 1 }));
            } else if pool.needed == 0 || pool.needed > pool.members.len() {
                faults.push(Fault::new(
                    format!("/pools/{index}/needed"),
                    Problem::OutOfRange { least: 1, most },
                ));
            }
        }
        faults.extend(repeated("/rooms", &rooms));
        let people: BTreeSet<P> =
            required.iter().chain(pools.iter().flat_map(|pool| &pool.members)).copied().collect();
        for (pointer, count, most) in [
            ("", people.len(), MOST_PEOPLE),
            ("/pools", pools.len(), MOST_POOLS),
            ("/rooms", rooms.len(), MOST_ROOMS),
        ] {
            if count > most {
                faults.push(Fault::new(pointer, Problem::TooMany { most }));
            }
        }
        if people.is_empty() {
            faults.push(Fault::new("", Problem::TooFew { least: 1 }));
        }
        Faults::unless_none(faults, ())?;
        let seats = Seats::of(&required, &pools, &rooms);
        let panel = Self { required, pools, rooms, seats };
        let is_enough = panel.seats.fill(|_| true).is_some();
        let never = (!is_enough).then(|| Fault::new("/pools", Problem::NeverEnough));
        Faults::unless_none(never.into_iter().collect(), panel)
    }

    /// Who is required.
    pub fn required(&self) -> &[P] {
        &self.required
    }

    /// Everybody and everything whose free time decides, each once.
    pub fn resources(&self) -> impl Iterator<Item = P> {
        let members = self.pools.iter().flat_map(|pool| &pool.members);
        let all = self.required.iter().chain(members).chain(&self.rooms).copied();
        all.collect::<BTreeSet<P>>().into_iter()
    }

    /// When the panel can meet, in order, by the free time of each; who has none told is never free.
    pub fn meetings(&self, free: &BTreeMap<P, Spans>, times: &Times) -> Vec<Meeting<P>> {
        let (never, clock) = (Spans::NONE, Clock::of(&times.zone));
        let of = |who: &P| free.get(who).unwrap_or(&never);
        // What begins in the window ends within a day of it.
        let window = times.window.widen(0, 86_400);
        let common = self.required.iter().fold(Spans::from(window), |common, who| common.intersect(of(who)));
        let grid = Grid::new(times.interval, &clock, &times.zone);
        let mut starts = Vec::new();
        for span in common.iter() {
            grid.starts(span, times.window, times.seconds, &mut starts);
        }
        let of: Vec<&Spans> = self.seats.who().iter().map(of).collect();
        let meeting = |start: i64| {
            let span = Span::new(start, start + times.seconds)?;
            let (pools, room) = self.seats.fill(|who| of[who].covers(span))?;
            Some(Meeting { span, pools, room })
        };
        starts.into_iter().filter_map(meeting).collect()
    }
}

fn repeated<P: PartialEq>(pointer: &str, list: &[P]) -> Vec<Fault> {
    let again = |(index, one): (usize, &P)| {
        let first = list[..index].iter().position(|earlier| earlier == one)?;
        Some(Fault::new(format!("{pointer}/{index}"), Problem::Repeated { at: format!("{pointer}/{first}") }))
    };
    list.iter().enumerate().filter_map(again).collect()
}
