//! Decimals of thirty places, as whole numbers: what scores are computed in.
//!
//! A `Decimal` has 28 digits and a scale of its own, which makes adding a hundred thirds slow. Here the point
//! is fixed: adding is adding whole numbers. Values are on a scale within -100 to 100, 10^32 in these units;
//! 500 of them, or a hundred times weights of up to 1.01 in millionths, stay below 1.1 * 10^38 and so within
//! an `i128`.

use std::ops::AddAssign;

use rust_decimal::Decimal;

use super::score::{NoScore, Score};
use crate::definition::Scale;

/// A number in units of 10^-30.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fixed(i128);

const PLACES: u32 = 30;
const HUNDREDTH: i128 = 10_i128.pow(PLACES - 2);

impl Fixed {
    /// How far a computation may be off: values are exact to 10^-28, and so are their means.
    const SOUND_PLACES: u32 = 20;

    pub(super) const fn of_hundredths(hundredths: i32) -> Self {
        Self(hundredths as i128 * HUNDREDTH)
    }

    /// The mean of `count` numbers with this sum.
    pub(super) const fn over(self, count: u32) -> Self {
        Self(divided(self.0, count as i128))
    }

    /// With a weight in millionths, at most 1.01 in all.
    pub(super) const fn weighted(self, millionths: u32) -> Self {
        Self(self.0 * millionths as i128)
    }

    /// To six places.
    pub(super) fn shown(self) -> Decimal {
        Decimal::from_i128_with_scale(divided(self.0, 10_i128.pow(PLACES - 6)), 6)
    }

    /// To two places, halves away from zero: the one rounding.
    ///
    /// A third thrice is 0.99..9 here too. What lies beyond the twentieth place is put right first, lest a
    /// half that a person computes by hand be missed: 1.00499..9 is 1.005 and becomes 1.01.
    pub(super) fn rounded(self) -> Result<Score, NoScore> {
        let sound = divided(self.0, 10_i128.pow(PLACES - Self::SOUND_PLACES));
        Score::of_hundredths(divided(sound, 10_i128.pow(Self::SOUND_PLACES - 2)))
    }
}

impl AddAssign for Fixed {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

/// From a fraction to the scale, turned round where the measure is reversed.
#[derive(Debug, Clone, Copy)]
pub(super) struct LinearScale {
    min: i128,
    length: i128,
    reversed: bool,
}

impl LinearScale {
    pub(super) fn new(scale: Scale, reversed: bool) -> Self {
        // A scale has at most two places.
        let hundredths = |number: Decimal| (number * Decimal::ONE_HUNDRED).trunc().mantissa();
        let (min, max) = (hundredths(scale.min.normalize()), hundredths(scale.max.normalize()));
        Self { min, length: max - min, reversed }
    }

    /// The value of `part` of `whole`; `whole` is above 0, both are below 10^14 and `part` is from 0 to
    /// `whole`.
    pub(super) const fn at(self, part: i128, whole: i128) -> Fixed {
        const STEP: i128 = 10_i128.pow(24);
        const REST: i128 = 10_i128.pow(6);
        let part = if self.reversed { whole - part } else { part };
        // In two steps, of 24 and 6 places, because 10^14 * 10^30 is too large.
        let fraction = part * STEP / whole * REST + divided(part * STEP % whole * REST, whole);
        Fixed(self.min * HUNDREDTH + divided(fraction * self.length, 100))
    }
}

/// Rounded to the nearest, halves away from zero; `by` is above 0.
pub(crate) const fn divided(number: i128, by: i128) -> i128 {
    let (whole, rest) = (number / by, number % by);
    if 2 * rest.abs() < by { whole } else { whole + number.signum() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fixed(value: &str) -> Fixed {
        let (whole, places) = value.split_once('.').unwrap();
        let digits = format!("{whole}{places:0<30}");
        Fixed(digits.parse().unwrap())
    }

    fn rounded(value: &str) -> String {
        fixed(value).rounded().unwrap().to_string()
    }

    #[test]
    fn halves_go_away_from_zero_and_a_computed_half_is_a_half() {
        assert_eq!(rounded("1.005"), "1.01");
        assert_eq!(rounded("1.004999999999999999999999999998"), "1.01");
        assert_eq!(rounded("1.0049999999999999999"), "1.00");
        assert_eq!(rounded("-1.005"), "-1.01");
        assert_eq!(rounded("-1.00499"), "-1.00");
        assert_eq!(rounded("3.0"), "3.00");
    }

    #[test]
    fn a_third_thrice_is_one() {
        let linear = LinearScale::new(Scale { min: Decimal::ZERO, max: Decimal::ONE }, false);
        let mut sum = Fixed::default();
        (0..3).for_each(|_| sum += linear.at(1, 3));
        assert_eq!(sum.rounded(), Score::new(Decimal::ONE));
        assert_eq!(linear.at(1, 3).shown().to_string(), "0.333333");
    }

    proptest! {
        #[test]
        fn the_ends_are_exact_and_turning_round_mirrors(
            (min, max) in (-10_000..10_000_i64).prop_flat_map(|min| (Just(min), min + 1..=10_000)),
            (part, whole) in (1..100_000_000_000_000_i128).prop_flat_map(|whole| (0..=whole, Just(whole))),
        ) {
            let scale = Scale { min: Decimal::new(min, 2), max: Decimal::new(max, 2) };
            let (linear, turned) = (LinearScale::new(scale, false), LinearScale::new(scale, true));
            prop_assert_eq!(linear.at(0, whole).rounded(), Score::new(scale.min));
            prop_assert_eq!(linear.at(whole, whole).rounded(), Score::new(scale.max));
            let value = linear.at(part, whole);
            prop_assert!(linear.at(0, whole) <= value && value <= linear.at(whole, whole));
            let both = value.0 + turned.at(part, whole).0 - i128::from(min + max) * HUNDREDTH;
            prop_assert!(both.abs() <= 2, "{}", both);
            // As `Decimal` has it, which is exact to 26 digits here.
            let decimal = scale.at(Decimal::from_i128_with_scale(part, 0) / Decimal::from_i128_with_scale(whole, 0));
            prop_assert!((value.shown() - decimal).abs() <= Decimal::new(1, 6));
        }
    }
}
