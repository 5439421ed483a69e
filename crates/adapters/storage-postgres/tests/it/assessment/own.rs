//! What a person's own scope reaches: their sessions, to read and to lock; their answers, to keep; nothing else.

use assessment_engine::{Assignment, InterviewSessionId};
use assessment_format::{Slug, session::Event};
use kernel::{EmailAddress, Scope, StoreError, invitation::Invitee};

use super::{World, kept, session, try_sql, within};
use crate::support::{id, noon};

#[tokio::test]
async fn a_person_sees_and_locks_his_own_sessions_alone() {
    let world = World::new().await;
    let fixture = world.ask(world.north, 1, 100).await;
    let of_one = world.take(&fixture, 1, 200).await;
    let of_two = world.take(&fixture, 2, 300).await;
    let item = Slug::new("s1").expect("an item");
    let mut unit = world.begin(Scope::Account(id(2))).await;
    for (session, own) in [(&of_one, false), (&of_two, true)] {
        let found = unit.interview_session(session.id).await.expect("read");
        assert_eq!(found.as_ref(), own.then_some(session));
        let shared = unit.interview_session_for_answer(session.id).await.expect("read");
        assert_eq!(shared.as_ref(), own.then_some(session));
        let locked = unit.interview_session_for_update(session.id).await.expect("read");
        assert_eq!(locked.as_ref(), own.then_some(session));
    }
    assert_eq!(unit.save_answer(&of_two, &item, &kept(1, 4)).await.expect("kept"), None);
    let answers = unit.answers(of_two.id).await.expect("read");
    assert_eq!(answers.stored(&item), Some(&kept(1, 4)));
    let stolen = unit.save_answer(&of_one, &item, &kept(1, 5)).await;
    assert!(matches!(stolen, Err(StoreError::OutOfScope)), "{stolen:?}");
}

#[tokio::test]
async fn a_person_changes_nothing_of_a_session_but_its_answers() {
    let world = World::new().await;
    let fixture = world.ask(world.north, 1, 100).await;
    let mut session = world.take(&fixture, 2, 200).await;
    let (tenant, account) = (String::new(), id::<()>(2).to_string());
    for (sql, reached) in [
        ("UPDATE assessment.interview_sessions SET status = status", Err("42501")),
        ("UPDATE assessment.interview_sessions SET deadline = NULL", Err("42501")),
        ("UPDATE assessment.interview_sessions SET account_id = NULL", Err("42501")),
        ("DELETE FROM assessment.interview_sessions", Err("42501")),
        ("DELETE FROM assessment.session_answers", Err("42501")),
        ("INSERT INTO assessment.session_turns DEFAULT VALUES", Err("42501")),
        ("SELECT FROM assessment.session_ratings", Err("42501")),
        ("SELECT FROM assessment.custom_assessment_results", Err("42501")),
        // The trigger writes the time, whatever is written.
        ("UPDATE assessment.interview_sessions SET updated_at = 'infinity'", Ok(1)),
    ] {
        let mut app = within(&world.database, "account", &tenant, &account).await;
        let reached = reached.map_err(ToOwned::to_owned);
        assert_eq!(try_sql(&mut app, sql).await, reached, "{sql}");
        if reached.is_ok() {
            let forever = "SELECT FROM assessment.interview_sessions WHERE updated_at = 'infinity'";
            assert_eq!(try_sql(&mut app, forever).await, Ok(0));
        }
    }
    session.link(id(2), noon());
    let mut unit = world.begin(Scope::Account(id(2))).await;
    let refused = unit.save_interview_session(&mut session).await;
    assert!(matches!(refused, Err(StoreError::OutOfScope)), "{refused:?}");
}

#[tokio::test]
async fn what_a_guest_said_is_his_once_his_account_is_known() {
    let world = World::new().await;
    let fixture = world.ask(world.north, 1, 100).await;
    let member = world.take(&fixture, 2, 200).await;
    // Asked by address, the guest answers in the organisation's scope.
    let address = EmailAddress::new("guest@example.org").expect("an address");
    let invitee = Invitee::address(address, None);
    let mut assignment = Assignment::assign(id(400), world.north, fixture.campaign, invitee, None, noon());
    let mut guest = session(&fixture, id(401), 400, None);
    guest.happen(&Event::Start, Vec::new(), noon()).expect("it begins");
    let item = Slug::new("s1").expect("an item");
    let mut unit = world.begin(Scope::Tenant(world.north)).await;
    unit.save_assignment(&mut assignment).await.expect("saved");
    unit.save_interview_session(&mut guest).await.expect("saved");
    assert_eq!(unit.save_answer(&guest, &item, &kept(1, 3)).await.expect("kept"), None);
    unit.commit().await.expect("committed");

    let read = async |session: InterviewSessionId| {
        let mut unit = world.begin(Scope::Account(id(1))).await;
        unit.answers(session).await.expect("read").iter().count()
    };
    assert_eq!(read(guest.id).await, 0);
    guest.link(id(1), noon());
    let mut unit = world.begin(Scope::Tenant(world.north)).await;
    unit.save_interview_session(&mut guest).await.expect("saved");
    unit.commit().await.expect("committed");
    assert_eq!((read(guest.id).await, read(member.id).await), (1, 0));

    guest.forget(noon());
    let mut unit = world.begin(Scope::Tenant(world.north)).await;
    unit.save_interview_session(&mut guest).await.expect("saved");
    unit.commit().await.expect("committed");
    assert_eq!(read(guest.id).await, 0);
}
