//! Scores as results show them, and decimals as JSON carries them.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A score with two decimal places, from -100.00 to 100.00. In JSON it is a number, such as `4.2`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Score(i32);

/// A number that is no score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a score is a number from -100 to 100 with at most two decimal places")]
pub struct NoScore;

impl Score {
    const LARGEST: i128 = 10_000;

    /// Takes a number that is a score as it stands.
    pub fn new(number: Decimal) -> Result<Self, NoScore> {
        let mut number = number.normalize();
        if number.scale() > 2 || number.abs() > Decimal::ONE_HUNDRED {
            return Err(NoScore);
        }
        number.rescale(2);
        Self::of_hundredths(number.mantissa())
    }

    /// A score in hundredths, from -10,000 to 10,000.
    pub fn of_hundredths(hundredths: i128) -> Result<Self, NoScore> {
        if hundredths.abs() > Self::LARGEST {
            Err(NoScore)
        } else {
            i32::try_from(hundredths).map(Self).map_err(|_| NoScore)
        }
    }

    /// As hundredths, from -10,000 to 10,000.
    pub const fn hundredths(self) -> i32 {
        self.0
    }

    /// As a decimal.
    pub fn decimal(self) -> Decimal {
        Decimal::new(i64::from(self.0), 2)
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.decimal().fmt(f)
    }
}

impl fmt::Debug for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<Decimal> for Score {
    type Error = NoScore;

    fn try_from(number: Decimal) -> Result<Self, NoScore> {
        Self::new(number)
    }
}

impl Serialize for Score {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        number::serialize(&self.decimal(), serializer)
    }
}

impl<'de> Deserialize<'de> for Score {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(number::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// Decimals as JSON numbers, for numbers of at most 15 digits: those a JSON number keeps exactly (RFC 8259,
/// section 6).
pub(crate) mod number {
    use rust_decimal::Decimal;
    use serde::{Deserialize as _, Deserializer, Serializer, de, ser};

    pub(crate) fn serialize<S: Serializer>(number: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
        let number = number.normalize();
        match i64::try_from(number) {
            Ok(whole) if number.scale() == 0 => serializer.serialize_i64(whole),
            _ => serializer.serialize_f64(number.to_string().parse().map_err(ser::Error::custom)?),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        let number = serde_json::Number::deserialize(deserializer)?;
        let text = number.to_string();
        text.parse().or_else(|_| Decimal::from_scientific(&text)).map_err(|_| {
            de::Error::custom(format_args!("{text} has more digits than a number here may have"))
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_score_is_not_rounded_when_it_is_given() {
        for refused in ["4.005", "100.01", "-101", "79228162514264337593543950335"] {
            assert_eq!(Score::new(refused.parse().unwrap()), Err(NoScore), "{refused}");
        }
        assert!(serde_json::from_str::<Score>("4.005").is_err());
        assert!(serde_json::from_str::<Score>("1e400").is_err());
        assert!(serde_json::from_str::<Score>("\"4\"").is_err());
    }

    proptest! {
        #[test]
        fn a_score_reads_back_what_it_writes(hundredths in -10_000..=10_000_i32) {
            let json = serde_json::to_string(&Score(hundredths)).unwrap();
            prop_assert_eq!(serde_json::from_str::<Score>(&json).unwrap(), Score(hundredths), "{}", json);
        }
    }
}
