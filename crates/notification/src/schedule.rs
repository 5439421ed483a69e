//! When a notification is mailed: at once, after the quiet hours, or with the next digest.

use std::cmp::Ordering;

use kernel::{Boundary, NoticeKind, NoticePriority, Offsets, Timestamp};
use time::{Duration, PrimitiveDateTime, Time, Weekday};

use crate::preferences::{Digest, DigestInterval, MailChoice, NotificationPreferencesState, QuietHours};

/// When a notification is mailed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MailTime {
    /// Never.
    Never,
    /// At once.
    Now,
    /// As the clock of the person's time zone says.
    Scheduled,
}

impl NotificationPreferencesState {
    /// When a notification of this kind is mailed. Urgent ones wait for nothing, and are not mailed either where the
    /// person wants no mail of their kind.
    pub(crate) fn mail_time(&self, kind: NoticeKind, priority: NoticePriority) -> MailTime {
        match self.channels(kind).email {
            MailChoice::Off => MailTime::Never,
            _ if priority == NoticePriority::Urgent => MailTime::Now,
            MailChoice::Instant if self.quiet_hours.is_none() => MailTime::Now,
            MailChoice::Instant | MailChoice::Digest => MailTime::Scheduled,
        }
    }

    /// When what is [`MailTime::Scheduled`] now is mailed. `offsets` reach from a day before to ten days later.
    pub(crate) fn scheduled(&self, kind: NoticeKind, now: Timestamp, offsets: &Offsets) -> Timestamp {
        let at = match self.channels(kind).email {
            MailChoice::Digest => self.digest.next(now, offsets),
            MailChoice::Instant | MailChoice::Off => now,
        };
        self.after_quiet_hours(at, offsets)
    }

    /// The end of the quiet hours that `at` lies in; `at` itself outside.
    pub(crate) fn after_quiet_hours(&self, at: Timestamp, offsets: &Offsets) -> Timestamp {
        self.quiet_hours.map_or(at, |quiet| quiet.end(at, offsets))
    }
}

/// How far ahead a time is looked for: beyond a week, and days that a zone skipped.
pub(crate) const DAYS_AHEAD: i64 = 10;

/// The first moment after `now` at which clocks show this time of day, on a day that `is_meant`.
fn first_after(
    now: Timestamp,
    (time, boundary): (Time, Boundary),
    offsets: &Offsets,
    is_meant: impl Fn(Weekday) -> bool,
) -> Option<Timestamp> {
    let today = offsets.local(now).date();
    let days = (0..DAYS_AHEAD).filter_map(|ahead| today.checked_add(Duration::days(ahead)));
    days.filter(|day| is_meant(day.weekday()))
        .map(|day| offsets.resolve(PrimitiveDateTime::new(day, time), boundary))
        .find(|at| *at > now)
}

impl Digest {
    /// The first digest after `now`. An hour that clocks skip is the one after it; of one that comes twice, it is the
    /// first.
    fn next(self, now: Timestamp, offsets: &Offsets) -> Timestamp {
        let time = Time::from_hms(self.hour, 0, 0).unwrap_or(Time::MIDNIGHT);
        let is_meant = |day| self.interval == DigestInterval::Daily || day == Weekday::Monday;
        first_after(now, (time, Boundary::Start), offsets, is_meant).unwrap_or(now)
    }
}

impl QuietHours {
    /// The end of the quiet hours that `at` lies in; `at` itself outside. Where clocks are put back over their end,
    /// they end the second time.
    fn end(self, at: Timestamp, offsets: &Offsets) -> Timestamp {
        if !self.contains(offsets.local(at).time()) {
            return at;
        }
        first_after(at, (self.until, Boundary::End), offsets, |_| true).unwrap_or(at)
    }

    fn contains(self, time: Time) -> bool {
        let (has_begun, has_ended) = (self.from <= time, self.until <= time);
        match self.from.cmp(&self.until) {
            Ordering::Less => has_begun && !has_ended,
            Ordering::Equal => false,
            Ordering::Greater => has_begun || !has_ended,
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::Id;
    use time::macros::{offset, time};
    use uuid::Uuid;

    use super::*;
    use crate::Channels;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn preferences(email: MailChoice, quiet: Option<(Time, Time)>) -> NotificationPreferencesState {
        let mut state = NotificationPreferencesState::usual(Id::from_uuid(Uuid::nil()));
        state.channels.insert(NoticeKind::Assessment, Channels { in_app: true, email });
        state.quiet_hours = quiet.map(|(from, until)| QuietHours { from, until });
        state
    }

    /// Berlin in the spring and the autumn of 2026.
    fn berlin(around: &str) -> Offsets {
        if around.starts_with("2026-03") {
            Offsets::new(offset!(+1), vec![(at("2026-03-29T01:00:00Z"), offset!(+2))])
        } else {
            Offsets::new(offset!(+2), vec![(at("2026-10-25T01:00:00Z"), offset!(+1))])
        }
    }

    #[test]
    fn every_choice_has_its_time() {
        use MailTime::{Never, Now, Scheduled};
        use NoticePriority::{Normal, Urgent};
        let night = Some((time!(22:00), time!(07:00)));
        let cases = [
            (MailChoice::Off, None, Normal, Never),
            (MailChoice::Off, night, Urgent, Never),
            (MailChoice::Instant, None, Normal, Now),
            (MailChoice::Instant, None, Urgent, Now),
            (MailChoice::Instant, night, Normal, Scheduled),
            (MailChoice::Instant, night, Urgent, Now),
            (MailChoice::Digest, None, Normal, Scheduled),
            (MailChoice::Digest, None, Urgent, Now),
            (MailChoice::Digest, night, Normal, Scheduled),
            (MailChoice::Digest, night, Urgent, Now),
        ];
        for (email, quiet, priority, expected) in cases {
            let found = preferences(email, quiet).mail_time(NoticeKind::Assessment, priority);
            assert_eq!(found, expected, "{email:?} {quiet:?} {priority:?}");
        }
    }

    #[test]
    fn digests_come_once_a_day_whatever_clocks_do() {
        let daily = |hour, now: &str| {
            let digest = Digest { interval: DigestInterval::Daily, hour };
            digest.next(at(now), &berlin(now)).to_string()
        };
        assert_eq!(daily(8, "2026-03-27T06:59:59Z"), "2026-03-27T07:00:00Z");
        assert_eq!(daily(8, "2026-03-27T07:00:00Z"), "2026-03-28T07:00:00Z", "it is on its way");
        assert_eq!(daily(8, "2026-03-28T07:00:00Z"), "2026-03-29T06:00:00Z", "23 hours later");
        assert_eq!(daily(2, "2026-03-28T12:00:00Z"), "2026-03-29T01:00:00Z", "two o'clock is skipped");
        assert_eq!(daily(2, "2026-10-24T12:00:00Z"), "2026-10-25T00:00:00Z", "two o'clock comes twice");
        assert_eq!(daily(2, "2026-10-25T00:00:00Z"), "2026-10-26T01:00:00Z");
        assert_eq!(daily(2, "2026-10-25T00:30:00Z"), "2026-10-26T01:00:00Z");
        assert_eq!(daily(0, "2026-10-25T22:59:00Z"), "2026-10-25T23:00:00Z", "midnight is the next day's");
    }

    #[test]
    fn weekly_digests_come_on_mondays_of_the_zone() {
        let weekly = |hour, now: &str, offset| {
            let digest = Digest { interval: DigestInterval::Weekly, hour };
            digest.next(at(now), &Offsets::new(offset, Vec::new())).to_string()
        };
        // 30 November 2026 is a Monday.
        assert_eq!(weekly(8, "2026-11-24T00:00:00Z", offset!(UTC)), "2026-11-30T08:00:00Z");
        assert_eq!(weekly(8, "2026-11-30T08:00:00Z", offset!(UTC)), "2026-12-07T08:00:00Z");
        assert_eq!(weekly(1, "2026-11-29T09:00:00Z", offset!(+14)), "2026-11-29T11:00:00Z");
        assert_eq!(weekly(23, "2026-11-30T12:00:00Z", offset!(-12)), "2026-12-01T11:00:00Z");
    }

    #[test]
    fn quiet_hours_end_at_their_end() {
        let end = |quiet: (Time, Time), now: &str| {
            let state = preferences(MailChoice::Instant, Some(quiet));
            state.scheduled(NoticeKind::Assessment, at(now), &berlin(now)).to_string()
        };
        let night = (time!(22:00), time!(07:00));
        assert_eq!(end(night, "2026-03-27T12:00:00Z"), "2026-03-27T12:00:00Z", "outside");
        assert_eq!(end(night, "2026-03-27T21:00:00Z"), "2026-03-28T06:00:00Z", "over midnight");
        assert_eq!(end(night, "2026-03-28T21:30:00Z"), "2026-03-29T05:00:00Z", "an hour shorter");
        assert_eq!(end(night, "2026-10-24T22:30:00Z"), "2026-10-25T06:00:00Z", "an hour longer");
        let noon = (time!(12:00), time!(14:00));
        assert_eq!(end(noon, "2026-03-27T11:00:00Z"), "2026-03-27T13:00:00Z", "their first moment is quiet");
        assert_eq!(end(noon, "2026-03-27T13:00:00Z"), "2026-03-27T13:00:00Z", "their last is not");
        assert_eq!(end((time!(12:00), time!(12:00)), "2026-03-27T11:00:00Z"), "2026-03-27T11:00:00Z", "none");
        let early = (time!(01:00), time!(02:30));
        assert_eq!(end(early, "2026-03-29T00:30:00Z"), "2026-03-29T01:30:00Z", "02:30 is skipped");
        assert_eq!(end(early, "2026-10-25T00:10:00Z"), "2026-10-25T01:30:00Z", "02:30 comes twice");
    }

    #[test]
    fn a_digest_within_quiet_hours_waits_for_their_end() {
        let mut state = preferences(MailChoice::Digest, Some((time!(22:00), time!(09:15))));
        state.digest = Digest { interval: DigestInterval::Daily, hour: 8 };
        let now = "2026-03-27T12:00:00Z";
        let due = state.scheduled(NoticeKind::Assessment, at(now), &berlin(now));
        assert_eq!(due, at("2026-03-28T08:15:00Z"));
    }
}
