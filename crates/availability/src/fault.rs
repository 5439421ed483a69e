//! What is wrong with input, and where.

use std::fmt;

/// What is wrong with one value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// A text is no time of day.
    #[error("a time of day is written as 09:00, from 00:00 to 24:00")]
    NoTimeOfDay,
    /// Hours begin where the day is over.
    #[error("hours begin before 24:00; those of the next day begin at its 00:00")]
    BeginsAtTheEnd,
    /// Hours end where they begin.
    #[error("hours end at another time than they begin; a whole day is 00:00 to 24:00")]
    Empty,
    /// Two values take the same time.
    #[error("this overlaps with {with}; put them together or take them apart")]
    Overlaps {
        /// The pointer to the other one.
        with: String,
    },
    /// There are more values than are taken.
    #[error("there are at most {most}")]
    TooMany {
        /// The most there may be.
        most: usize,
    },
    /// There are fewer values than are needed.
    #[error("there are at least {least}")]
    TooFew {
        /// The fewest there may be.
        least: usize,
    },
    /// A number is too low or too high.
    #[error("this is a number from {least} to {most}")]
    OutOfRange {
        /// The lowest that is taken.
        least: u32,
        /// The highest that is taken.
        most: u32,
    },
    /// A value stands there already.
    #[error("this is there already, at {at}; take one of them out")]
    Repeated {
        /// The pointer to the other one.
        at: String,
    },
    /// Starts are so far apart that nobody can tell them.
    #[error("an interval divides 60 or is a multiple of 5 minutes, such as 15, 20 or 45")]
    OddInterval,
    /// Starts of panels lie on the clock alone.
    #[error("an interval of a panel divides 60, such as 15 or 30")]
    NoPartOfAnHour,
    /// There are not as many different people as have to be there.
    #[error("even when all are free, there are not as many different people as these need; add members")]
    NeverEnough,
    /// A longer stretch of time allows less than a shorter one.
    #[error("this is not below {shorter}, which is the limit of a shorter time")]
    BelowShorter {
        /// The limit of the shorter time.
        shorter: u32,
    },
    /// Too much time is searched at once.
    #[error("this is at most {days} days later than the beginning")]
    TooLong {
        /// How many days are searched at most.
        days: i64,
    },
    /// A first date comes after the last.
    #[error("the first date is not after the last")]
    Backwards,
}

/// A value that is wrong: a JSON pointer to it, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pointer} {problem}")]
pub struct Fault {
    pointer: String,
    problem: Problem,
}

impl Fault {
    pub(crate) fn new(pointer: impl Into<String>, problem: Problem) -> Self {
        Self { pointer: pointer.into(), problem }
    }

    /// The JSON pointer to the value, from the one that was checked.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// What is wrong.
    pub const fn problem(&self) -> &Problem {
        &self.problem
    }
}

/// All that is wrong with a value; at least one fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// The value, if there is no fault.
    pub(crate) fn unless_none<T>(faults: Vec<Fault>, value: T) -> Result<T, Self> {
        if faults.is_empty() { Ok(value) } else { Err(Self(faults)) }
    }

    /// Each fault, in the order of the values.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.0.iter()
    }

    /// Pointers that begin further out: `/week` makes `/week/monday/0` of `/monday/0`.
    pub fn under(mut self, pointer: &str) -> Self {
        for fault in &mut self.0 {
            fault.pointer.insert_str(0, pointer);
            if let Problem::Overlaps { with: other } | Problem::Repeated { at: other } = &mut fault.problem {
                other.insert_str(0, pointer);
            }
        }
        self
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&texts.join("; "))
    }
}
impl std::error::Error for Faults {}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The pointers of the faults that a value is refused for, with their sentences.
    pub(crate) fn refused<T: fmt::Debug>(made: Result<T, Faults>) -> Vec<(String, String)> {
        let faults = made.expect_err("it is refused");
        faults.iter().map(|fault| (fault.pointer.clone(), fault.problem.to_string())).collect()
    }

    #[test]
    fn pointers_begin_where_the_value_lies() {
        let overlap = Fault::new("/monday/1", Problem::Overlaps { with: "/monday/0".to_owned() });
        let faults = Faults::unless_none(vec![overlap], ()).unwrap_err().under("/week");
        let text = "/week/monday/1 this overlaps with /week/monday/0; put them together or take them apart";
        assert_eq!(faults.to_string(), text);
        assert!(Faults::unless_none(Vec::new(), ()).is_ok());
    }
}
