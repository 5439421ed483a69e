//! How scores are distributed, exactly: they have two places, so that counting each value keeps everything.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Serialize;

use super::{FEWEST, FEWEST_FOR_SPREAD, suppressed};
use crate::{
    definition::Scale,
    scoring::{Score, divided, number},
};

/// How often each score was counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Counts(BTreeMap<Score, u64>);

/// How scores are distributed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Distribution {
    /// How many scores; at least [`FEWEST`].
    pub count: u64,
    /// Their mean, to two places, halves away from zero.
    #[serde(with = "number")]
    pub mean: Decimal,
    /// How far they spread; `None` below [`FEWEST_FOR_SPREAD`] scores.
    pub spread: Option<Spread>,
    /// How many fall on each step of the scale, from the lowest up.
    pub histogram: Vec<Bar>,
}

/// How far scores spread, to two places, halves away from zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Spread {
    /// The standard deviation of a sample: divided by n - 1.
    #[serde(with = "number")]
    pub standard_deviation: Decimal,
    /// A quarter of the scores is not above it. Between two scores it is interpolated: definition 7 of
    /// Hyndman and Fan 1996 (The American Statistician 50, 361-365), the default of R and of spreadsheets.
    #[serde(with = "number")]
    pub lower_quartile: Decimal,
    /// Half of the scores is not above it.
    #[serde(with = "number")]
    pub median: Decimal,
    /// Three quarters of the scores are not above it.
    #[serde(with = "number")]
    pub upper_quartile: Decimal,
}

/// A step of the scale: from `from`, up to but without `to`; the last with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Bar {
    /// Where it begins.
    #[serde(with = "number")]
    pub from: Decimal,
    /// Where it ends.
    #[serde(with = "number")]
    pub to: Decimal,
    /// How many scores; `None` where it is hidden.
    pub count: Option<u64>,
}

impl Counts {
    pub(super) fn add(&mut self, score: Score) {
        *self.0.entry(score).or_default() += 1;
    }

    pub(super) fn remove(&mut self, score: Score) {
        if let Some(count) = self.0.get_mut(&score) {
            *count -= 1;
            if *count == 0 {
                self.0.remove(&score);
            }
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        other.0.iter().for_each(|(score, count)| *self.0.entry(*score).or_default() += count);
    }

    pub(super) fn distribution(&self, scale: Scale) -> Option<Distribution> {
        let count: u64 = self.0.values().sum();
        if count < FEWEST {
            return None;
        }
        let spread = (count >= FEWEST_FOR_SPREAD).then(|| self.spread(count));
        let mean = hundredths(divided(self.sum(), i128::from(count)));
        Some(Distribution { count, mean, spread, histogram: self.histogram(scale) })
    }

    /// The sum, in hundredths.
    fn sum(&self) -> i128 {
        self.0.iter().map(|(score, count)| i128::from(score.hundredths()) * i128::from(*count)).sum()
    }

    fn spread(&self, count: u64) -> Spread {
        let quartile = |quarters| hundredths(self.quartile(count, quarters));
        Spread {
            standard_deviation: hundredths(self.deviation(i128::from(count))),
            lower_quartile: quartile(1),
            median: quartile(2),
            upper_quartile: quartile(3),
        }
    }

    /// In hundredths, rounded once: the variance is a fraction of whole numbers, n * sum(x^2) - sum(x)^2 over
    /// n (n - 1).
    fn deviation(&self, n: i128) -> i128 {
        let square =
            |(score, count): (&Score, &u64)| i128::from(score.hundredths()).pow(2) * i128::from(*count);
        let squares: i128 = self.0.iter().map(square).sum();
        let variance_by_four = 4 * (n * squares - self.sum().pow(2)) / (n * (n - 1));
        // Twice the root, cut; half of it, rounded up from the half, is the root rounded.
        (variance_by_four.isqrt() + 1) / 2
    }

    /// In hundredths: of n sorted scores the one at (n - 1) * quarters / 4, counted from 0.
    fn quartile(&self, n: u64, quarters: u64) -> i128 {
        let (place, rest) = ((n - 1) * quarters / 4, i128::from((n - 1) * quarters % 4));
        let below = self.nth(place);
        let above = if rest == 0 { below } else { self.nth(place + 1) };
        divided(below * (4 - rest) + above * rest, 4)
    }

    /// The score at a place, sorted, counted from 0; in hundredths.
    fn nth(&self, place: u64) -> i128 {
        let mut seen = 0;
        let reaches = |(_, count): &(&Score, &u64)| {
            seen += **count;
            seen > place
        };
        self.0.iter().find(reaches).map_or(0, |(score, _)| score.hundredths().into())
    }

    fn histogram(&self, scale: Scale) -> Vec<Bar> {
        let step = step(scale);
        let mut edges = vec![scale.min];
        while let Some(next) = edges.last().map(|edge| edge + step).filter(|next| *next < scale.max) {
            edges.push(next);
        }
        let mut counts = vec![0; edges.len()];
        for (score, count) in &self.0 {
            let bar = edges.partition_point(|edge| *edge <= score.decimal()).max(1) - 1;
            counts[bar] += count;
        }
        let ends = edges.iter().copied().skip(1).chain([scale.max]);
        let bar = |((from, to), count)| Bar { from, to, count };
        edges.iter().copied().zip(ends).zip(suppressed(&counts)).map(bar).collect()
    }
}

/// How wide a step of a histogram is: 1 where that makes 2 to 20 steps, else the least of 1, 2 or 5 times a
/// power of ten that makes at most 10.
fn step(scale: Scale) -> Decimal {
    let length = scale.length();
    if (Decimal::TWO..=Decimal::from(20)).contains(&length) {
        return Decimal::ONE;
    }
    let widths = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000].map(|width| Decimal::new(width, 2));
    widths.into_iter().find(|width| width * Decimal::TEN >= length).unwrap_or(length)
}

fn hundredths(number: i128) -> Decimal {
    Decimal::from_i128_with_scale(number, 2)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scale(min: i64, max: i64) -> Scale {
        Scale { min: min.into(), max: max.into() }
    }

    fn counts(hundredths: impl IntoIterator<Item = i64>) -> Counts {
        let mut counts = Counts::default();
        hundredths.into_iter().for_each(|score| counts.add(Score::new(Decimal::new(score, 2)).unwrap()));
        counts
    }

    fn texts(spread: Spread) -> [String; 4] {
        [spread.standard_deviation, spread.lower_quartile, spread.median, spread.upper_quartile]
            .map(|n| n.to_string())
    }

    /// R 4: `x <- 1:10; sd(x); quantile(x)` gives 3.02765, then 1, 3.25, 5.5, 7.75, 10.
    #[test]
    fn one_to_ten_spread_as_r_says() {
        let distribution = counts((1..=10).map(|n| n * 100)).distribution(scale(0, 10)).unwrap();
        assert_eq!(distribution.mean.to_string(), "5.50");
        assert_eq!(texts(distribution.spread.unwrap()), ["3.03", "3.25", "5.50", "7.75"]);
    }

    /// The textbook example 2, 4, 4, 4, 5, 5, 7, 9 has mean 5 and sum of squares about it 32. Twice over, the
    /// variance of the sample is 64 / 15.
    #[test]
    fn a_known_variance_gives_its_root() {
        let once = [200, 400, 400, 400, 500, 500, 700, 900];
        let distribution = counts(once.into_iter().chain(once)).distribution(scale(0, 10)).unwrap();
        assert_eq!((distribution.mean.to_string(), distribution.count), ("5.00".to_owned(), 16));
        assert_eq!(texts(distribution.spread.unwrap())[0], "2.07");
    }

    #[test]
    fn five_scores_have_a_mean_and_no_spread_four_have_nothing() {
        assert_eq!(counts([100, 200, 300, 400]).distribution(scale(1, 5)), None);
        let five = counts([100, 200, 300, 400, 500]).distribution(scale(1, 5)).unwrap();
        assert_eq!((five.mean.to_string(), five.spread), ("3.00".to_owned(), None));
        assert!(five.histogram.iter().all(|bar| bar.count.is_none()));
    }

    #[test]
    fn a_histogram_has_steps_a_person_would_draw() {
        let edges = |min, max| {
            let histogram =
                Counts::default().histogram(Scale { min: Decimal::new(min, 1), max: Decimal::new(max, 1) });
            histogram.iter().map(|bar| bar.from.normalize().to_string()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(edges(10, 50), "1 2 3 4");
        assert_eq!(edges(0, 1_000), "0 10 20 30 40 50 60 70 80 90");
        assert_eq!(edges(0, 10), "0 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9");
        assert_eq!(edges(-1_000, 1_000), "-100 -80 -60 -40 -20 0 20 40 60 80");
        let filled = counts([100, 199, 200, 500, 500].repeat(5)).histogram(scale(1, 5));
        assert_eq!(
            filled.iter().map(|bar| bar.count).collect::<Vec<_>>(),
            [Some(10), Some(5), None, Some(10)]
        );
    }

    proptest! {
        #[test]
        fn tallies_of_parts_are_the_tally_of_the_whole(
            scores in proptest::collection::vec(-10_000..=10_000_i64, 10..60),
            cut in 0..10_usize,
        ) {
            let mut parts = counts(scores[cut..].iter().copied());
            parts.merge(&counts(scores[..cut].iter().copied()));
            prop_assert_eq!(&parts, &counts(scores.iter().copied()));
            for score in &scores[..cut] {
                parts.remove(Score::new(Decimal::new(*score, 2)).unwrap());
            }
            prop_assert_eq!(parts, counts(scores[cut..].iter().copied()));
        }

        #[test]
        fn quartiles_are_in_order_and_within_the_scores(scores in proptest::collection::vec(100..=500_i64, 10..60)) {
            let spread = counts(scores.iter().copied()).distribution(scale(1, 5)).unwrap().spread.unwrap();
            let [low, high] = [scores.iter().min(), scores.iter().max()].map(|n| Decimal::new(*n.unwrap(), 2));
            let rising = [low, spread.lower_quartile, spread.median, spread.upper_quartile, high];
            prop_assert!(rising.is_sorted(), "{:?}", rising);
        }
    }
}
