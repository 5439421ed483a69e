//! Hours as people say them: from one time of day until another.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use time::Weekday;

use crate::fault::{Fault, Faults, Problem};

const DAY: u16 = 24 * 60;

/// The most hours from and until that a day has.
const MOST_HOURS: usize = 10;

/// A time of day to the minute, from `00:00` to `24:00`, where the day is over.
///
/// ```
/// use availability::ClockTime;
/// let nine: ClockTime = "09:00".parse()?;
/// assert_eq!((nine.minute(), nine.to_string()), (540, "09:00".to_owned()));
/// assert!("9:00".parse::<ClockTime>().is_err());
/// # Ok::<(), availability::Problem>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClockTime(u16);

impl ClockTime {
    /// How many minutes the clock shows since `00:00`: 1,440 at `24:00`.
    pub const fn minute(self) -> u16 {
        self.0
    }
}

impl FromStr for ClockTime {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        let digit = |byte: u8| byte.is_ascii_digit().then(|| u16::from(byte - b'0'));
        let read = || match *text.as_bytes() {
            [ten, one, b':', tens, ones] => {
                let (hour, minute) = (digit(ten)? * 10 + digit(one)?, digit(tens)? * 10 + digit(ones)?);
                let minutes = hour * 60 + minute;
                (minute < 60 && minutes <= DAY).then_some(Self(minutes))
            }
            _ => None,
        };
        read().ok_or(Problem::NoTimeOfDay)
    }
}

impl fmt::Display for ClockTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// Hours of a day: from one time until another, which is on the next day where it is not later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct OpenHours {
    from: ClockTime,
    until: ClockTime,
}

impl OpenHours {
    /// When the hours begin.
    pub const fn from(self) -> ClockTime {
        self.from
    }

    /// When the hours end.
    pub const fn until(self) -> ClockTime {
        self.until
    }

    /// Minutes of the clock from the `00:00` before the hours, until they end: above 1,440 after midnight.
    pub(crate) const fn last_minute(self) -> u16 {
        if self.until.0 > self.from.0 { self.until.0 } else { self.until.0 + DAY }
    }

    fn read(text: &HoursText, pointer: &str, faults: &mut Vec<Fault>) -> Option<Self> {
        let mut read = |field: &str, text: &str| {
            text.parse()
                .map_err(|problem| faults.push(Fault::new(format!("{pointer}/{field}"), problem)))
                .ok()
        };
        let (from, until): (Option<ClockTime>, Option<ClockTime>) =
            (read("from", &text.from), read("until", &text.until));
        let hours = Self { from: from?, until: until? };
        let problem = match hours {
            Self { from: ClockTime(DAY), .. } => (format!("{pointer}/from"), Problem::BeginsAtTheEnd),
            Self { from, until } if from == until => (format!("{pointer}/until"), Problem::Empty),
            _ => return Some(hours),
        };
        faults.push(Fault::new(problem.0, problem.1));
        None
    }
}

/// [`OpenHours`] as JSON has them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoursText {
    /// When they begin, such as `09:00`.
    pub from: String,
    /// When they end, such as `17:00`; `24:00` at the end of the day, and `02:00` on the next day.
    pub until: String,
}

/// The hours of one date, in order: none where it is closed, at most 10, and none over another.
///
/// ```
/// use availability::{DayHours, HoursText};
/// let hours = |from: &str, until: &str| HoursText { from: from.into(), until: until.into() };
/// assert!(DayHours::new(&[hours("09:00", "12:00"), hours("13:00", "17:00")]).is_ok());
/// let faults = DayHours::new(&[hours("09:00", "12:00"), hours("11:00", "17:00")]).unwrap_err();
/// assert_eq!(faults.iter().next().map(|fault| fault.pointer()), Some("/1"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<HoursText>", into = "Vec<HoursText>")]
pub struct DayHours(Vec<OpenHours>);

impl DayHours {
    /// Reads the hours.
    pub fn new(texts: &[HoursText]) -> Result<Self, Faults> {
        let mut faults = Vec::new();
        let placed = placed(texts, "", 0, &mut faults);
        overlaps(&placed, &mut faults);
        Faults::unless_none(faults, Self::of(placed))
    }

    /// The hours in order.
    pub fn iter(&self) -> impl Iterator<Item = OpenHours> + '_ {
        self.0.iter().copied()
    }

    fn of(placed: Vec<Placed>) -> Self {
        let mut hours: Vec<OpenHours> = placed.into_iter().map(|placed| placed.hours).collect();
        hours.sort_unstable();
        Self(hours)
    }
}

impl TryFrom<Vec<HoursText>> for DayHours {
    type Error = Faults;

    fn try_from(texts: Vec<HoursText>) -> Result<Self, Faults> {
        Self::new(&texts)
    }
}
impl From<DayHours> for Vec<HoursText> {
    fn from(day: DayHours) -> Self {
        let text =
            |hours: OpenHours| HoursText { from: hours.from.to_string(), until: hours.until.to_string() };
        day.iter().map(text).collect()
    }
}

/// [`WeeklyHours`] as JSON has them; a day that is left out is closed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs)] // the days of the week
pub struct WeekText {
    pub monday: Vec<HoursText>,
    pub tuesday: Vec<HoursText>,
    pub wednesday: Vec<HoursText>,
    pub thursday: Vec<HoursText>,
    pub friday: Vec<HoursText>,
    pub saturday: Vec<HoursText>,
    pub sunday: Vec<HoursText>,
}

/// The hours of every day of a week. None are over others, also not over midnight.
///
/// ```
/// use availability::WeeklyHours;
/// let night = r#"{"friday": [{"from": "22:00", "until": "02:00"}],
///                 "saturday": [{"from": "01:00", "until": "03:00"}]}"#;
/// let refused = serde_json::from_str::<WeeklyHours>(night).unwrap_err().to_string();
/// assert!(refused.starts_with("/saturday/0 this overlaps with /friday/0"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WeekText", into = "WeekText")]
pub struct WeeklyHours([DayHours; 7]);

impl WeeklyHours {
    /// Reads the hours.
    pub fn new(week: &WeekText) -> Result<Self, Faults> {
        let days = [
            ("/monday", &week.monday),
            ("/tuesday", &week.tuesday),
            ("/wednesday", &week.wednesday),
            ("/thursday", &week.thursday),
            ("/friday", &week.friday),
            ("/saturday", &week.saturday),
            ("/sunday", &week.sunday),
        ];
        let mut faults = Vec::new();
        let mut midnight = 0;
        let days = days.map(|(pointer, texts)| {
            let placed = placed(texts, pointer, midnight, &mut faults);
            midnight += u32::from(DAY);
            placed
        });
        overlaps(&days.concat(), &mut faults);
        Faults::unless_none(faults, Self(days.map(DayHours::of)))
    }

    /// The hours that begin on a day of the week.
    pub fn on(&self, day: Weekday) -> &DayHours {
        &self.0[usize::from(day.number_days_from_monday())]
    }
}

impl TryFrom<WeekText> for WeeklyHours {
    type Error = Faults;

    fn try_from(week: WeekText) -> Result<Self, Faults> {
        Self::new(&week)
    }
}
impl From<WeeklyHours> for WeekText {
    fn from(week: WeeklyHours) -> Self {
        let [monday, tuesday, wednesday, thursday, friday, saturday, sunday] = week.0.map(Vec::from);
        Self { monday, tuesday, wednesday, thursday, friday, saturday, sunday }
    }
}

/// Hours on the minutes of a week, or of a day.
#[derive(Clone)]
struct Placed {
    start: u32,
    end: u32,
    hours: OpenHours,
    pointer: String,
}

/// The hours of a day that begins at the minute; those that are wrong are left out.
fn placed(texts: &[HoursText], day: &str, midnight: u32, faults: &mut Vec<Fault>) -> Vec<Placed> {
    if texts.len() > MOST_HOURS {
        faults.push(Fault::new(day, Problem::TooMany { most: MOST_HOURS }));
    }
    let place = |(index, text): (usize, &HoursText)| {
        let pointer = format!("{day}/{index}");
        let hours = OpenHours::read(text, &pointer, faults)?;
        let (first, last) = (u32::from(hours.from.0), u32::from(hours.last_minute()));
        Some(Placed { start: midnight + first, end: midnight + last, hours, pointer })
    };
    texts.iter().take(MOST_HOURS).enumerate().filter_map(place).collect()
}

/// Finds hours that begin before others are over. After the last minute of a week comes its first.
fn overlaps(placed: &[Placed], faults: &mut Vec<Fault>) {
    const WEEK: u32 = 7 * DAY as u32;
    let mut ordered: Vec<&Placed> = placed.iter().collect();
    ordered.sort_by_key(|hours| hours.start);
    let mut longest: Option<&Placed> = None;
    let mut found = Vec::new();
    for next in &ordered {
        found.extend(longest.filter(|before| next.start < before.end).map(|before| (*next, before)));
        longest = longest.filter(|before| before.end >= next.end).or(Some(next));
    }
    if let Some(sunday) = longest {
        let begun = ordered.iter().filter(|first| first.start + WEEK < sunday.end);
        found.extend(begun.map(|first| (*first, sunday)));
    }
    found.sort_by_key(|(next, _)| next.start);
    let fault = |(next, before): (&Placed, &Placed)| {
        Fault::new(next.pointer.clone(), Problem::Overlaps { with: before.pointer.clone() })
    };
    faults.extend(found.into_iter().map(fault));
}
