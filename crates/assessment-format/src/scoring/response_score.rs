//! What a reply is worth on the scale, worked out beforehand where it can be.

use rust_decimal::Decimal;

use super::fixed::{Fixed, LinearScale};
use crate::{
    definition::{Answer, Choice, Correct, Measure, OptionScore, Scale},
    session::Reply,
    slug::Slug,
};

/// How a reply to an item becomes a value on the scale, for one dimension.
#[derive(Debug, Clone)]
pub(super) enum ResponseScore {
    /// By the number of the step, from 1.
    Step(Box<[Fixed]>),
    /// By the number of the option, from 1.
    Option(Box<[Fixed]>),
    /// By the points of the chosen options, in hundredths: f = sum / most, not below 0.
    Sum { points: Box<[i128]>, most: i128, linear: LinearScale },
    /// By where the number lies, in units of 10^-4: f = (x - min) / length.
    Range { min: i128, length: i128, linear: LinearScale },
    /// By whether the number is right.
    Right { correct: Correct, right: Fixed, wrong: Fixed },
    /// By people.
    Rated,
    /// Nothing can be told apart by it: every reply is worth the same.
    Nothing,
}

impl ResponseScore {
    pub(super) fn of(answer: &Answer, measure: &Measure, scale: Scale) -> Self {
        let linear = LinearScale::new(scale, measure.reversed);
        match answer {
            Answer::Agree(likert) => {
                let steps = i128::from(likert.steps);
                Self::Step((0..steps).map(|step| linear.at(step, steps - 1)).collect())
            }
            Answer::SingleChoice { options } => {
                let points = points(options, &measure.dimension);
                match (points.iter().min(), points.iter().max()) {
                    (Some(fewest), Some(most)) if fewest < most => Self::Option(
                        points.iter().map(|points| linear.at(points - fewest, most - fewest)).collect(),
                    ),
                    _ => Self::Nothing,
                }
            }
            Answer::MultipleChoice { options, most, .. } => {
                let points = points(options, &measure.dimension);
                let mut gains: Vec<i128> = points.iter().copied().filter(|points| *points > 0).collect();
                gains.sort_unstable_by(|a, b| b.cmp(a));
                let most = gains.into_iter().take(usize::from(*most)).sum();
                if most == 0 { Self::Nothing } else { Self::Sum { points, most, linear } }
            }
            Answer::Number { correct: Some(correct), .. } => {
                Self::Right { correct: *correct, right: linear.at(1, 1), wrong: linear.at(0, 1) }
            }
            Answer::Number { min, max, .. } => match (units(*min, 4), units(*max, 4)) {
                (Some(min), Some(max)) if min < max => Self::Range { min, length: max - min, linear },
                _ => Self::Nothing,
            },
            Answer::Text { .. } => Self::Rated,
        }
    }

    /// The value of a reply on the scale; `None` where the reply does not fit the item.
    pub(super) fn value(&self, reply: &Reply) -> Option<Fixed> {
        match (self, reply) {
            (Self::Step(values), Reply::Step(n)) | (Self::Option(values), Reply::Option(n)) => {
                nth(values, *n)
            }
            (Self::Sum { points, most, linear }, Reply::Options(chosen)) => {
                let sum: i128 = chosen.iter().map(|n| nth(points, *n)).sum::<Option<_>>()?;
                (sum <= *most).then(|| linear.at(sum.max(0), *most))
            }
            (Self::Range { min, length, linear }, Reply::Number(x)) => {
                let above = units(*x, 4)? - min;
                (0..=*length).contains(&above).then(|| linear.at(above, *length))
            }
            (Self::Right { correct, right, wrong }, Reply::Number(x)) => {
                Some(if (x - correct.value).abs() <= correct.tolerance { *right } else { *wrong })
            }
            _ => None,
        }
    }
}

fn nth<T: Copy>(values: &[T], n: u8) -> Option<T> {
    values.get(usize::from(n).checked_sub(1)?).copied()
}

/// What each option is worth for a dimension, in hundredths.
fn points(options: &[Choice], dimension: &Slug) -> Box<[i128]> {
    let of = |option: &Choice| match &option.worth {
        OptionScore::Nothing => Decimal::ZERO,
        OptionScore::Correct(true) => Decimal::ONE,
        // Of a single choice one option is right: as the fewest, -1 gives the fractions 1 and 0 as 0 would.
        OptionScore::Correct(false) => Decimal::NEGATIVE_ONE,
        OptionScore::Points(points) => *points,
        OptionScore::Toward(points) => {
            points.iter().find(|(toward, _)| toward == dimension).map_or(Decimal::ZERO, |(_, points)| *points)
        }
    };
    options.iter().map(|option| units(of(option), 2).unwrap_or_default()).collect()
}

/// A number in units of so many places; `None` where it is finer, or too large to compute with.
fn units(number: Decimal, places: u32) -> Option<i128> {
    const LARGEST: i128 = 10_i128.pow(13) * 2;
    let number = if number.scale() > places { number.normalize() } else { number };
    let units = number.mantissa().checked_mul(10_i128.pow(places.checked_sub(number.scale())?))?;
    (-LARGEST..=LARGEST).contains(&units).then_some(units)
}
