//! Rules of interview sessions: what is kept of them, and what the person who takes one may do in their own scope.

use assessment_engine::{
    DeliverySettings, InterviewSession, InterviewSessionState, Origin, Release, unit::SESSION,
};
use kernel::{Scope, StoreError, invitation::Invitee};

use super::{commit, samples::progresses};
use crate::{StorageUnderTest, accounts::round_trip, aggregate::Aggregate as _, world::World};

/// A session reads back as it was saved, as everything about it changed, at every stage, and with nothing in it
/// that may be missing.
pub async fn interview_session_round_trip(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let sample = world.interview_sample(&fixture, &people).await;
    round_trip(&world, sample.clone(), |session| {
        let bare = InterviewSessionState {
            account: None,
            style: None,
            rules: DeliverySettings::default().rules(&fixture.published.definition, None),
            release: Release::ByHand,
            raters: DeliverySettings::default().raters,
            progress: assessment_format::session::Progress::new(0),
            ..session.state().clone()
        };
        InterviewSession::restore(bare, session.version()).mark(world.tick())
    })
    .await;
    let mut session = world.again(&sample).await;
    for progress in progresses(world.now()) {
        let state = InterviewSessionState { progress, ..session.state().clone() };
        session = world.keep(InterviewSession::restore(state, session.version()).mark(world.tick())).await;
        assert_eq!(world.again(&session).await.shown(), session.shown(), "what was changed is what is read");
    }
    let coached = world.coached(&fixture, Invitee::member(people.bob)).await;
    let opened = world.session_state(&fixture, Origin::Coaching(coached.id), Some(people.bob));
    round_trip(&world, InterviewSession::open(opened, world.tick()), |session| {
        let mut begun = session.clone();
        begun
            .happen(&assessment_format::session::Event::Start, Vec::new(), world.tick())
            .expect("it can begin");
        begun
    })
    .await;
}

/// An assignment or a coaching session leads to one session, which is found by it.
pub async fn one_session_an_origin(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let coached = world.coached(&fixture, world.somebody()).await;
    let assigned = world.assigned(&fixture, world.somebody()).await;
    let origins = [
        Origin::Coaching(coached.id),
        Origin::Campaign { campaign: fixture.campaign.id, assignment: assigned.id },
    ];
    for origin in origins {
        let find = async || {
            let mut unit = world.within(people.north).await;
            unit.session_of(origin).await.expect("it can be read")
        };
        assert_eq!(find().await, None);
        let open = || InterviewSession::open(world.session_state(&fixture, origin, None), world.now());
        let first = world.keep(open()).await;
        assert_eq!(find().await, Some(first));
        let mut second = open();
        let duplicate = world.try_keep(second.scope(), &mut second).await;
        assert!(matches!(duplicate, Err(StoreError::Duplicate(SESSION))), "a second gets {duplicate:?}");
    }
}

/// A person reads a session of their own, locks it, and changes nothing in it; a guest's is theirs once it is known
/// that it is, with all that was said, and not any more when they had it forgotten.
pub async fn a_person_reads_a_session_of_his_own(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let mut session = world.begun(&fixture, None).await;
    let (answer, turn) =
        (super::answers::kept(1, 3, world.now()), super::answers::turn(1, "Hello", world.now()));
    let mut unit = world.within(people.north).await;
    unit.save_answer(&session, &super::assessment_fixture::item("d1"), &answer)
        .await
        .expect("an answer can be kept");
    unit.put_turn(&session, &turn).await.expect("a turn can be kept");
    commit(unit).await;
    let (id, origin) = (session.id, session.origin);
    let sees = async |scope: Scope| {
        let mut unit = world.assess(scope).await;
        let read = [
            unit.interview_session(id).await.expect("it can be asked").is_some(),
            unit.session_of(origin).await.expect("it can be asked").is_some(),
            unit.interview_session_for_answer(id).await.expect("it can be asked").is_some(),
            unit.interview_session_for_update(id).await.expect("it can be asked").is_some(),
            unit.answers(id).await.expect("they can be asked for").iter().next().is_some(),
            !unit.transcript(id).await.expect("it can be asked").turns().is_empty(),
        ];
        assert!(read.iter().all(|one| *one == read[0]), "{scope:?} sees all or nothing: {read:?}");
        unit.commit().await.expect("reading can be committed");
        read[0]
    };
    assert!(!sees(Scope::Account(people.bob)).await, "a guest's session is nobody's");
    session.link(people.bob, world.tick());
    let mut session = world.keep(session).await;
    assert!(sees(Scope::Account(people.bob)).await, "it is known that it is theirs");
    assert!(!sees(Scope::Account(people.ann)).await, "who runs it sees it in the organisation alone");
    let mut changed = session.clone();
    changed.touch(world.tick());
    let mut unit = world.assess(Scope::Account(people.bob)).await;
    let refused = unit.save_interview_session(&mut changed).await;
    drop(unit);
    assert!(matches!(refused, Err(StoreError::OutOfScope | StoreError::Stale)), "they get {refused:?}");
    assert_eq!(world.again(&session).await, session, "it is as it was");
    session.forget(world.tick());
    world.keep(session).await;
    assert!(!sees(Scope::Account(people.bob)).await, "it is nobody's again");
    assert!(sees(Scope::Tenant(people.north)).await);
}
