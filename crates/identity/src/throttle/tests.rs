use super::*;
use AttemptOutcome::{Failed, Succeeded, Undecided};

fn at(seconds: u64) -> Timestamp {
    Timestamp::EPOCH.plus(Duration::from_secs(seconds))
}

fn address(account: u32) -> ThrottleRule {
    ThrottleRule::Address { account: format!("account:{account}"), limits: AddressLimits::default() }
}

fn reserve(counter: &mut Counter, rule: ThrottleRule, seconds: u64) -> Verdict {
    counter.step(&Step::Reserve(rule), at(seconds))
}

fn settle(counter: &mut Counter, rule: ThrottleRule, outcome: AttemptOutcome, seconds: u64) {
    counter.step(&Step::Settle { rule, reserved_at: at(seconds), outcome }, at(seconds));
}

/// An attempt that is over at once, if it may be made at all.
fn attempt(counter: &mut Counter, rule: ThrottleRule, outcome: AttemptOutcome, seconds: u64) -> Verdict {
    let verdict = reserve(counter, rule.clone(), seconds);
    if verdict == Verdict::Free {
        settle(counter, rule, outcome, seconds);
    }
    verdict
}

/// Fifteen accounts fail, which bans. Returns how long.
fn ban(counter: &mut Counter, seconds: u64) -> u64 {
    for account in 0..15 {
        assert_eq!(
            attempt(counter, address(account), Failed, seconds),
            Verdict::Free,
            "{account} at {seconds}"
        );
    }
    let until = counter.locked_at(at(seconds)).expect("fifteen are too many");
    assert_eq!(reserve(counter, address(99), seconds), Verdict::Locked { until });
    until.since(at(seconds)).as_secs()
}

#[test]
fn five_guesses_are_free_then_the_wait_doubles_up_to_a_quarter_hour() {
    let mut counter = Counter::fresh(at(0));
    let mut guess = |seconds| attempt(&mut counter, ThrottleRule::Subject, Failed, seconds);
    for _ in 0..6 {
        assert_eq!(guess(0), Verdict::Free);
    }
    let (mut now, mut waits) = (0, Vec::new());
    for _ in 0..11 {
        let Verdict::Locked { until } = guess(now) else { panic!("a guess at {now} waits") };
        waits.push(until.since(at(now)).as_secs());
        now = until.since(at(0)).as_secs();
        assert_eq!(guess(now), Verdict::Free);
    }
    assert_eq!(waits, [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
    settle(&mut counter, ThrottleRule::Subject, Succeeded, now);
    assert_eq!(counter, Counter::fresh(at(now)), "the right password forgives all");
}

#[test]
fn parallel_guesses_at_an_account_cannot_pass_the_limit() {
    let mut counter = Counter::fresh(at(0));
    let free = |counter: &mut Counter, seconds| {
        (0..50).filter(|_| reserve(counter, ThrottleRule::Subject, seconds) == Verdict::Free).count()
    };
    assert_eq!(free(&mut counter, 0), 6, "the free ones and the one that locks");
    assert_eq!(counter.locked_until, None, "what is under way is no failure");
    for _ in 0..6 {
        settle(&mut counter, ThrottleRule::Subject, Failed, 0);
    }
    assert_eq!(free(&mut counter, 1), 0, "locked");
    assert_eq!(free(&mut counter, 2), 1, "then one at a time");
}

#[test]
fn an_attempt_that_nobody_settles_holds_its_place_for_a_quarter_minute() {
    let mut counter = Counter::fresh(at(0));
    while reserve(&mut counter, ThrottleRule::Subject, 0) == Verdict::Free {}
    assert_eq!(reserve(&mut counter, ThrottleRule::Subject, 14), Verdict::Busy);
    assert_eq!(reserve(&mut counter, ThrottleRule::Subject, 15), Verdict::Free);
    assert_eq!(counter.count, 0);
}

#[test]
fn what_was_never_decided_counts_for_nothing_and_forgives_nothing() {
    for rule in [ThrottleRule::Subject, address(1)] {
        let mut counter = Counter::fresh(at(0));
        attempt(&mut counter, rule.clone(), Failed, 0);
        let before = counter.clone();
        for _ in 0..50 {
            assert_eq!(attempt(&mut counter, rule.clone(), Undecided, 0), Verdict::Free);
        }
        assert_eq!(counter, before);
    }
}

#[test]
fn a_subject_is_forgotten_after_a_day_without_an_attempt() {
    let mut counter = Counter::fresh(at(0));
    for _ in 0..5 {
        attempt(&mut counter, ThrottleRule::Subject, Failed, 0);
    }
    attempt(&mut counter, ThrottleRule::Subject, Undecided, 86_400);
    assert_eq!(counter.count, 0);
}

#[test]
fn fifteen_failures_ban_an_address_for_minutes_twice_as_long_each_time_up_to_an_hour() {
    let (mut counter, mut now, mut lasted) = (Counter::fresh(at(0)), 0, Vec::new());
    for _ in 0..6 {
        let seconds = ban(&mut counter, now);
        lasted.push(seconds / 60);
        now += seconds;
    }
    assert_eq!(lasted, [5, 10, 20, 40, 60, 60]);
    assert_eq!(ban(&mut counter, now + 3600) / 60, 5, "an hour without a ban makes the next one a first one");
}

#[test]
fn an_address_weighs_accounts_and_not_attempts_and_for_ten_minutes_each() {
    let mut counter = Counter::fresh(at(0));
    for seconds in 0..100 {
        assert_eq!(attempt(&mut counter, address(1), Failed, seconds), Verdict::Free, "one account");
    }
    for account in 20..100 {
        let seconds = 600 * u64::from(account) / 14;
        assert_eq!(attempt(&mut counter, address(account), Failed, seconds), Verdict::Free, "{account}");
    }
}

#[test]
fn the_right_password_takes_its_account_off_the_address_and_no_other() {
    let mut counter = Counter::fresh(at(0));
    for account in 0..300 {
        assert_eq!(attempt(&mut counter, address(account), Failed, 0), Verdict::Free, "mistyped once");
        assert_eq!(attempt(&mut counter, address(account), Succeeded, 0), Verdict::Free);
    }
    for account in 0..15 {
        attempt(&mut counter, address(account), Failed, 1);
        attempt(&mut counter, address(300), Succeeded, 1);
    }
    assert!(counter.locked_at(at(1)).is_some(), "an account of one's own forgives no others");
}

#[test]
fn many_right_passwords_at_once_are_no_failures_of_their_address() {
    let mut counter = Counter::fresh(at(0));
    for _ in 0..10 {
        for account in 0..30 {
            assert_eq!(reserve(&mut counter, address(account), 0), Verdict::Free);
        }
        assert_eq!(reserve(&mut counter, address(30), 0), Verdict::Busy);
        for account in 0..30 {
            settle(&mut counter, address(account), Succeeded, 0);
        }
    }
    assert_eq!(counter, Counter::fresh(at(0)));
}

#[test]
fn parallel_guesses_from_an_address_reach_44_accounts_before_the_ban() {
    let mut counter = Counter::fresh(at(0));
    let mut tried: Vec<u32> = (0..14).collect();
    for account in &tried {
        attempt(&mut counter, address(*account), Failed, 0);
    }
    let at_once = (14..500).filter(|account| reserve(&mut counter, address(*account), 0) == Verdict::Free);
    let at_once: Vec<u32> = at_once.collect();
    tried.extend(&at_once);
    for account in at_once {
        settle(&mut counter, address(account), Failed, 0);
    }
    assert_eq!((tried.len(), counter.count), (44, 1), "and they make one ban");
    assert_eq!(reserve(&mut counter, address(500), 1), Verdict::Locked { until: at(300) });
    assert_eq!(reserve(&mut counter, address(500), 300), Verdict::Free, "which has paid for all of them");
    assert_eq!(counter.failed, []);
}

#[test]
fn a_letter_of_an_organisation_waits_for_the_next_hour_and_locks_nothing() {
    let mut counter = Counter::fresh(at(0));
    let letter = |most| ThrottleRule::Letter { most };
    assert_eq!(reserve(&mut counter, letter(1), 0), Verdict::Free);
    assert_eq!(reserve(&mut counter, letter(1), 60), Verdict::Locked { until: at(3600) });
    assert_eq!((reserve(&mut counter, letter(2), 60), counter.locked_until), (Verdict::Free, None));
    assert_eq!(reserve(&mut counter, letter(2), 3599), Verdict::Locked { until: at(3600) });
    assert_eq!(reserve(&mut counter, letter(1), 3600), Verdict::Free);
}

#[test]
fn a_fourth_mail_within_the_hour_is_one_too_many() {
    let mut counter = Counter::fresh(at(0));
    let free = (0..4).filter(|n| reserve(&mut counter, ThrottleRule::Mail, 60 * n) == Verdict::Free).count();
    assert_eq!((free, counter.locked_until), (3, Some(at(3600))));
    assert_eq!(reserve(&mut counter, ThrottleRule::Mail, 3600), Verdict::Free);
}
