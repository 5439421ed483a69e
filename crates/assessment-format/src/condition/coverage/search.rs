//! Finds scores that a person can have in a set of combinations, or shows that there are none.
//!
//! A path through the diagram fixes runs of the sums and of the dimensions. Whether one fits the other is known from
//! the node on: the sums that some path below it can give are a few intervals, because each dimension adds an interval
//! at least a hundredth wide. With one sum that decides it. With several of them on one path, each must fit by itself,
//! and then all of them together, for which there is linear arithmetic.

use std::rc::Rc;

use rust_decimal::Decimal;

use super::{
    Sample,
    diagram::{ALL, Exhausted, NONE, Node, NodeMap},
    linear::System,
    space::{Run, Space, Span, hundredths, score_of},
};

/// Looks for scores; what is found out of a node is kept.
pub(super) struct Search<'s, 'a> {
    pub(super) space: &'s mut Space<'a>,
    /// For a sum and a node, what the dimensions from its level on can add.
    reach: NodeMap<(usize, Node), Rc<[Span]>>,
    /// On the path, what the sums must be.
    windows: Vec<Option<Run>>,
    /// On the path, what the dimensions are.
    runs: Vec<Run>,
}

impl<'s, 'a> Search<'s, 'a> {
    pub(super) fn new(space: &'s mut Space<'a>) -> Self {
        let (windows, runs) = (vec![None; space.lines.len()], vec![space.scale; space.named.len()]);
        Self { space, reach: NodeMap::default(), windows, runs }
    }

    pub(super) fn is_possible(&mut self, node: Node) -> Result<bool, Exhausted> {
        self.find(node).map(|found| found.is_some())
    }

    /// Scores in a set.
    pub(super) fn find(&mut self, node: Node) -> Result<Option<Sample>, Exhausted> {
        let found = self.walk(node);
        self.windows.fill(None);
        self.runs.fill(self.space.scale);
        found
    }

    /// Whether a set holds scores.
    pub(super) fn contains(&self, node: Node, sample: &Sample) -> bool {
        let diagram = &self.space.diagram;
        let mut node = node;
        while node != NONE && node != ALL {
            let subject = self.space.subject(diagram.level(node));
            let value = sample.value(&subject).map_or(0, hundredths);
            node = diagram.edges(node).find(|(end, _)| value <= *end).map_or(NONE, |(_, to)| to);
        }
        node == ALL
    }

    /// Fixes the sums, then the dimensions.
    fn walk(&mut self, node: Node) -> Result<Option<Sample>, Exhausted> {
        let level = self.space.diagram.level(node);
        if node == NONE || level >= self.space.first() {
            let start = vec![(0, 0); self.windows.len()];
            return if node == NONE { Ok(None) } else { self.path(node, self.space.first(), start) };
        }
        let mut start = self.space.run(level).0;
        for (end, to) in self.space.diagram.edges(node) {
            self.windows[level] = Some((start, end));
            let found = self.walk(to)?;
            if found.is_some() {
                return Ok(found);
            }
            start = end + 1;
        }
        self.windows[level] = None;
        Ok(None)
    }

    /// Goes on from a level, where the dimensions before it have added something to each sum.
    fn path(&mut self, node: Node, level: usize, mut added: Vec<Span>) -> Result<Option<Sample>, Exhausted> {
        let own = self.space.diagram.level(node);
        let active: Vec<usize> = (0..self.windows.len()).filter(|n| self.windows[*n].is_some()).collect();
        for n in &active {
            let skipped = self.skipped(*n, level, own);
            let line = &self.space.lines[*n];
            added[*n] = line.add(added[*n], skipped);
            let Some(window) = self.windows[*n].map(|run| line.window(run)) else { continue };
            let reach = self.reach(*n, node)?;
            self.space.diagram.budget.spend(1 + reach.len() / 8)?;
            let line = &self.space.lines[*n];
            if !reach.iter().any(|span| meet(line.add(added[*n], *span), window).is_some()) {
                return Ok(None);
            }
        }
        self.space.diagram.budget.spend(1)?;
        if active.len() > 1 && self.system(&active).solve(&mut self.space.diagram.budget)?.is_none() {
            return Ok(None);
        }
        if node == ALL {
            return self.sample(&active);
        }
        let (at, mut start) = (own - self.space.first(), self.space.scale.0);
        for (end, to) in self.space.diagram.edges(node) {
            if to != NONE {
                self.runs[at] = (start, end);
                let mut added = added.clone();
                for n in &active {
                    let line = &self.space.lines[*n];
                    added[*n] = line.add(added[*n], line.part(at, (start, end), self.space.scale));
                }
                let found = self.path(to, own + 1, added)?;
                if found.is_some() {
                    return Ok(found);
                }
            }
            start = end + 1;
        }
        self.runs[at] = self.space.scale;
        Ok(None)
    }

    /// What the dimensions between two levels add to a sum, whatever they are.
    fn skipped(&self, line: usize, from: usize, to: usize) -> Span {
        let (line, first, scale) = (&self.space.lines[line], self.space.first(), self.space.scale);
        (from..to).fold((0, 0), |sum, level| line.add(sum, line.part(level - first, scale, scale)))
    }

    fn reach(&mut self, line: usize, node: Node) -> Result<Rc<[Span]>, Exhausted> {
        if node == ALL {
            return Ok(Rc::from([self.space.lines[line].rest]));
        }
        if let Some(known) = self.reach.get(&(line, node)) {
            return Ok(Rc::clone(known));
        }
        let level = self.space.diagram.level(node);
        let (at, mut start) = (level - self.space.first(), self.space.scale.0);
        let mut spans: Vec<Span> = Vec::new();
        for (end, to) in self.space.diagram.edges(node) {
            if to != NONE {
                let below = self.reach(line, to)?;
                let skipped = self.skipped(line, level + 1, self.space.diagram.level(to));
                let of = &self.space.lines[line];
                let part = of.add(of.part(at, (start, end), self.space.scale), skipped);
                self.space.diagram.budget.spend(1 + below.len() / 8)?;
                spans.extend(below.iter().map(|span| of.add(part, *span)));
            }
            start = end + 1;
        }
        spans.sort_unstable();
        spans.dedup_by(|next, last| {
            let touches = next.0 <= last.1 + 1;
            if touches {
                last.1 = last.1.max(next.1);
            }
            touches
        });
        let spans: Rc<[Span]> = Rc::from(spans);
        self.reach.insert((line, node), Rc::clone(&spans));
        Ok(spans)
    }

    /// The sums of a path in whole numbers: a column for each dimension, in hundredths, and one for what the overall
    /// score has from other dimensions and from what is rounded away.
    fn system(&self, active: &[usize]) -> System {
        let mut columns = self.runs.clone();
        let row = |n: &usize| {
            let line = &self.space.lines[*n];
            let window = line.window(self.windows[*n].unwrap_or(line.run));
            let times = if line.is_overall() { 2 } else { 1 };
            let multiples = line.multiples.iter().map(|multiple| times * multiple);
            (multiples.chain([i64::from(line.is_overall())]).collect(), whole(window, line.is_overall()))
        };
        let overall = self.space.lines.iter().find(|line| line.is_overall());
        columns.push(overall.map_or((0, 0), |line| {
            let scale = self.space.scale;
            self.runs.iter().zip(&line.multiples).fold(whole(line.rest, true), |rest, (run, multiple)| {
                // At the ends of the scale nothing is rounded into it from outside.
                let (low, high) = (*run != (scale.0, scale.0), *run != (scale.1, scale.1));
                (rest.0 - multiple * i64::from(low), rest.1 + multiple * i64::from(high))
            })
        }));
        System { columns, rows: active.iter().map(row).collect() }
    }

    /// Scores on a path to the end: the lowest where that is enough.
    fn sample(&mut self, active: &[usize]) -> Result<Option<Sample>, Exhausted> {
        let lowest: Vec<Run> = self.runs.iter().map(|run| (run.0, run.0)).collect();
        match active {
            [] => Ok(self.person(&lowest, None)),
            [only] if self.space.lines[*only].is_overall() => {
                Ok(self.person(&self.runs.clone(), Some(*only)))
            }
            _ => self.split(active),
        }
    }

    /// Splits the runs until the sums fit in whole hundredths.
    fn split(&mut self, active: &[usize]) -> Result<Option<Sample>, Exhausted> {
        let path = self.runs.clone();
        let overall = active.iter().copied().find(|n| self.space.lines[*n].is_overall());
        let mut open = vec![path.clone()];
        while let Some(runs) = open.pop() {
            self.runs.clone_from(&runs);
            let Some(solution) = self.system(active).solve(&mut self.space.diagram.budget)? else { continue };
            let point: Vec<Run> = solution
                .iter()
                .zip(&runs)
                .map(|(value, run)| value.nearest().clamp(run.0, run.1))
                .map(|value| (value, value))
                .collect();
            let fits = |n: &usize| {
                let line = &self.space.lines[*n];
                let sum = line
                    .multiples
                    .iter()
                    .zip(&point)
                    .map(|(multiple, (score, _))| multiple * score)
                    .sum::<i64>();
                line.is_overall() || self.windows[*n].is_some_and(|(low, high)| (low..=high).contains(&sum))
            };
            if active.iter().all(fits)
                && let Some(person) = self.person(&point, overall)
            {
                self.runs = path;
                return Ok(Some(person));
            }
            let fraction = (0..runs.len()).find(|at| !solution[*at].is_whole());
            let Some(at) = fraction.or_else(|| (0..runs.len()).find(|at| runs[*at].0 < runs[*at].1)) else {
                continue;
            };
            let ((low, high), value) = (runs[at], solution[at].floor());
            let parts = match fraction {
                Some(_) => vec![(value + 1, high), (low, value)],
                None => vec![(value + 1, high), (low, value - 1), (value, value)],
            };
            for part in parts.into_iter().filter(|(low, high)| low <= high) {
                let mut runs = runs.clone();
                runs[at] = part;
                open.push(runs);
            }
        }
        self.runs = path;
        Ok(None)
    }

    /// Exact scores in runs, with the overall score as low as it may be where it must be within a window.
    fn person(&self, runs: &[Run], overall: Option<usize>) -> Option<Sample> {
        let (scale, dimensions) = (self.space.scale, self.space.subjects.dimensions);
        let mut ends: Vec<(Decimal, Decimal)> =
            vec![(score_of(scale.0), score_of(scale.0)); dimensions.len()];
        let mut part = Decimal::ZERO;
        for (run, place) in runs.iter().zip(&self.space.named) {
            ends[*place] = (score_of(run.0), score_of(run.0));
        }
        if let Some((line, window)) = overall.and_then(|n| Some((&self.space.lines[n], self.windows[n]?))) {
            let half = |halves: i64| Decimal::new(5 * halves, 3);
            ends.fill((score_of(scale.0), score_of(scale.1)));
            let mut sums = line.rest;
            for (at, run) in runs.iter().enumerate() {
                let exact = line.part(at, *run, scale);
                sums = line.add(sums, exact);
                let (low, high) = whole(exact, true);
                let multiple = line.multiples[at].max(1);
                ends[self.space.named[at]] = (half(low / multiple), half(high / multiple));
            }
            let lowest = (window.0..=window.1).find_map(|shown| meet(sums, line.window((shown, shown))))?;
            let ((low, high), (from, to)) = (whole(sums, true), whole(lowest, true));
            let middle = Decimal::from(from + to) / Decimal::TWO - Decimal::from(low);
            part = middle.checked_div(Decimal::from(high - low)).unwrap_or_default();
        }
        let scores = ends.into_iter().map(|(low, high)| low + part * (high - low));
        let dimensions: Vec<_> =
            dimensions.iter().zip(scores).map(|((id, _), score)| (id.clone(), score)).collect();
        let weights = || self.space.subjects.dimensions.iter().map(|(_, weight)| *weight);
        let weighted = weights().zip(&dimensions).map(|(weight, (_, score))| weight * score);
        let overall = weighted.sum::<Decimal>().checked_div(weights().sum()).unwrap_or_default();
        Some(Sample { overall, dimensions })
    }
}

/// What two intervals share.
fn meet(a: Span, b: Span) -> Option<Span> {
    let shared = (a.0.max(b.0), a.1.min(b.1));
    (shared.0 <= shared.1).then_some(shared)
}

/// The ends of an interval, whether they belong to it or not.
fn whole((low, high): Span, fourfold: bool) -> Span {
    if fourfold { (low.div_euclid(4), -(-high).div_euclid(4)) } else { (low, high) }
}
