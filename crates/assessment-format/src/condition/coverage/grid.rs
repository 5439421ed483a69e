//! The grid: every combination of pieces of the scores that conditions speak of.
//!
//! Scores are counted in half hundredths and weights in millionths, so that everything is exact in whole numbers.

use rust_decimal::{Decimal, prelude::ToPrimitive as _};

use super::{Bits, Comparison, Coverage, Gap, Sample, Slug, Subject, Subjects};

pub(super) struct Grid<'a> {
    subjects: Subjects<'a>,
    axes: Vec<Axis>,
    /// How many cells apart neighbours on an axis are.
    strides: Vec<usize>,
    cells: usize,
    /// Of each dimension, in millionths.
    weights: Vec<i128>,
    /// Of each dimension, where a condition speaks of it.
    axis_of: Vec<Option<usize>>,
}

struct Axis {
    subject: Subject,
    /// Runs of rounded scores in hundredths, both ends included, ascending and without holes.
    pieces: Vec<(i64, i64)>,
}

/// An interval of exact values, and whether its ends belong to it.
#[derive(Debug, Clone, Copy)]
struct Interval {
    low: (i128, bool),
    high: (i128, bool),
}

fn hundredths(score: Decimal) -> i64 {
    (score * Decimal::ONE_HUNDRED).floor().to_i64().unwrap_or_default()
}

fn score_of(hundredths: i64) -> Decimal {
    Decimal::new(hundredths, 2).normalize()
}

impl Axis {
    fn new(subject: Subject, subjects: Subjects<'_>, values: &[Decimal]) -> Self {
        let (min, max) = (hundredths(subjects.scale.min), hundredths(subjects.scale.max));
        // A piece begins at the scale's minimum, at each value that can be met exactly, and just after each value.
        let mut starts = vec![min];
        for value in values {
            let below = hundredths(*value);
            let is_met = score_of(below) == value.normalize();
            starts.extend(is_met.then_some(below));
            starts.push(below.saturating_add(1));
        }
        starts.retain(|start| (min..=max).contains(start));
        starts.sort_unstable();
        starts.dedup();
        let ends = starts.iter().skip(1).map(|next| next - 1).chain([max]);
        Self { subject, pieces: starts.iter().copied().zip(ends).collect() }
    }
}

impl<'a> Grid<'a> {
    pub(super) fn new(comparisons: &[&Comparison], subjects: Subjects<'a>) -> Result<Self, u128> {
        let mut compared: Vec<&Subject> = comparisons.iter().map(|comparison| &comparison.subject).collect();
        compared.sort_unstable();
        compared.dedup();
        let axis_of = |subject: &Subject| {
            let of_subject = comparisons.iter().filter(|comparison| comparison.subject == *subject);
            Axis::new(
                subject.clone(),
                subjects,
                &of_subject.map(|comparison| comparison.value).collect::<Vec<_>>(),
            )
        };
        let axes: Vec<Axis> = compared.into_iter().map(axis_of).collect();
        let cells = axes.iter().fold(1_u128, |cells, axis| cells.saturating_mul(axis.pieces.len() as u128));
        let within = usize::try_from(cells).ok().filter(|_| cells <= Coverage::MAX_CELLS).ok_or(cells)?;
        let mut strides = Vec::with_capacity(axes.len());
        let mut stride = 1;
        for axis in &axes {
            strides.push(stride);
            stride *= axis.pieces.len();
        }
        let millionths = |weight: Decimal| (weight * Decimal::from(1_000_000)).to_i128().unwrap_or_default();
        let weights = subjects.dimensions.iter().map(|(_, weight)| millionths(*weight)).collect();
        let is_of = |axis: &Axis, id: &Slug| matches!(&axis.subject, Subject::Dimension(own) if own == id);
        let axis_of = |id: &Slug| axes.iter().position(|axis| is_of(axis, id));
        let axis_of = subjects.dimensions.iter().map(|(id, _)| axis_of(id)).collect();
        Ok(Self { subjects, axes, strides, cells: within, weights, axis_of })
    }

    pub(super) const fn cells(&self) -> usize {
        self.cells
    }

    fn piece(&self, cell: usize, axis: usize) -> (i64, i64) {
        let pieces = &self.axes[axis].pieces;
        pieces[cell / self.strides[axis] % pieces.len()]
    }

    /// The cells on which a comparison holds.
    pub(super) fn bits_of(&self, comparison: &Comparison) -> Bits {
        let mut bits = Bits::none(self.cells);
        let Some(n) = self.axes.iter().position(|axis| axis.subject == comparison.subject) else {
            return bits;
        };
        let (stride, pieces) = (self.strides[n], &self.axes[n].pieces);
        for (at, (low, _)) in pieces.iter().enumerate() {
            if comparison.operator.holds(score_of(*low), comparison.value) {
                for block in (0..self.cells).step_by(stride * pieces.len()) {
                    bits.insert(block + at * stride..block + (at + 1) * stride);
                }
            }
        }
        bits
    }

    /// The cells in which a person's scores can lie.
    pub(super) fn possible(&self) -> Bits {
        let mut bits = Bits::none(self.cells);
        let Some(overall) = self.axis_of_overall() else { return bits.not() };
        for cell in 0..self.cells {
            if self.reach(cell, overall).is_possible() {
                bits.insert(cell..cell + 1);
            }
        }
        bits
    }

    fn axis_of_overall(&self) -> Option<usize> {
        self.axes.iter().position(|axis| axis.subject == Subject::Overall)
    }

    /// What a dimension's exact score may be in a cell, in half hundredths.
    fn exact(&self, cell: usize, dimension: usize) -> Interval {
        let all = (hundredths(self.subjects.scale.min), hundredths(self.subjects.scale.max));
        let piece = self.axis_of[dimension].map_or(all, |axis| self.piece(cell, axis));
        Interval::rounding_to(piece).clamped(all)
    }

    /// The weighted sums of dimensions that a cell allows.
    fn sums(&self, cell: usize) -> Interval {
        let mut sums = Interval { low: (0, true), high: (0, true) };
        for (dimension, weight) in self.weights.iter().enumerate() {
            let exact = self.exact(cell, dimension);
            sums.low = (sums.low.0 + weight * exact.low.0, sums.low.1 && exact.low.1);
            sums.high = (sums.high.0 + weight * exact.high.0, sums.high.1 && exact.high.1);
        }
        sums
    }

    /// The weighted sums that give the overall score of the cell as well.
    fn reach(&self, cell: usize, overall: usize) -> Interval {
        let total: i128 = self.weights.iter().sum();
        let wanted = Interval::rounding_to(self.piece(cell, overall));
        let scaled = |(end, belongs): (i128, bool)| (end * total, belongs);
        self.sums(cell).and(Interval { low: scaled(wanted.low), high: scaled(wanted.high) })
    }

    /// Exact scores in a possible cell.
    pub(super) fn sample(&self, cell: usize) -> Sample {
        let sums = self.sums(cell);
        let reach = self.axis_of_overall().map_or(sums, |overall| self.reach(cell, overall));
        let whole = Decimal::from(sums.high.0 - sums.low.0);
        let middle = Decimal::from(reach.low.0 + reach.high.0) / Decimal::TWO;
        let part = (middle - Decimal::from(sums.low.0)).checked_div(whole).unwrap_or_default();
        let dimensions: Vec<_> = (0..self.weights.len())
            .map(|dimension| {
                let Interval { low, high } = self.exact(cell, dimension);
                let score = Decimal::from(low.0) + part * Decimal::from(high.0 - low.0);
                (self.subjects.dimensions[dimension].0.clone(), score / Decimal::from(200))
            })
            .collect();
        let total: Decimal = self.subjects.dimensions.iter().map(|(_, weight)| *weight).sum();
        let weighted =
            self.subjects.dimensions.iter().zip(&dimensions).map(|((_, weight), (_, score))| weight * score);
        Sample { overall: weighted.sum::<Decimal>().checked_div(total).unwrap_or_default(), dimensions }
    }

    /// Runs of uncovered cells along an axis, between covered ones, narrower than a twentieth of the scale.
    pub(super) fn narrow_gaps(&self, covered: &Bits, possible: &Bits) -> Vec<Gap> {
        let is_open = |cell: usize| possible.contains(cell) && !covered.contains(cell);
        let mut gaps: Vec<Gap> = Vec::new();
        for (n, axis) in self.axes.iter().enumerate() {
            let (stride, count) = (self.strides[n], axis.pieces.len());
            for cell in 0..self.cells {
                let at = cell / stride % count;
                if at == 0 || !is_open(cell) || !covered.contains(cell - stride) {
                    continue;
                }
                let run = (at..count).take_while(|next| is_open(cell + (next - at) * stride)).count();
                let end = at + run;
                if end == count || !covered.contains(cell + run * stride) {
                    continue;
                }
                let (from, to) = (score_of(axis.pieces[at].0), score_of(axis.pieces[end - 1].1));
                let narrow = (to - from) * Decimal::from(20) < self.subjects.scale.length();
                let known = |gap: &Gap| gap.subject == axis.subject && gap.from == from && gap.to == to;
                if narrow && !gaps.iter().any(known) {
                    gaps.push(Gap { subject: axis.subject.clone(), from, to, sample: self.sample(cell) });
                }
            }
        }
        gaps
    }
}

impl Interval {
    /// The exact values that are rounded into a run of hundredths, halves away from zero; in half hundredths.
    fn rounding_to((low, high): (i64, i64)) -> Self {
        let (low, high) = (i128::from(low), i128::from(high));
        Self { low: (2 * low - 1, low > 0), high: (2 * high + 1, high < 0) }
    }

    /// What of it is on the scale, whose ends are given in hundredths.
    fn clamped(self, (min, max): (i64, i64)) -> Self {
        self.and(Self { low: (2 * i128::from(min), true), high: (2 * i128::from(max), true) })
    }

    fn and(self, other: Self) -> Self {
        // Of equal ends the one that does not belong is the narrower.
        let low = if (self.low.0, !self.low.1) > (other.low.0, !other.low.1) { self.low } else { other.low };
        let high =
            if (self.high.0, self.high.1) < (other.high.0, other.high.1) { self.high } else { other.high };
        Self { low, high }
    }

    fn is_possible(self) -> bool {
        self.low.0 < self.high.0 || (self.low.0 == self.high.0 && self.low.1 && self.high.1)
    }
}
