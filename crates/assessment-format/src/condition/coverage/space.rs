//! The space of scores: a variable for each dimension that conditions name, and one for each weighted sum of them.
//!
//! Scores and sums are counted in hundredths. The overall score is a sum of exact scores, in half hundredths times
//! millionths of weight, so that everything is exact in whole numbers.

use rust_decimal::{Decimal, prelude::ToPrimitive as _};

use super::{
    super::{Comparison, Expression, Operator, Subject},
    Slug, Subjects,
    diagram::{ALL, Budget, Diagram, Edge, Exhausted, NONE, Node, Operation},
};

/// Hundredths, both ends included.
pub(super) type Run = (i64, i64);

/// The ends of an interval of sums, both included. Of the overall score they are fourfold, and one more or less where
/// the end itself does not belong.
pub(super) type Span = (i64, i64);

/// A sum of scores that conditions name.
pub(super) struct Line {
    pub(super) subject: Subject,
    pub(super) run: Run,
    /// How much a hundredth, and of the overall score half a hundredth, of each named dimension counts.
    pub(super) multiples: Vec<i64>,
    /// What the dimensions that no condition names add.
    pub(super) rest: Span,
    /// The sum of the multiples of all dimensions.
    total: i64,
}

pub(super) struct Space<'a> {
    pub(super) subjects: Subjects<'a>,
    pub(super) scale: Run,
    /// The sums; their levels come first.
    pub(super) lines: Vec<Line>,
    /// The named dimensions, by their places; their levels follow.
    pub(super) named: Vec<usize>,
    pub(super) diagram: Diagram,
}

pub(super) fn hundredths(score: Decimal) -> i64 {
    (score * Decimal::ONE_HUNDRED).floor().to_i64().unwrap_or_default()
}

pub(super) fn score_of(hundredths: i64) -> Decimal {
    Decimal::new(hundredths, 2).normalize()
}

impl Line {
    /// More sums than this are not compared.
    const MOST: usize = 16;

    pub(super) fn is_overall(&self) -> bool {
        self.subject == Subject::Overall
    }

    /// What scores that are shown so add, without their multiple: a rounded score stands for an interval.
    fn span((low, high): Run, scale: Run, multiple: i64, rounded: bool) -> Span {
        if !rounded {
            return (low * multiple, high * multiple);
        }
        // Halves are rounded away from zero; the ends of the scale are not left.
        let (low, low_open) = if low == scale.0 { (2 * low, false) } else { (2 * low - 1, low <= 0) };
        let (high, high_open) = if high == scale.1 { (2 * high, false) } else { (2 * high + 1, high >= 0) };
        (4 * low * multiple + i64::from(low_open), 4 * high * multiple - i64::from(high_open))
    }

    /// What a named dimension adds.
    pub(super) fn part(&self, dimension: usize, run: Run, scale: Run) -> Span {
        match self.multiples[dimension] {
            0 => (0, 0),
            multiple => Self::span(run, scale, multiple, self.is_overall()),
        }
    }

    /// The sums that are shown so.
    pub(super) fn window(&self, run: Run) -> Span {
        // An overall score beyond the scale does not exist, and so needs no end there.
        Self::span(
            run,
            (i64::MIN, i64::MAX),
            if self.is_overall() { self.total } else { 1 },
            self.is_overall(),
        )
    }

    /// Adds intervals; an end belongs where both do.
    pub(super) fn add(&self, a: Span, b: Span) -> Span {
        let (low, high) = (a.0 + b.0, a.1 + b.1);
        if !self.is_overall() {
            return (low, high);
        }
        let open = |end: i64| i64::from(end.rem_euclid(4) != 0);
        (low - low.rem_euclid(4) + open(low), high + (-high).rem_euclid(4) - open(high))
    }
}

impl<'a> Space<'a> {
    pub(super) fn new(comparisons: &[&Comparison], subjects: Subjects<'a>, budget: Budget) -> Self {
        let scale = (hundredths(subjects.scale.min), hundredths(subjects.scale.max));
        let place = |id: &Slug| subjects.dimensions.iter().position(|(own, _)| own == id);
        let (mut sums, mut named) = (Vec::new(), Vec::new());
        for subject in comparisons.iter().map(|comparison| &comparison.subject) {
            for place in subject.dimensions().iter().filter_map(place) {
                if !named.contains(&place) {
                    named.push(place);
                }
            }
            let line = line_of(subject).filter(|line| !sums.contains(line) && sums.len() < Line::MOST);
            sums.extend(line);
        }
        let millionths = |weight: Decimal| (weight * Decimal::from(1_000_000)).to_i64().unwrap_or_default();
        let weight = |place: usize| millionths(subjects.dimensions[place].1);
        let whole = (0..subjects.dimensions.len()).map(weight).sum::<i64>();
        let of_line = |subject: Subject| {
            let overall = subject == Subject::Overall;
            let ids = subject.dimensions();
            let counts = |place: &usize| i64::from(ids.contains(&subjects.dimensions[*place].0));
            let multiples: Vec<i64> =
                named.iter().map(|place| if overall { weight(*place) } else { counts(place) }).collect();
            let total = if overall { whole } else { multiples.iter().sum() };
            let times = if overall { 1 } else { total };
            let run = (scale.0 * times, scale.1 * times);
            let rest = match total - multiples.iter().sum::<i64>() {
                0 => (0, 0),
                rest => Line::span(scale, scale, rest, overall),
            };
            Line { subject, run, multiples, rest, total }
        };
        let lines: Vec<Line> = sums.into_iter().map(of_line).collect();
        let diagram = Diagram::new(lines.len() + named.len(), budget);
        Self { subjects, scale, lines, named, diagram }
    }

    /// How many sums, and the level of the first dimension.
    pub(super) fn first(&self) -> usize {
        self.lines.len()
    }

    /// What a variable can be.
    pub(super) fn run(&self, level: usize) -> Run {
        self.lines.get(level).map_or(self.scale, |line| line.run)
    }

    pub(super) fn subject(&self, level: usize) -> Subject {
        match self.lines.get(level) {
            Some(line) => line.subject.clone(),
            None => Subject::Dimension(self.subjects.dimensions[self.named[level - self.first()]].0.clone()),
        }
    }

    /// The level of a dimension; `None` where the assessment does not have it.
    fn level(&self, id: &Slug) -> Option<usize> {
        let is = |place: &usize| self.subjects.dimensions[*place].0 == *id;
        self.named.iter().position(is).map(|at| self.first() + at)
    }

    /// The scores an expression holds for.
    pub(super) fn node(&mut self, expression: &Expression) -> Result<Node, Exhausted> {
        let (operation, from, parts) = match expression {
            Expression::Compare(comparison) => return self.comparison(comparison),
            Expression::Not(inner) => {
                let inner = self.node(inner)?;
                return self.diagram.not(inner);
            }
            Expression::All(parts) => (Operation::And, ALL, parts),
            Expression::Any(parts) => (Operation::Or, NONE, parts),
        };
        parts.iter().try_fold(from, |node, part| {
            let part = self.node(part)?;
            self.diagram.combine(operation, node, part)
        })
    }

    fn comparison(&mut self, comparison: &Comparison) -> Result<Node, Exhausted> {
        use Operator::{AtLeast, AtMost, Equal, Greater, Less, NotEqual};
        let Comparison { subject, operator, value } = comparison;
        if let Some(line) = line_of(subject) {
            let level = self.lines.iter().position(|own| own.subject == line).ok_or(Exhausted)?;
            return Ok(self.leaf(level, *operator, *value, [NONE, ALL]));
        }
        let levels: Vec<usize> = subject.dimensions().iter().filter_map(|id| self.level(id)).collect();
        let lowest = matches!(subject, Subject::Minimum(_));
        match (subject, operator) {
            (Subject::Count(_, of, bound), _) => self.count(levels, (*of, *bound), (*operator, *value)),
            (Subject::Minimum(_) | Subject::Maximum(_), Equal | NotEqual) => {
                // The lowest is 3: all are at least 3, and not all are above.
                let (holds, beyond) = if lowest { (AtLeast, Greater) } else { (AtMost, Less) };
                let holds = self.joined(Operation::And, &levels, holds, *value)?;
                let beyond = self.joined(Operation::And, &levels, beyond, *value)?;
                let equal = self.diagram.combine(Operation::Without, holds, beyond)?;
                if *operator == Equal { Ok(equal) } else { self.diagram.not(equal) }
            }
            (Subject::Minimum(_) | Subject::Maximum(_), _) => {
                let all = lowest == matches!(operator, AtLeast | Greater);
                let operation = if all { Operation::And } else { Operation::Or };
                self.joined(operation, &levels, *operator, *value)
            }
            _ => self.joined(Operation::And, &levels, *operator, *value),
        }
    }

    fn joined(
        &mut self,
        operation: Operation,
        levels: &[usize],
        operator: Operator,
        value: Decimal,
    ) -> Result<Node, Exhausted> {
        let from = if operation == Operation::And { ALL } else { NONE };
        levels.iter().try_fold(from, |node, level| {
            let leaf = self.leaf(*level, operator, value, [NONE, ALL]);
            self.diagram.combine(operation, node, leaf)
        })
    }

    /// From the last level to the first: what follows hangs on how many were counted before.
    fn count(
        &mut self,
        mut levels: Vec<usize>,
        (of, bound): (Operator, Decimal),
        (operator, value): (Operator, Decimal),
    ) -> Result<Node, Exhausted> {
        levels.sort_unstable();
        let holds = |counted: usize| if operator.holds(counted.into(), value) { ALL } else { NONE };
        let mut after: Vec<Node> = (0..=levels.len()).map(holds).collect();
        for level in levels.into_iter().rev() {
            self.diagram.budget.spend(2 * after.len())?;
            after = after.windows(2).map(|next| self.leaf(level, of, bound, [next[0], next[1]])).collect();
        }
        Ok(after[0])
    }

    /// The scores that lie within a run of a variable.
    pub(super) fn within(&mut self, level: usize, (low, high): Run) -> Node {
        let (min, max) = self.run(level);
        let before = (min < low).then_some((low - 1, NONE));
        let after = (high < max).then_some((max, NONE));
        self.diagram.node(level, before.into_iter().chain([(high, ALL)]).chain(after))
    }

    /// Where a variable compares so it leads to the second node, else to the first.
    fn leaf(&mut self, level: usize, operator: Operator, value: Decimal, to: [Node; 2]) -> Node {
        let (min, max) = self.run(level);
        let below = hundredths(value);
        let mut edges: Vec<Edge> = Vec::with_capacity(3);
        let mut start = min;
        // On a run between these no comparison changes.
        for end in [below - 1, below, max].map(|end| end.min(max)) {
            if start <= end {
                edges.push((end, to[usize::from(operator.holds(score_of(start), value))]));
                start = end + 1;
            }
        }
        self.diagram.node(level, edges)
    }
}

/// A subject that is a sum of several, in one way of writing it.
fn line_of(subject: &Subject) -> Option<Subject> {
    match subject {
        Subject::Overall => Some(Subject::Overall),
        Subject::Sum(ids) if ids.len() > 1 => {
            let mut ids = ids.clone();
            ids.sort_unstable();
            Some(Subject::Sum(ids))
        }
        _ => None,
    }
}
