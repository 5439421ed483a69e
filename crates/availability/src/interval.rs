//! Sets of time: half-open spans of whole seconds, and what is done with many of them.

use kernel::Timestamp;

/// A stretch of time from its first second up to, and without, its end; never empty.
///
/// Seconds count from the Unix epoch.
///
/// ```
/// use availability::Span;
/// let span = Span::new(100, 160).expect("it ends after it begins");
/// assert!(span.contains(100) && !span.contains(160));
/// assert_eq!(span.seconds(), 60);
/// assert_eq!(Span::new(160, 160), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    start: i64,
    end: i64,
}

impl Span {
    /// From one second up to another; `None` when nothing lies between.
    pub const fn new(start: i64, end: i64) -> Option<Self> {
        if start < end { Some(Self { start, end }) } else { None }
    }

    /// The shortest span of whole seconds that holds all between two moments; `None` when nothing lies between.
    pub fn covering(from: Timestamp, until: Timestamp) -> Option<Self> {
        if from < until { Self::new(from.unix_seconds(), first_second(until)) } else { None }
    }

    /// The first second.
    pub const fn start(self) -> i64 {
        self.start
    }

    /// The second after the last.
    pub const fn end(self) -> i64 {
        self.end
    }

    /// When the span begins.
    pub fn starts_at(self) -> Timestamp {
        moment(self.start)
    }

    /// When the span is over.
    pub fn ends_at(self) -> Timestamp {
        moment(self.end)
    }

    /// How long the span is.
    pub const fn seconds(self) -> i64 {
        self.end.saturating_sub(self.start)
    }

    /// Whether the second lies in the span.
    pub const fn contains(self, second: i64) -> bool {
        self.start <= second && second < self.end
    }

    /// Whether all of the other span lies in this one.
    pub const fn covers(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// What both spans have in common.
    pub fn intersect(self, other: Self) -> Option<Self> {
        Self::new(self.start.max(other.start), self.end.min(other.end))
    }

    /// The span begun earlier and ended later, by so many seconds.
    pub const fn widen(self, earlier: u32, later: u32) -> Self {
        Self {
            start: self.start.saturating_sub_unsigned(earlier as u64),
            end: self.end.saturating_add_unsigned(later as u64),
        }
    }
}

/// The moment at which a second begins; those that no [`Timestamp`] can say are moved to the nearest that it can.
pub(crate) fn moment(second: i64) -> Timestamp {
    let end = if second < 0 { time::PrimitiveDateTime::MIN } else { time::PrimitiveDateTime::MAX };
    Timestamp::from_unix_seconds(second).unwrap_or_else(|| Timestamp::new(end.assume_utc()))
}

/// The first second that does not begin before the moment.
pub(crate) fn first_second(at: Timestamp) -> i64 {
    let second = at.unix_seconds();
    if moment(second) < at { second + 1 } else { second }
}

/// Any set of seconds, as the fewest spans it consists of: in order, apart from each other.
///
/// Collecting normalises, in O(n log n); what is done with two sets walks through both once.
///
/// ```
/// use availability::{Span, Spans};
/// let spans = |list: &[(i64, i64)]| list.iter().filter_map(|(start, end)| Span::new(*start, *end)).collect::<Spans>();
///
/// let open = spans(&[(40, 60), (10, 20), (20, 30)]);
/// assert_eq!(open, spans(&[(10, 30), (40, 60)]));
/// assert_eq!(open.subtract(&spans(&[(15, 45)])), spans(&[(10, 15), (45, 60)]));
/// assert_eq!(open.intersect(&spans(&[(25, 41)])), spans(&[(25, 30), (40, 41)]));
/// assert_eq!(open.union(&spans(&[(30, 40)])), spans(&[(10, 60)]));
/// assert_eq!(open.widen(5, 5), spans(&[(5, 65)]));
/// assert_eq!(open.total(), 40);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spans(Vec<Span>);

impl Spans {
    /// No time at all.
    pub const NONE: Self = Self(Vec::new());

    /// The spans in order.
    pub fn as_slice(&self) -> &[Span] {
        &self.0
    }

    /// The spans in order.
    pub fn iter(&self) -> impl Iterator<Item = Span> + '_ {
        self.0.iter().copied()
    }

    /// Whether there is nothing in the set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All that is in one set or the other.
    pub fn union(&self, other: &Self) -> Self {
        let (mut left, mut right) = (self.iter().peekable(), other.iter().peekable());
        let ordered = std::iter::from_fn(|| match (left.peek(), right.peek()) {
            (Some(one), Some(two)) if two < one => right.next(),
            (Some(_), _) => left.next(),
            (None, _) => right.next(),
        });
        Self::joined(ordered, self.0.len() + other.0.len())
    }

    /// What is in both sets.
    pub fn intersect(&self, other: &Self) -> Self {
        let (mut left, mut right) = (&self.0[..], &other.0[..]);
        let mut common = Vec::new();
        while let ([one, one_on @ ..], [two, two_on @ ..]) = (left, right) {
            common.extend(one.intersect(*two));
            if one.end < two.end { left = one_on } else { right = two_on }
        }
        Self(common)
    }

    /// What is in this set and not in the other.
    pub fn subtract(&self, other: &Self) -> Self {
        let mut left = Vec::with_capacity(self.0.len());
        let mut holes = &other.0[..];
        for span in self.iter() {
            let mut start = span.start;
            while let [hole, on @ ..] = holes {
                if hole.start >= span.end {
                    break;
                }
                left.extend(Span::new(start, hole.start));
                start = start.max(hole.end);
                if hole.end > span.end {
                    break;
                }
                holes = on;
            }
            left.extend(Span::new(start, span.end));
        }
        Self(left)
    }

    /// The set with each span begun earlier and ended later, by so many seconds.
    pub fn widen(&self, earlier: u32, later: u32) -> Self {
        Self::joined(self.iter().map(|span| span.widen(earlier, later)), self.0.len())
    }

    /// What of the set lies in the span.
    pub fn clip(&self, to: Span) -> Self {
        Self(self.touching(to).iter().filter_map(|span| span.intersect(to)).collect())
    }

    /// Whether the second is in the set.
    pub fn contains(&self, second: i64) -> bool {
        self.around(second).is_some()
    }

    /// Whether all of the span is in the set.
    pub fn covers(&self, span: Span) -> bool {
        self.around(span.start).is_some_and(|own| own.covers(span))
    }

    /// How many seconds are in the set.
    pub fn total(&self) -> i64 {
        self.iter().map(Span::seconds).sum()
    }

    /// The span of the set in which the second lies.
    pub(crate) fn around(&self, second: i64) -> Option<Span> {
        let next = self.0.partition_point(|span| span.end <= second);
        self.0.get(next).copied().filter(|span| span.contains(second))
    }

    /// The spans of the set that have a part in this one.
    pub(crate) fn touching(&self, span: Span) -> &[Span] {
        let first = self.0.partition_point(|own| own.end <= span.start);
        let count = self.0[first..].partition_point(|own| own.start < span.end);
        &self.0[first..first + count]
    }

    /// Spans ordered by their starts, with those put together between which nothing lies.
    fn joined(ordered: impl Iterator<Item = Span>, at_most: usize) -> Self {
        let mut joined: Vec<Span> = Vec::with_capacity(at_most);
        for span in ordered {
            match joined.last_mut() {
                Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
                _ => joined.push(span),
            }
        }
        Self(joined)
    }
}

impl FromIterator<Span> for Spans {
    fn from_iter<I: IntoIterator<Item = Span>>(spans: I) -> Self {
        let mut spans: Vec<Span> = spans.into_iter().collect();
        spans.sort_unstable();
        let count = spans.len();
        Self::joined(spans.into_iter(), count)
    }
}

impl From<Span> for Spans {
    fn from(span: Span) -> Self {
        Self(vec![span])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: usize) -> i64 {
        i64::try_from(second).unwrap()
    }

    /// Seconds from 0 to 40, each in the set or not.
    type Seconds = [bool; 40];

    fn seconds(spans: &Spans) -> Seconds {
        std::array::from_fn(|second| spans.iter().any(|span| span.contains(at(second))))
    }

    fn drawn() -> impl Strategy<Value = Vec<Span>> {
        let span = (0_i64..40, 0_i64..12)
            .prop_filter_map("empty", |(start, long)| Span::new(start, (start + long).min(40)));
        proptest::collection::vec(span, 0..9)
    }

    fn is_normal(spans: &Spans) -> bool {
        spans.as_slice().windows(2).all(|two| two[0].end < two[1].start)
    }

    proptest! {
        #[test]
        fn sets_are_what_each_second_says(one in drawn(), two in drawn(), (earlier, later) in (0_u32..6, 0_u32..6)) {
            let in_any = |spans: &[Span]| -> Seconds {
                std::array::from_fn(|second| spans.iter().any(|span| (span.start..span.end).contains(&at(second))))
            };
            let (a, b) = (in_any(&one), in_any(&two));
            let each = |rule: fn(bool, bool) -> bool| -> Seconds { std::array::from_fn(|at| rule(a[at], b[at])) };
            let wide: Vec<Span> = one.iter().map(|span| span.widen(earlier, later)).collect();
            let (one, two): (Spans, Spans) = (one.into_iter().collect(), two.into_iter().collect());
            let results = [
                (one.clone(), a),
                (one.union(&two), each(|a, b| a || b)),
                (one.intersect(&two), each(|a, b| a && b)),
                (one.subtract(&two), each(|a, b| a && !b)),
                (one.widen(earlier, later), in_any(&wide)),
            ];
            for (found, expected) in &results {
                prop_assert!(is_normal(found), "{found:?}");
                prop_assert_eq!(&seconds(found), expected);
            }
            let count = a.iter().filter(|is_in| **is_in).count();
            prop_assert_eq!(one.total(), at(count));
            for start in 0..40_usize {
                prop_assert_eq!(one.contains(at(start)), a[start]);
                for end in start + 1..40 {
                    let span = Span::new(at(start), at(end)).unwrap();
                    prop_assert_eq!(one.covers(span), a[start..end].iter().all(|is_in| *is_in));
                    prop_assert_eq!(one.clip(span), one.intersect(&span.into()));
                }
            }
        }
    }

    #[test]
    fn moments_within_a_second_are_covered_and_back_is_exact() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (from, until) = (at("2026-10-25T00:30:00.5Z"), at("2026-10-25T01:00:00.000001Z"));
        let span = Span::covering(from, until).unwrap();
        assert_eq!(
            (span.starts_at(), span.ends_at()),
            (at("2026-10-25T00:30:00Z"), at("2026-10-25T01:00:01Z"))
        );
        assert_eq!(Span::covering(from, from), None);
        assert_eq!(Span::covering(until, from), None);
        let early = at("1969-12-31T23:59:58.5Z");
        assert_eq!(Span::covering(early, Timestamp::EPOCH), Span::new(-2, 0));
        assert_eq!(first_second(early), -1);
    }

    #[test]
    fn the_ends_of_time_hold() {
        let all = Span::new(i64::MIN, i64::MAX).unwrap().widen(u32::MAX, u32::MAX);
        assert_eq!((all.start(), all.end(), all.seconds()), (i64::MIN, i64::MAX, i64::MAX));
        assert!(all.starts_at() < Timestamp::EPOCH && Timestamp::EPOCH < all.ends_at());
    }
}
