use std::collections::{BTreeMap, BTreeSet};

use kernel::Offsets;
use proptest::{collection::vec, prelude::*, sample::subsequence};
use time::macros::offset;

use super::*;
use crate::fault::tests::refused;

const HOUR: i64 = 3600;

fn hours(list: &[(i64, i64)]) -> Spans {
    list.iter().filter_map(|(from, until)| Span::new(from * HOUR, until * HOUR)).collect()
}

fn pool(members: &[u8], needed: usize) -> Pool<u8> {
    Pool { members: members.to_vec(), needed }
}

fn utc() -> Offsets {
    Offsets::new(offset!(+0), Vec::new())
}

/// Meetings of an hour on full hours of the first ten.
fn hourly(panel: &Panel<u8>, free: &[(u8, Spans)]) -> Vec<Meeting<u8>> {
    let times = Times::new(Span::new(0, 10 * HOUR).unwrap(), 60, 60, &utc()).unwrap();
    panel.meetings(&free.iter().cloned().collect(), &times)
}

#[test]
fn who_is_in_two_pools_takes_the_seat_that_nobody_else_can() {
    // 1 is asked first for the first pool, and is the only one for the second.
    let panel = Panel::new(vec![], vec![pool(&[1, 2], 1), pool(&[1, 3], 1)], vec![]).unwrap();
    let free = [(1, hours(&[(0, 2)])), (2, hours(&[(0, 2)])), (3, hours(&[(1, 2)]))];
    let found: Vec<Vec<Vec<u8>>> = hourly(&panel, &free).into_iter().map(|meeting| meeting.pools).collect();
    assert_eq!(found, [vec![vec![2], vec![1]], vec![vec![1], vec![3]]]);
}

#[test]
fn a_panel_needs_a_room_and_all_who_are_required() {
    let panel = Panel::new(vec![1, 2], vec![], vec![8, 9]).unwrap();
    let free =
        [(1, hours(&[(0, 4)])), (2, hours(&[(1, 9)])), (8, hours(&[(3, 9)])), (9, hours(&[(0, 2), (3, 4)]))];
    let found: Vec<(i64, Option<u8>)> = hourly(&panel, &free)
        .into_iter()
        .map(|meeting| (meeting.span.start() / HOUR, meeting.room))
        .collect();
    assert_eq!(found, [(1, Some(9)), (3, Some(8))]);
    assert_eq!(hourly(&panel, &free[1..]), [], "nobody knows when the first is free");
    assert_eq!(panel.resources().collect::<Vec<_>>(), [1, 2, 8, 9]);
}

#[test]
fn starts_lie_on_the_clock_of_the_zone_and_begin_in_the_window() {
    let kolkata = Offsets::new(offset!(+5:30), Vec::new());
    let times = Times::new(Span::new(HOUR, 3 * HOUR).unwrap(), 90, 60, &kolkata).unwrap();
    let panel = Panel::new(vec![1], vec![], vec![]).unwrap();
    let starts = panel.meetings(&BTreeMap::from([(1, hours(&[(0, 9)]))]), &times);
    assert_eq!(starts.iter().map(|one| one.span.start() * 2 / HOUR).collect::<Vec<_>>(), [3, 5]);
    assert!(starts.iter().all(|one| one.room.is_none() && one.span.seconds() == 90 * 60));
}

#[test]
fn panels_that_are_wrong_are_refused_where_they_stand() {
    let made = |required: &[u8], pools: &[Pool<u8>], rooms: &[u8]| {
        refused(Panel::new(required.to_vec(), pools.to_vec(), rooms.to_vec()))
    };
    let told = |list: &[(&str, &str)]| -> Vec<(String, String)> {
        list.iter().map(|(pointer, detail)| ((*pointer).to_owned(), (*detail).to_owned())).collect()
    };
    let expected = [
        ("/required/1", "this is there already, at /required/0; take one of them out"),
        ("/pools/0/members/2", "this is there already, at /pools/0/members/0; take one of them out"),
        ("/pools/1/needed", "this is a number from 1 to 2"),
        ("/pools/2/needed", "this is a number from 1 to 1"),
        ("/pools/3/members", "there are at least 1"),
        ("/rooms/1", "this is there already, at /rooms/0; take one of them out"),
    ];
    let pools = [pool(&[1, 2, 1], 1), pool(&[1, 2], 3), pool(&[5], 0), pool(&[], 0)];
    assert_eq!(made(&[1, 1], &pools, &[9, 9]), told(&expected));
    assert_eq!(made(&[], &[], &[9]), told(&[("", "there are at least 1")]));
    let never = "even when all are free, there are not as many different people as these need; add members";
    assert_eq!(made(&[1], &[pool(&[1], 1)], &[]), told(&[("/pools", never)]));
    assert_eq!(made(&[], &[pool(&[1, 2], 1), pool(&[1, 2], 2)], &[]), told(&[("/pools", never)]));
    let many: Vec<u8> = (0..51).collect();
    assert_eq!(made(&many, &[], &[]), told(&[("", "there are at most 50")]));
    assert_eq!(made(&many[..26], &[pool(&many[26..], 1)], &[]), told(&[("", "there are at most 50")]));
    assert_eq!(made(&[60], &[], &many), told(&[("/rooms", "there are at most 50")]));
    let six: Vec<Pool<u8>> = (0..6).map(|member| pool(&[member], 1)).collect();
    assert_eq!(made(&[], &six, &[]), told(&[("/pools", "there are at most 5")]));
    assert!(Panel::new(many[..30].to_vec(), vec![pool(&many[30..50], 20)], many[..50].to_vec()).is_err());
    assert!(Panel::new(many[..30].to_vec(), vec![pool(&many[30..50], 20)], (100..150).collect()).is_ok());
    let window = Span::new(0, 1).unwrap();
    let times = refused(Times::new(window, 4, 45, &utc()));
    let expected = [
        ("/minutes", "this is a number from 5 to 1440"),
        ("/interval", "an interval of a panel divides 60, such as 15 or 30"),
    ];
    assert_eq!(times, told(&expected));
    let long = Span::new(0, 14 * 86_400 + 3601).unwrap();
    let later = "this is at most 14 days later than the beginning";
    assert_eq!(refused(Times::new(long, 60, 30, &utc())), told(&[("/until", later)]));
    assert!(Times::new(Span::new(1, 14 * 86_400 + 3601).unwrap(), 60, 30, &utc()).is_ok());
    for interval in [0, 4, 7, 120] {
        assert_eq!(refused(Times::new(window, 60, interval, &utc())).len(), 1, "{interval}");
    }
    let at = |hour: i64| Meeting {
        span: Span::new(hour, hour + 1).unwrap(),
        pools: Vec::<Vec<u8>>::new(),
        room: None,
    };
    assert_eq!(refused(days::<u8>(&[], &[window], 0)), told(&[("", "there are at least 1")]));
    assert_eq!(refused(days(&vec![vec![at(0)]; 7], &[window], 0)), told(&[("", "there are at most 6")]));
}

/// Whether seats can be filled, by trying everybody on each.
fn can_fill(seats: &[&[u8]], taken: &BTreeSet<u8>, free: &BTreeSet<u8>) -> bool {
    let [members, rest @ ..] = seats else { return true };
    members.iter().any(|member| {
        let is_there = free.contains(member) && !taken.contains(member);
        is_there && can_fill(rest, &taken.iter().copied().chain([*member]).collect(), free)
    })
}

fn drawn_panel() -> impl Strategy<Value = (Vec<u8>, Vec<Pool<u8>>, Vec<u8>)> {
    let people: Vec<u8> = (0..8).collect();
    let pools = (subsequence(people.clone(), 1..6), 1_usize..4)
        .prop_map(|(members, needed)| Pool { needed: needed.min(members.len()), members });
    (subsequence(people, 0..3), vec(pools, 0..4), subsequence(vec![20_u8, 21], 0..3))
}

/// Free spans on quarters of an hour of the first twelve hours.
fn drawn_free() -> impl Strategy<Value = Vec<(i64, i64)>> {
    vec((0_i64..48, 4_i64..20).prop_map(|(start, length)| (start, start + length)), 1..4)
}

/// Starts of meetings of an hour, by quarters.
fn drawn_interviews() -> impl Strategy<Value = Vec<BTreeSet<i64>>> {
    vec(proptest::collection::btree_set(0_i64..40, 1..7), 1..5)
}

/// Each order of the interviews, and each choice of their starts.
fn brute(
    left: &[BTreeSet<i64>],
    done: &mut Vec<usize>,
    end: Option<i64>,
    waiting: i64,
    first: i64,
    best: &mut Option<(i64, i64)>,
) {
    if done.len() == left.len() {
        let found = (waiting, first);
        *best = Some(best.map_or(found, |best| best.min(found)));
    }
    for interview in 0..left.len() {
        if done.contains(&interview) {
            continue;
        }
        for start in left[interview].iter().filter(|start| end.is_none_or(|end| **start > end)) {
            done.push(interview);
            let (gap, first) = end.map_or((0, *start), |end| (start - end, first));
            brute(left, done, Some(start + 4), waiting + gap, first, best);
            done.pop();
        }
    }
}

proptest! {
    #[test]
    fn a_panel_meets_when_each_seat_can_be_filled(
        (required, pools, rooms) in drawn_panel(),
        free in vec(drawn_free(), 10),
    ) {
        let quarter = HOUR / 4;
        let Ok(panel) = Panel::new(required.clone(), pools.clone(), rooms.clone()) else {
            let all: BTreeSet<u8> = (0..30).collect();
            let seats: Vec<&[u8]> =
                pools.iter().flat_map(|pool| vec![&*pool.members; pool.needed]).collect();
            let is_nobody = required.is_empty() && pools.is_empty();
            prop_assert!(is_nobody || !can_fill(&seats, &required.iter().copied().collect(), &all));
            return Ok(());
        };
        let who = (0..8).chain([20, 21]).zip(&free);
        let spans = |list: &[(i64, i64)]| {
            list.iter().filter_map(|(start, end)| Span::new(start * quarter, end * quarter)).collect::<Spans>()
        };
        let told: BTreeMap<u8, Spans> = who.clone().map(|(who, list)| (who, spans(list))).collect();
        let times = Times::new(Span::new(0, 12 * HOUR).unwrap(), 60, 15, &utc()).unwrap();
        let found = panel.meetings(&told, &times);
        let mut seats: Vec<&[u8]> = pools.iter().flat_map(|pool| vec![&*pool.members; pool.needed]).collect();
        seats.extend((!rooms.is_empty()).then_some(&*rooms));
        let mut left = found.iter();
        for start in 0..48_i64 {
            let is_free = |list: &[(i64, i64)]| {
                (start..start + 4).all(|at| list.iter().any(|(from, until)| (from..until).contains(&&at)))
            };
            let there: BTreeSet<u8> = who.clone().filter(|(_, list)| is_free(list)).map(|(who, _)| who).collect();
            let taken: BTreeSet<u8> = required.iter().copied().collect();
            if !taken.is_subset(&there) || !can_fill(&seats, &taken, &there) {
                continue;
            }
            let meeting = left.next().expect("a meeting is found whenever there can be one");
            prop_assert_eq!((meeting.span.start(), meeting.span.end()), (start * quarter, (start + 4) * quarter));
            let seated = meeting.pools.iter().flatten().chain(&meeting.room).chain(&required);
            prop_assert!(seated.clone().all(|who| there.contains(who)));
            prop_assert_eq!(seated.clone().count(), seated.collect::<BTreeSet<_>>().len(), "everybody sits once");
            for (pool, members) in pools.iter().zip(&meeting.pools) {
                prop_assert_eq!(members.len(), pool.needed);
                prop_assert!(members.iter().all(|member| pool.members.contains(member)));
            }
            prop_assert_eq!((meeting.pools.len(), meeting.room.is_some()), (pools.len(), !rooms.is_empty()));
        }
        prop_assert_eq!(left.next(), None);
    }

    #[test]
    fn days_have_least_waiting_in_any_order(starts in drawn_interviews()) {
        let quarter = HOUR / 4;
        let meeting = |start: &i64| Meeting {
            span: Span::new(start * quarter, (start + 4) * quarter).unwrap(),
            pools: Vec::<Vec<u8>>::new(),
            room: None,
        };
        let interviews: Vec<Vec<Meeting<u8>>> =
            starts.iter().map(|starts| starts.iter().map(meeting).collect()).collect();
        // Three days, of which the first two are short.
        let bounds = [(0, 20), (20, 44), (0, 44)];
        let days_of = bounds.map(|(from, until)| Span::new(from * quarter, until * quarter).unwrap());
        let found = days(&interviews, &days_of, 1).unwrap();
        let told: Vec<(i64, i64)> =
            found.iter().map(|plan| (plan.waiting / quarter, plan.interviews[0].1.span.start() / quarter)).collect();
        let mut expected: Vec<(i64, i64)> = bounds.iter().filter_map(|(from, until)| {
            let is_within = |start: &i64| from <= start && start + 4 <= *until;
            let of_day = |starts: &BTreeSet<i64>| starts.iter().copied().filter(is_within).collect();
            let of_day: Vec<BTreeSet<i64>> = starts.iter().map(of_day).collect();
            let mut best = None;
            brute(&of_day, &mut Vec::new(), None, 0, 0, &mut best);
            best
        }).collect();
        expected.sort_unstable();
        prop_assert_eq!(told, expected);
        for plan in &found {
            let kinds: BTreeSet<usize> = plan.interviews.iter().map(|(interview, _)| *interview).collect();
            prop_assert_eq!(kinds.len(), starts.len());
            prop_assert!(plan.interviews.iter().all(|(interview, meeting)| interviews[*interview].contains(meeting)));
            prop_assert!(plan.interviews.windows(2).all(|two| two[0].1.span.end() + 60 <= two[1].1.span.start()));
        }
    }
}
