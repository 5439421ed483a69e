//! Whether linear sums of whole numbers can lie where they must, all at once: the simplex method with bounds (Dutertre
//! & de Moura, "A fast linear-arithmetic solver for DPLL(T)", 2006) in exact fractions, and splitting where it gives a
//! fraction.

use std::cmp::Ordering;

use super::diagram::{Budget, Exhausted};

/// Both ends belong to it.
pub(super) type Bounds = (i64, i64);

/// Numbers within bounds, and sums of multiples of them that have bounds as well.
pub(super) struct System {
    pub(super) columns: Vec<Bounds>,
    pub(super) rows: Vec<(Vec<i64>, Bounds)>,
}

/// A fraction in lowest terms with a positive denominator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fraction(i128, i128);

impl Fraction {
    const ZERO: Self = Self(0, 1);

    fn new(over: i128, under: i128) -> Self {
        let (mut a, mut b) = (over.unsigned_abs(), under.unsigned_abs());
        while b != 0 {
            (a, b) = (b, a % b);
        }
        let divisor = i128::try_from(a).unwrap_or(1).max(1) * under.signum();
        Self(over / divisor, under / divisor)
    }

    fn of(whole: i64) -> Self {
        Self(whole.into(), 1)
    }

    /// Fractions of fewer digits than this are enough for the sums of an assessment; others count as too many steps.
    fn checked(over: Option<i128>, under: Option<i128>) -> Result<Self, Exhausted> {
        over.zip(under).map(|(over, under)| Self::new(over, under)).ok_or(Exhausted)
    }

    fn plus(self, other: Self) -> Result<Self, Exhausted> {
        let crossed = self.0.checked_mul(other.1).zip(other.0.checked_mul(self.1));
        Self::checked(crossed.and_then(|(a, b)| a.checked_add(b)), self.1.checked_mul(other.1))
    }

    fn times(self, other: Self) -> Result<Self, Exhausted> {
        Self::checked(self.0.checked_mul(other.0), self.1.checked_mul(other.1))
    }

    fn minus(self, other: Self) -> Result<Self, Exhausted> {
        self.plus(Self(-other.0, other.1))
    }

    fn over(self, other: Self) -> Result<Self, Exhausted> {
        self.times(Self::new(other.1, other.0))
    }

    fn compare(self, whole: i64) -> Ordering {
        // A denominator is far smaller than what would make this overflow.
        self.0.cmp(&(i128::from(whole).saturating_mul(self.1)))
    }

    pub(super) const fn is_whole(self) -> bool {
        self.1 == 1
    }

    pub(super) fn floor(self) -> i64 {
        i64::try_from(self.0.div_euclid(self.1)).unwrap_or(i64::MAX)
    }

    pub(super) fn nearest(self) -> i64 {
        Self::new(2 * self.0 + self.1, 2 * self.1).floor()
    }
}

impl System {
    /// Values of the columns for which every bound holds; `None` where there are none.
    pub(super) fn solve(&self, budget: &mut Budget) -> Result<Option<Vec<Fraction>>, Exhausted> {
        let (columns, rows) = (self.columns.len(), self.rows.len());
        budget.spend(4 + columns * rows / 8)?;
        let bounds = |variable: usize| match self.columns.get(variable) {
            Some(bounds) => *bounds,
            None => self.rows[variable - columns].1,
        };
        let mut values: Vec<Fraction> = self.columns.iter().map(|(low, _)| Fraction::of(*low)).collect();
        let mut table: Vec<Vec<Fraction>> = Vec::with_capacity(rows);
        for (multiples, _) in &self.rows {
            table.push(multiples.iter().copied().map(Fraction::of).collect());
            let sum = multiples.iter().zip(&self.columns).map(|(multiple, (low, _))| multiple * low).sum();
            values.push(Fraction::of(sum));
        }
        // Which variable each column and each row of the table stands for.
        let mut free: Vec<usize> = (0..columns).collect();
        let mut tied: Vec<usize> = (columns..columns + rows).collect();
        loop {
            let is_out = |variable: usize| {
                values[variable].compare(bounds(variable).0).is_lt()
                    || values[variable].compare(bounds(variable).1).is_gt()
            };
            // Always the variable that stands first: so it ends (Bland's rule).
            let Some(row) = (0..rows).filter(|row| is_out(tied[*row])).min_by_key(|row| tied[*row]) else {
                values.truncate(columns);
                return Ok(Some(values));
            };
            let variable = tied[row];
            let (low, high) = bounds(variable);
            let rises = values[variable].compare(low).is_lt();
            let target = Fraction::of(if rises { low } else { high });
            let helps = |column: &usize| {
                let (multiple, of) = (table[row][*column].0, free[*column]);
                let (low, high) = bounds(of);
                let goes_up = (multiple > 0) == rises;
                multiple != 0
                    && if goes_up {
                        values[of].compare(high).is_lt()
                    } else {
                        values[of].compare(low).is_gt()
                    }
            };
            let Some(column) = (0..columns).filter(helps).min_by_key(|column| free[*column]) else {
                return Ok(None);
            };
            budget.spend(columns * rows / 2)?;
            let step = target.minus(values[variable])?.over(table[row][column])?;
            for (other, multiples) in table.iter().enumerate() {
                let of = tied[other];
                values[of] = values[of].plus(multiples[column].times(step)?)?;
            }
            values[free[column]] = values[free[column]].plus(step)?;
            pivot(&mut table, row, column)?;
            std::mem::swap(&mut free[column], &mut tied[row]);
        }
    }
}

/// Solves a row for a column and puts that into the other rows.
fn pivot(table: &mut [Vec<Fraction>], row: usize, column: usize) -> Result<(), Exhausted> {
    let by = table[row][column];
    for (at, multiple) in table[row].iter_mut().enumerate() {
        let numerator = if at == column { Fraction::of(1) } else { Fraction::ZERO.minus(*multiple)? };
        *multiple = numerator.over(by)?;
    }
    let solved = table[row].clone();
    for (_, others) in table.iter_mut().enumerate().filter(|(other, _)| *other != row) {
        let factor = std::mem::replace(&mut others[column], Fraction::ZERO);
        if factor != Fraction::ZERO {
            for (own, multiple) in others.iter_mut().zip(&solved) {
                *own = own.plus(factor.times(*multiple)?)?;
            }
        }
    }
    Ok(())
}
