//! Money: whole minor units of one currency, and arithmetic that loses none of them.

use std::{cmp::Ordering, fmt};

use serde::{Deserialize, Serialize};

use crate::Currency;

/// A share of something: a tax rate, a discount, the used part of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ratio {
    part: i64,
    whole: i64,
}

impl Ratio {
    /// `part` of `whole`; `None` unless the whole is positive.
    pub const fn new(part: i64, whole: i64) -> Option<Self> {
        if whole > 0 { Some(Self { part, whole }) } else { None }
    }

    /// In parts of a million, as rates are kept: 190,000 is 19 %.
    pub const fn ppm(rate: i64) -> Self {
        Self { part: rate, whole: 1_000_000 }
    }
}

/// An amount of money, which may be negative. As JSON `{ "amount": 1230, "currency": "EUR" }`.
///
/// ```
/// use kernel::{Money, Ratio};
/// let price = Money::parse("9.95", "EUR".parse()?)?;
/// assert_eq!(price.minor, 995);
/// assert_eq!(price.share(Ratio::ppm(190_000))?.to_string(), "1.89 EUR");
/// let parts: Vec<_> = price.allocate(&[1, 1, 1])?.iter().map(|part| part.minor).collect();
/// assert_eq!(parts, [332, 332, 331]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// In minor units of the currency: cents of the euro, yen, fils of the dinar.
    #[serde(rename = "amount")]
    pub minor: i64,
    /// Of which currency.
    pub currency: Currency,
}

/// Why there is no such amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Amounts of two currencies were added or compared.
    #[error("{0} and {1} are two currencies, whose amounts are neither added nor compared")]
    TwoCurrencies(Currency, Currency),
    /// The amount is beyond ±9,223,372,036,854,775,807 minor units.
    #[error("the amount is too large to be counted")]
    TooLarge,
    /// There is nobody to allocate it to.
    #[error("an amount is allocated by weights of which one at least is above zero")]
    NoWeight,
    /// The text is no decimal number.
    #[error("an amount is written in digits with a point, such as -12.30, and with nothing else")]
    NotDecimal,
    /// The text has more digits after the point than the currency.
    #[error("an amount in {0} has at most {digits} digits after the point", digits = .0.digits())]
    TooManyDigits(Currency),
}

impl Money {
    /// This many minor units.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Both together.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        self.of(self.minor.checked_add(other.minor))
    }

    /// What is left of this when the other is taken away.
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        self.of(self.minor.checked_sub(other.minor))
    }

    /// As much in the other direction.
    pub fn negated(self) -> Result<Self, MoneyError> {
        self.of(self.minor.checked_neg())
    }

    /// Which of the two is more.
    pub fn compare(self, other: Self) -> Result<Ordering, MoneyError> {
        self.same_currency(other)?;
        Ok(self.minor.cmp(&other.minor))
    }

    /// The ratio of it, rounded to the nearest minor unit, half of one away from zero: so that a credit note is the
    /// exact opposite of its invoice, and as EN 16931 rounds an amount of tax.
    pub fn share(self, ratio: Ratio) -> Result<Self, MoneyError> {
        let (product, whole) = (i128::from(self.minor) * i128::from(ratio.part), i128::from(ratio.whole));
        let away = if 2 * (product % whole).abs() >= whole { product.signum() } else { 0 };
        self.of(i64::try_from(product / whole + away).ok())
    }

    /// Splits it in proportion to the weights, to the last minor unit (largest remainder, ties to the earlier): the
    /// parts add up to the whole, each less than one minor unit away from its exact share.
    pub fn allocate(self, weights: &[u64]) -> Result<Vec<Self>, MoneyError> {
        let all: u128 = weights.iter().copied().map(u128::from).sum();
        if all == 0 {
            return Err(MoneyError::NoWeight);
        }
        let whole = u128::from(self.minor.unsigned_abs());
        let exact = |weight: u64| whole * u128::from(weight);
        let mut parts: Vec<u128> = weights.iter().map(|weight| exact(*weight) / all).collect();
        let mut order: Vec<usize> = (0..weights.len()).collect();
        order.sort_by_key(|index| std::cmp::Reverse(exact(weights[*index]) % all));
        let left = whole - parts.iter().sum::<u128>();
        for (index, _) in order.into_iter().zip(0..left) {
            parts[index] += 1;
        }
        let sign = i128::from(self.minor.signum());
        let signed = |part: u128| i64::try_from(sign * i128::try_from(part).ok()?).ok();
        parts.into_iter().map(|part| self.of(signed(part))).collect()
    }

    /// Reads [`Money::decimal`]. Fewer digits after the point than the currency has will do, more will not.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
        let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(a, b)| (a, Some(b)));
        let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !are_digits(whole) || !fraction.is_none_or(are_digits) {
            return Err(MoneyError::NotDecimal);
        }
        let (fraction, places) = (fraction.unwrap_or_default(), usize::from(currency.digits()));
        if fraction.len() > places {
            return Err(MoneyError::TooManyDigits(currency));
        }
        let minor = format!("{}{whole}{fraction:0<places$}", if negative { "-" } else { "" });
        minor.parse().map(|minor| Self::new(minor, currency)).map_err(|_| MoneyError::TooLarge)
    }

    /// As a decimal number with as many digits after the point as the currency has: `12.30`, `-0.05`, `1500`.
    pub fn decimal(self) -> String {
        let (sign, minor) = (if self.minor < 0 { "-" } else { "" }, self.minor.unsigned_abs());
        let (whole, rest) = (minor / self.currency.minor_units(), minor % self.currency.minor_units());
        match usize::from(self.currency.digits()) {
            0 => format!("{sign}{whole}"),
            places => format!("{sign}{whole}.{rest:0places$}"),
        }
    }

    fn same_currency(self, other: Self) -> Result<(), MoneyError> {
        let same = self.currency == other.currency;
        if same { Ok(()) } else { Err(MoneyError::TwoCurrencies(self.currency, other.currency)) }
    }

    fn of(self, minor: Option<i64>) -> Result<Self, MoneyError> {
        minor.map(|minor| Self { minor, ..self }).ok_or(MoneyError::TooLarge)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.decimal(), self.currency)
    }
}
impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    fn euro(minor: i64) -> Money {
        Money::new(minor, currency("EUR"))
    }

    #[test]
    fn sums_stay_within_one_currency_and_in_range() {
        assert_eq!(euro(1).plus(euro(2)), Ok(euro(3)));
        assert_eq!(euro(1).minus(euro(2)), Ok(euro(-1)));
        assert_eq!(euro(1).negated(), Ok(euro(-1)));
        assert_eq!(euro(1).compare(euro(2)), Ok(Ordering::Less));
        let yen = Money::new(1, currency("JPY"));
        let two = MoneyError::TwoCurrencies(currency("EUR"), currency("JPY"));
        assert_eq!(euro(1).plus(yen), Err(two));
        assert_eq!(euro(1).minus(yen), Err(two));
        assert_eq!(euro(1).compare(yen), Err(two));
        assert!(two.to_string().starts_with("EUR and JPY"));
        assert_eq!(euro(i64::MAX).plus(euro(1)), Err(MoneyError::TooLarge));
        assert_eq!(euro(i64::MIN).minus(euro(1)), Err(MoneyError::TooLarge));
        assert_eq!(euro(i64::MIN).negated(), Err(MoneyError::TooLarge));
    }

    #[test]
    fn a_share_is_the_nearest_and_half_goes_away_from_zero() {
        for minor in -300..=300_i64 {
            for whole in 1..=12 {
                for part in -13..=13 {
                    let share = euro(minor).share(Ratio::new(part, whole).unwrap()).unwrap().minor;
                    let (twice, exact) = (2 * share * whole, 2 * minor * part);
                    assert!((twice - exact).abs() <= whole, "{minor} x {part}/{whole} = {share}");
                    let is_half = (twice - exact).abs() == whole;
                    assert!(!is_half || twice.abs() > exact.abs(), "{minor} x {part}/{whole} = {share}");
                }
            }
        }
        assert_eq!(Ratio::new(1, 0), None);
        assert_eq!(Ratio::new(1, -1), None);
        assert_eq!(euro(i64::MIN).share(Ratio::new(1, 1).unwrap()), Ok(euro(i64::MIN)));
        assert_eq!(euro(i64::MAX).share(Ratio::ppm(1_000_001)), Err(MoneyError::TooLarge));
        // 9.93 with 19 % inside: 1.59 of tax, as the official rules of EN 16931 have it.
        assert_eq!(euro(993).share(Ratio::new(190_000, 1_190_000).unwrap()), Ok(euro(159)));
    }

    /// All lists of three weights up to 4, and all amounts up to ±40.
    #[test]
    fn an_allocation_loses_nothing() {
        for minor in -40..=40_i64 {
            for number in 1..125_u64 {
                let weights = [number % 5, number / 5 % 5, number / 25];
                let all = i64::try_from(weights.iter().sum::<u64>()).unwrap();
                let parts: Vec<i64> =
                    euro(minor).allocate(&weights).unwrap().iter().map(|part| part.minor).collect();
                assert_eq!(parts.iter().sum::<i64>(), minor, "{weights:?}");
                for (part, weight) in parts.iter().zip(weights) {
                    let exact = minor * i64::try_from(weight).unwrap();
                    assert!((part * all - exact).abs() < all, "{minor} by {weights:?}: {parts:?}");
                }
            }
        }
        assert_eq!(euro(1).allocate(&[]), Err(MoneyError::NoWeight));
        assert_eq!(euro(1).allocate(&[0, 0]), Err(MoneyError::NoWeight));
    }

    #[test]
    fn the_largest_remainders_and_then_the_earlier_take_what_is_left() {
        let parts = |minor, weights: &[u64]| {
            euro(minor).allocate(weights).unwrap().iter().map(|part| part.minor).collect::<Vec<_>>()
        };
        assert_eq!(parts(100, &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(parts(-100, &[1, 1, 1]), [-34, -33, -33]);
        assert_eq!(parts(10, &[0, 1, 3, 1]), [0, 2, 6, 2]);
        assert_eq!(parts(5, &[14, 13, 23]), [2, 1, 2], "exactly 1.4, 1.3 and 2.3");
        assert_eq!(parts(i64::MIN, &[u64::MAX]), [i64::MIN]);
        assert_eq!(parts(i64::MAX, &[u64::MAX, u64::MAX]), [i64::MAX / 2 + 1, i64::MAX / 2]);
    }

    #[test]
    fn amounts_are_read_as_they_are_written() {
        for (code, minor, text) in [
            ("EUR", 1230, "12.30"),
            ("EUR", -5, "-0.05"),
            ("EUR", 0, "0.00"),
            ("JPY", 1500, "1500"),
            ("BHD", 1, "0.001"),
            ("CLF", -10_001, "-1.0001"),
            ("EUR", i64::MAX, "92233720368547758.07"),
            ("EUR", i64::MIN, "-92233720368547758.08"),
        ] {
            let money = Money::new(minor, currency(code));
            assert_eq!(money.decimal(), text);
            assert_eq!(Money::parse(text, currency(code)), Ok(money));
        }
        let read = |text| Money::parse(text, currency("EUR"));
        assert_eq!(read("12"), Ok(euro(1200)));
        assert_eq!(read("12.3"), Ok(euro(1230)));
        for text in
            ["", "-", ".5", "5.", "+1", "--1", "1,50", "1 000", "1e3", "1.-5", "1.2.3", " 1", "\u{661}"]
        {
            assert_eq!(read(text), Err(MoneyError::NotDecimal), "{text:?}");
        }
        let refused = read("12.345").unwrap_err();
        assert_eq!(refused.to_string(), "an amount in EUR has at most 2 digits after the point");
        assert_eq!(Money::parse("1.0", currency("JPY")), Err(MoneyError::TooManyDigits(currency("JPY"))));
        assert_eq!(read("92233720368547758.08"), Err(MoneyError::TooLarge));
    }

    #[test]
    fn json_carries_minor_units() {
        let json = r#"{"amount":-1230,"currency":"EUR"}"#;
        assert_eq!(serde_json::to_string(&euro(-1230)).unwrap(), json);
        assert_eq!(serde_json::from_str::<Money>(json).unwrap(), euro(-1230));
        for refused in [
            r#"{"amount":12.5,"currency":"EUR"}"#,
            r#"{"amount":1,"currency":"eur"}"#,
            r#"{"amount":1}"#,
            r#"{"amount":1,"currency":"EUR","tax":1}"#,
        ] {
            assert!(serde_json::from_str::<Money>(refused).is_err(), "{refused}");
        }
    }
}
