//! Rules of what is said in a session: answers, turns, ratings.

use assessment_engine::{InterviewSession, Origin};
use assessment_format::{
    Rater, Rating, Ratings, Reply, Slug,
    interview::{Purpose, QuestionId, Speaker, Turn},
    rating::{Quote, Source, Target},
    session::{Answers, StoredAnswer},
};
use kernel::{Scope, StoreError, Timestamp};
use serde_json::json;

use super::{
    assessment_fixture::{item, tenant},
    commit,
};
use crate::{
    StorageUnderTest,
    aggregate::Aggregate as _,
    isolation::others,
    samples::PROSE,
    world::{World, ctx},
};

/// A reply with one option, under this number.
pub(crate) fn kept(sequence: u64, option: u8, at: Timestamp) -> StoredAnswer {
    StoredAnswer { sequence, reply: Some(Reply::Option(option)), at }
}

/// Something the person says.
pub(crate) fn turn(number: u32, text: &str, at: Timestamp) -> Turn {
    Turn { number, by: Speaker::Person, text: text.to_owned(), at }
}

/// What somebody concluded, with this score in hundredths.
pub(crate) fn rating(hundredths: i32) -> Rating {
    let quote = |source| Quote { source, text: PROSE.to_owned() };
    let score = super::assessment_fixture::outcome([None, None], Some(hundredths), None).overall;
    Rating { score, evidence: vec![quote(Source::Turn(2)), quote(Source::Item(item("v3")))] }
}

impl World {
    /// Keeps an answer in a unit of its own.
    async fn answer(
        &self,
        scope: Scope,
        session: &InterviewSession,
        to: &Slug,
        answer: &StoredAnswer,
    ) -> Option<StoredAnswer> {
        let mut unit = self.assess(scope).await;
        let newer = unit.save_answer(session, to, answer).await.expect("an answer can be kept");
        commit(unit).await;
        newer
    }

    pub(super) async fn answers(&self, session: &InterviewSession) -> Answers {
        let mut unit = self.within(session.organization).await;
        unit.answers(session.id).await.expect("they can be read")
    }
}

/// An answer is kept unless one under the same or a higher number is there, which stays and is told.
pub async fn an_answer_is_kept_unless_a_newer_one_is_there(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let session = world.begun(&fixture, Some(people.bob)).await;
    let place = item("place");
    for scope in [tenant(&fixture), Scope::Account(people.bob)] {
        let begin = if scope == tenant(&fixture) { 0 } else { 100 };
        let now = world.tick();
        let (first, second) = (kept(begin, 1, now), kept(begin + 7, 2, now));
        let answer = async |answer: &StoredAnswer| world.answer(scope, &session, &place, answer).await;
        assert_eq!(answer(&first).await, None, "it is stored in {scope:?}");
        assert_eq!(answer(&first).await, Some(first.clone()), "it was there already");
        assert_eq!(answer(&second).await, None, "a higher number takes the place");
        assert_eq!(answer(&first).await, Some(second.clone()), "a lower one comes too late");
        assert_eq!(answer(&kept(begin + 7, 3, now)).await, Some(second.clone()), "one number, one reply");
        let back = StoredAnswer { sequence: begin + 8, reply: None, at: now };
        assert_eq!(answer(&back).await, None, "an answer can be taken back");
        assert_eq!(answer(&second).await, Some(back.clone()));
        assert_eq!(world.answers(&session).await.stored(&place), Some(&back));
    }
    let mut unit = world.within(people.north).await;
    let last = kept(Answers::MAX_SEQUENCE, 1, world.tick());
    assert_eq!(unit.save_answer(&session, &place, &last).await.expect("it can be kept"), None);
    let newer = unit.save_answer(&session, &place, &kept(200, 2, world.now())).await.expect("it can be kept");
    assert_eq!(newer.as_ref(), Some(&last), "the unit sees what it kept");
    drop(unit);
    let left = world.answers(&session).await.stored(&place).cloned();
    assert_eq!(left.map(|kept| kept.sequence), Some(108), "a dropped unit keeps nothing");
}

/// An answer is kept without reading its session where that is at the version that was seen, in the scopes that answer,
/// and unless a newer one is there.
pub async fn an_answer_is_kept_by_what_was_seen_of_its_session(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let session = world.begun(&fixture, Some(people.bob)).await;
    let place = item("place");
    let keep = async |scope, session: &InterviewSession, answer: &StoredAnswer| {
        storage.answers.keep_answer(&ctx(scope), session, &place, answer).await.expect("it can be tried")
    };
    let mut sequence = 0;
    for scope in [tenant(&fixture), Scope::Account(people.bob)] {
        let first = kept(sequence + 7, 1, world.tick());
        // The first time a statement is prepared, and later ones travel in one flight.
        for step in 0..9 {
            let next = StoredAnswer { sequence: first.sequence + step, ..first.clone() };
            assert!(keep(scope, &session, &next).await, "a newer one in {scope:?}");
        }
        assert!(
            !keep(scope, &session, &kept(sequence + 7, 2, world.now())).await,
            "a lower one comes too late"
        );
        sequence += 15;
        let stays = StoredAnswer { sequence, ..first };
        assert!(!keep(scope, &session, &kept(sequence, 2, world.now())).await, "the same is there");
        assert_eq!(world.answers(&session).await.stored(&place), Some(&stays), "in {scope:?}");
    }
    let before = world.answers(&session).await;
    let newer = kept(99, 3, world.tick());
    for scope in others(&world, &people, &[tenant(&fixture), Scope::Account(people.bob)]) {
        assert!(!keep(scope, &session, &newer).await, "in {scope:?}");
    }
    let mut changed = session.clone();
    changed.allow(5, world.tick());
    let changed = world.keep(changed).await;
    for scope in [tenant(&fixture), Scope::Account(people.bob)] {
        assert!(!keep(scope, &session, &newer).await, "the session was changed since it was seen");
    }
    assert_eq!(format!("{:?}", world.answers(&session).await), format!("{before:?}"));
    assert!(keep(tenant(&fixture), &changed, &newer).await);
    let back = StoredAnswer { sequence: 100, reply: None, at: world.tick() };
    assert!(keep(Scope::Account(people.bob), &changed, &back).await, "an answer can be taken back");
    assert_eq!(world.answers(&session).await.stored(&place), Some(&back));
}

/// Nothing is added to a session before it began and after it ended, in whichever scope.
pub async fn nothing_is_said_outside_a_session(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let mut ended = world.begun(&fixture, Some(people.bob)).await;
    ended.touch(world.tick());
    let assignment = world.assigned(&fixture, world.somebody()).await;
    let origin = Origin::Campaign { campaign: assignment.campaign, assignment: assignment.id };
    let waiting =
        InterviewSession::open(world.session_state(&fixture, origin, Some(people.bob)), world.tick());
    for session in [world.keep(ended).await, world.keep(waiting).await] {
        for scope in [tenant(&fixture), Scope::Account(people.bob)] {
            let (place, answer) = (item("place"), kept(1, 1, world.tick()));
            let at_once = storage.answers.keep_answer(&ctx(scope), &session, &place, &answer).await;
            assert!(!at_once.expect("it can be tried"), "in {scope:?}");
            let mut unit = storage.assessment_store.begin(&ctx(scope)).await.expect("a unit can be begun");
            let saved = unit.save_answer(&session, &place, &answer).await;
            assert!(matches!(saved, Err(StoreError::Stale)), "an answer in {scope:?} gets {saved:?}");
        }
        let said = world.within(people.north).await.put_turn(&session, &turn(1, "So.", world.now())).await;
        assert!(matches!(said, Err(StoreError::Stale)), "a turn gets {said:?}");
        assert_eq!(world.answers(&session).await.iter().count(), 0);
    }
}

/// Every kind of reply reads back as it was given, by item; each session has its own.
pub async fn answers_read_back_as_they_were_given(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let (session, other) = (world.begun(&fixture, None).await, world.begun(&fixture, None).await);
    let number = serde_json::from_value(json!({ "number": -12.75 })).expect("a reply");
    let replies = [
        Some(Reply::Step(5)),
        Some(Reply::Option(2)),
        Some(Reply::Options(vec![1, 3, 20])),
        Some(Reply::Options(Vec::new())),
        Some(number),
        Some(Reply::Text(PROSE.to_owned())),
        None,
    ];
    let mut expected = Vec::new();
    let mut unit = world.within(people.north).await;
    for (place, reply) in replies.into_iter().enumerate().rev() {
        let (to, at) = (item(&format!("item-{place}")), world.tick());
        let answer = StoredAnswer { sequence: place as u64, reply, at };
        assert_eq!(unit.save_answer(&session, &to, &answer).await.expect("it can be kept"), None);
        expected.push((to, answer));
    }
    let expected: Answers = expected.into_iter().collect();
    assert_eq!(unit.answers(session.id).await.expect("they can be read"), expected, "the unit reads its own");
    commit(unit).await;
    assert_eq!(world.answers(&session).await, expected);
    assert_eq!(world.answers(&other).await, Answers::default(), "each session has its own");
}

/// What was said comes back in order, whichever came first, word for word. Another turn of one number is `Stale`.
pub async fn a_transcript_is_in_order(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let session = world.begun(&fixture, None).await;
    let question = || QuestionId { dimension: item("direction"), number: 1 };
    let purposes =
        [Purpose::Opening, Purpose::Question(question()), Purpose::FollowUp(question()), Purpose::Closing];
    let mut turns = Vec::new();
    for purpose in purposes {
        for by in [Speaker::Interviewer(purpose), Speaker::Person] {
            let number = u32::try_from(turns.len()).expect("a few turns") + 1;
            turns.push(Turn { number, by, text: format!("{number} {PROSE}"), at: world.tick() });
        }
    }
    let long = "ü".repeat(10_000);
    turns.push(turn(9, &long, world.tick()));
    turns.push(turn(10, "x", world.tick()));
    let mut unit = world.within(people.north).await;
    for turn in turns.iter().rev() {
        unit.put_turn(&session, turn).await.expect("a turn can be kept");
    }
    let own = unit.transcript(session.id).await.expect("it can be read");
    assert_eq!(own.turns(), turns, "the unit reads its own");
    commit(unit).await;
    let mut unit = world.within(people.north).await;
    let again = unit.put_turn(&session, &turn(3, "something else", world.now())).await;
    assert!(matches!(again, Err(StoreError::Stale)), "a second turn 3 gets {again:?}");
    drop(unit);
    let mut unit = world.within(people.north).await;
    assert_eq!(unit.transcript(session.id).await.expect("it can be read").turns(), turns);

    // Both are open before either is committed. An adapter may let the second wait for the first.
    let mut first = world.within(people.north).await;
    first.put_turn(&session, &turn(11, "first", world.now())).await.expect("a turn can be kept");
    let (other, of, now) = (storage.clone(), session.clone(), world.now());
    let second = tokio::spawn(async move {
        let mut unit = World::of(&other).within(of.organization).await;
        unit.put_turn(&of, &turn(11, "second", now)).await?;
        unit.commit().await
    });
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    let results = [first.commit().await, second.await.expect("it does not panic")];
    let one = matches!(results, [Ok(()), Err(StoreError::Stale)] | [Err(StoreError::Stale), Ok(())]);
    assert!(one, "one of them is turn 11: {results:?}");
}

/// A rating takes the place of that by the same rater of the same target, and of no other.
pub async fn a_rating_replaces_that_of_its_rater(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let (session, other) = (world.begun(&fixture, None).await, world.begun(&fixture, None).await);
    let target =
        |dimension: &str, of: Option<&str>| Target { dimension: item(dimension), item: of.map(item) };
    let targets = [target("direction", None), target("delivery", None), target("delivery", Some("v3"))];
    let raters = [
        Rater::Person(people.ann),
        Rater::Person(people.bob),
        Rater::Model(people.ann.to_string()),
        Rater::Model("Größe “2”, v1".to_owned()),
    ];
    let none = Rating { score: None, evidence: Vec::new() };
    let mut expected = Vec::new();
    for (round, base) in [(0, 100), (1, 200)] {
        let mut unit = world.within(people.north).await;
        expected.clear();
        for (place, of) in targets.iter().enumerate() {
            for (number, rater) in raters.iter().enumerate() {
                let hundredths = base + i32::try_from(10 * place + number).expect("a small number");
                // The last ones stay as they were.
                let last = round == 1 && number == 3;
                let given = if last { rating(hundredths - 100) } else { rating(hundredths) };
                let given = if number == 2 { none.clone() } else { given };
                if !last {
                    let now = world.tick();
                    unit.save_rating(&session, of, rater, &given, now).await.expect("a rating can be kept");
                }
                expected.push((of.clone(), rater.clone(), given));
            }
        }
        let expected: Ratings = expected.iter().cloned().collect();
        assert_eq!(
            unit.ratings(session.id).await.expect("they can be read"),
            expected,
            "the unit reads its own"
        );
        commit(unit).await;
        let mut unit = world.within(people.north).await;
        assert_eq!(unit.ratings(session.id).await.expect("they can be read"), expected);
        assert_eq!(unit.ratings(other.id).await.expect("they can be read"), Ratings::default());
    }
}

/// What was said in a session can be forgotten whole, and nothing else with it.
pub async fn what_was_said_can_be_forgotten(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let (session, other) = (world.begun(&fixture, Some(people.bob)).await, world.begun(&fixture, None).await);
    let target = Target { dimension: item("direction"), item: None };
    for of in [&session, &other] {
        let mut unit = world.within(people.north).await;
        let now = world.tick();
        unit.save_answer(of, &item("d1"), &kept(1, 1, now)).await.expect("an answer can be kept");
        unit.save_answer(of, &item("d2"), &kept(1, 2, now)).await.expect("an answer can be kept");
        unit.put_turn(of, &turn(1, "Hello", now)).await.expect("a turn can be kept");
        unit.save_rating(of, &target, &Rater::Person(people.ann), &rating(100), now).await.expect("a rating");
        commit(unit).await;
    }
    let left = async |of: &InterviewSession| {
        let mut unit = world.within(people.north).await;
        let answers = unit.answers(of.id).await.expect("they can be read").iter().count();
        let turns = unit.transcript(of.id).await.expect("it can be read").turns().len();
        (answers, turns, unit.ratings(of.id).await.expect("they can be read").iter().count())
    };
    let mut unit = world.within(people.north).await;
    unit.erase_responses(session.id).await.expect("they can be forgotten");
    assert!(unit.transcript(session.id).await.expect("it can be read").turns().is_empty());
    drop(unit);
    assert_eq!(left(&session).await, (2, 1, 1), "a dropped unit forgets nothing");
    let mut unit = world.within(people.north).await;
    unit.erase_responses(session.id).await.expect("they can be forgotten");
    commit(unit).await;
    assert_eq!(left(&session).await, (0, 0, 0));
    assert_eq!(left(&other).await, (2, 1, 1), "another session keeps its own");
    assert_eq!(world.again(&session).await, session, "the session stays");
}
