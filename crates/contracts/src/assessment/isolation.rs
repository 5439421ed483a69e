//! Rules of scope: what lies outside is not there to read, and cannot be changed.

use std::fmt::Debug;

use assessment_engine::{
    AssessmentResult, Assignment, InterviewSession, MarketplaceStatus, Origin, Participation,
    reading::{AssessmentFilter, CampaignFilter, Figures, ResultFilter, TallyFilter},
};
use assessment_format::{Rater, rating::Target, summary::Tally};
use kernel::{Page, Scope, StoreError, Timestamp, invitation::Invitee};
use serde_json::json;

use super::{
    answers::{kept, rating, turn},
    assessment_fixture::{AssessmentFixture, item, outcome, run},
    commit,
};
use crate::{
    StorageUnderTest,
    isolation::{others, reaches},
    samples::email,
    world::{TestPeople, World, ctx, whole},
};

/// What belongs to an organisation is seen and changed within it alone; of its sessions each person reads their own.
pub async fn assessments_are_their_organizations(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let tenant = [Scope::Tenant(people.north)];
    reaches(&world, &people, world.assessment_sample(&people), &tenant).await;
    reaches(&world, &people, world.campaign_sample(&fixture), &tenant).await;
    reaches(&world, &people, world.assignment_sample(&fixture, &people), &tenant).await;
    reaches(&world, &people, world.coaching_sample(&fixture, &people), &tenant).await;
    reaches(&world, &people, world.result_sample(&fixture, &people).await, &tenant).await;
    let own = [Scope::Tenant(people.north), Scope::Account(people.bob)];
    reaches(&world, &people, world.interview_sample(&fixture, &people).await, &own).await;
}

/// What there is to be seen in the first organisation.
struct Secrets {
    people: TestPeople,
    fixture: AssessmentFixture,
    assignment: Assignment,
    session: InterviewSession,
    result: AssessmentResult,
    participation: Participation,
    target: Target,
    of: TallyFilter,
    now: Timestamp,
}

impl Secrets {
    async fn of(world: &World) -> Self {
        let people = world.people().await;
        let fixture = world.assessment_fixture(people.north, people.ann).await;
        let assignment = world.assigned(&fixture, Invitee::member(people.bob)).await;
        let session = world.begun_in(&fixture, &assignment, Some(people.bob)).await;
        let scores = outcome([Some(100), None], Some(100), Some(0));
        let result = world.keep(world.scored(&fixture, &session, scores)).await;
        let results = ResultFilter { assessment: fixture.assessment.id, campaign: None, run_by: None };
        let participation = Participation::of(people.bob, people.north, session.origin, world.now());
        let target = Target { dimension: item("direction"), item: None };
        let (of, now) = (TallyFilter { results, major: 1 }, world.now());
        let secrets = Self { people, fixture, assignment, session, result, participation, target, of, now };
        let mut unit = world.within(people.north).await;
        secrets.tell(&mut *unit, 1).await.into_iter().for_each(|told| told.expect("it can be told"));
        unit.replace_runs(&[(secrets.result.id, secrets.run(2))]).await.expect("it can be scored");
        commit(unit).await;
        secrets
    }

    fn run(&self, number: u32) -> assessment_engine::Run {
        run(number, &self.fixture.published, outcome([Some(7), None], Some(7), None), self.now)
    }

    /// Says something through every port that leaves no record, each time something else.
    async fn tell(&self, unit: &mut assessment_engine::Unit, time: u32) -> [Result<(), StoreError>; 6] {
        let (session, now) = (&self.session, self.now);
        let answer = kept(u64::from(time), 1, now);
        let rater = Rater::Person(self.people.ann);
        let rating = rating(i32::try_from(time).expect("a small number"));
        let carl = email("carl@example.org");
        let origin = Origin::Coaching(self.fixture.assessment.id.uuid().to_string().parse().expect("an id"));
        [
            unit.save_answer(session, &item("d1"), &answer).await.map(drop),
            unit.put_turn(session, &turn(time, "Hello", now)).await,
            unit.save_rating(session, &self.target, &rater, &rating, now).await,
            unit.save_disclosed_summary(&self.of, u64::from(time), &json!({ "time": time })).await,
            unit.put_participations(&[self.participation]).await,
            unit.put_pending_email_invitations(&[(carl, origin.invited(self.people.north))], now).await,
        ]
    }

    /// Everything a unit of the organisation sees.
    async fn seen(&self, world: &World) -> String {
        let mut unit = world.within(self.people.north).await;
        let (fixture, session) = (&self.fixture, self.session.id);
        let mut all: Vec<Box<dyn Debug>> = vec![
            Box::new(unit.custom_assessment(fixture.assessment.id).await),
            Box::new(unit.published_version(fixture.published.id).await),
            Box::new(unit.campaign(fixture.campaign.id).await),
            Box::new(unit.assignments_to_invite(fixture.campaign.id, 9).await),
            Box::new(unit.interview_session(session).await),
            Box::new(unit.answers(session).await),
            Box::new(unit.transcript(session).await),
            Box::new(unit.ratings(session).await),
            Box::new(unit.result(self.result.id).await),
            Box::new(unit.older_runs(self.result.id).await),
            Box::new(unit.disclosed_summary(&self.of).await),
        ];
        drop(unit);
        let mut worker = world.assess(Scope::Worker).await;
        all.push(Box::new(
            worker.pending_email_invitations(&email("carl@example.org"), &Origin::KINDS).await,
        ));
        drop(worker);
        let mut bob = world.assess(Scope::Account(self.people.bob)).await;
        all.push(Box::new(bob.participations(self.people.bob).await));
        format!("{all:#?}")
    }
}

fn found<T>(read: Result<T, StoreError>) -> T {
    read.expect("it can be asked, and nothing is found")
}

/// Refused, or without effect.
fn harmless<T: Debug>(scope: Scope, what: &str, done: &Result<T, StoreError>) -> bool {
    let refused = matches!(done, Err(StoreError::OutOfScope | StoreError::Stale));
    assert!(refused || done.is_ok(), "{what} in {scope:?} gets {done:?}");
    done.is_ok()
}

/// A unit of another scope finds nothing through any port.
pub async fn units_of_assessments_stay_in_scope(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let secrets = Secrets::of(&world).await;
    let Secrets { people, fixture, assignment, session, result, of, .. } = &secrets;
    let (assessment, published, campaign) = (&fixture.assessment, &fixture.published, fixture.campaign.id);
    for scope in others(&world, people, &[Scope::Tenant(people.north)]) {
        let mut unit = world.assess(scope).await;
        assert_eq!(found(unit.custom_assessment(assessment.id).await), None, "{scope:?}");
        let template = assessment_engine::TemplateName::Archetype;
        assert_eq!(found(unit.copy_of_template(people.north, template).await), None, "{scope:?}");
        assert!(found(unit.slugs_like(people.north, &assessment.slug).await).is_empty(), "{scope:?}");
        assert_eq!(found(unit.published_version(published.id).await), None, "{scope:?}");
        assert_eq!(found(unit.version_of(assessment.id, published.version).await), None, "{scope:?}");
        assert_eq!(found(unit.campaign(campaign).await), None, "{scope:?}");
        assert_eq!(found(unit.assignment(assignment.id).await), None, "{scope:?}");
        assert!(found(unit.assignments_to_invite(campaign, 9).await).is_empty(), "{scope:?}");
        assert!(found(unit.assignments_to_remind(campaign, secrets.now, 9).await).is_empty(), "{scope:?}");
        assert_eq!(found(unit.coaching_session(world.id()).await), None, "{scope:?}");
        assert_eq!(found(unit.result(result.id).await), None, "{scope:?}");
        assert_eq!(found(unit.result_of(session.id).await), None, "{scope:?}");
        assert!(found(unit.older_runs(result.id).await).is_empty(), "{scope:?}");
        assert_eq!(found(unit.disclosed_summary(of).await), None, "{scope:?}");
        assert_eq!(found(unit.ratings(session.id).await).iter().count(), 0, "{scope:?}");
        if scope != Scope::Account(people.bob) {
            assert_eq!(found(unit.interview_session(session.id).await), None, "{scope:?}");
            assert_eq!(found(unit.session_of(session.origin).await), None, "{scope:?}");
            assert_eq!(found(unit.interview_session_for_update(session.id).await), None, "{scope:?}");
            assert_eq!(found(unit.interview_session_for_answer(session.id).await), None, "{scope:?}");
            assert_eq!(found(unit.answers(session.id).await).iter().count(), 0, "{scope:?}");
            assert!(found(unit.transcript(session.id).await).turns().is_empty(), "{scope:?}");
            assert!(found(unit.participations(people.bob).await).is_empty(), "{scope:?}");
        }
        if scope != Scope::Worker {
            assert!(
                found(unit.pending_email_invitations(&email("carl@example.org"), &Origin::KINDS).await)
                    .is_empty(),
                "{scope:?}"
            );
        }
    }
    let mut tenant = world.within(people.north).await;
    assert!(found(tenant.participations(people.bob).await).is_empty(), "only the person sees what is theirs");
    assert!(
        found(tenant.pending_email_invitations(&email("carl@example.org"), &Origin::KINDS).await).is_empty(),
        "only the worker sees it"
    );
}

/// A unit of another scope changes nothing through any port.
pub async fn nothing_is_changed_from_another_scope(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let secrets = Secrets::of(&world).await;
    let Secrets { people, fixture, session, result, of, .. } = &secrets;
    let before = secrets.seen(&world).await;
    let bob = Scope::Account(people.bob);
    for scope in others(&world, people, &[Scope::Tenant(people.north)]) {
        // What fails is its unit's last, so that each has one of its own.
        for port in 0..6 {
            let mut unit = world.assess(scope).await;
            let told = secrets.tell_one(&mut *unit, port).await;
            // A person answers in a session of their own. A summary of another's assessment need not be found out.
            let may = scope == bob && port == 0 || matches!(scope, Scope::Tenant(_)) && port == 3;
            let refused = matches!(told, Err(StoreError::OutOfScope | StoreError::Stale));
            assert!(may || refused, "port {port} in {scope:?} gets {told:?}");
        }
        let mut unit = world.assess(scope).await;
        if harmless(scope, "forgetting words", &unit.erase_responses(session.id).await) {
            harmless(scope, "forgetting words", &unit.commit().await);
        }
        let mut unit = world.assess(scope).await;
        if harmless(
            scope,
            "forgetting summaries",
            &unit.delete_disclosed_summaries(fixture.assessment.id).await,
        ) {
            harmless(scope, "forgetting summaries", &unit.commit().await);
        }
        let mut unit = world.assess(scope).await;
        if unit.save_disclosed_summary(of, 9, &json!({})).await.is_ok() {
            commit(unit).await;
        }
        let mut unit = world.assess(scope).await;
        match unit.replace_runs(&[(result.id, secrets.run(3))]).await {
            Ok(replaced) => assert_eq!(replaced, 0, "{scope:?}"),
            refused => assert!(!harmless(scope, "a run", &refused)),
        }
        let mut unit = world.assess(scope).await;
        let again = assessment_engine::PublishedVersion { id: world.id(), ..fixture.published.clone() };
        let put = unit.put_published_version(&again).await;
        assert!(matches!(put, Err(StoreError::OutOfScope)), "a version in {scope:?} gets {put:?}");
        let mut deleted = fixture.assessment.clone();
        deleted.delete(world.now());
        let mut unit = world.assess(scope).await;
        let deleting = unit.delete_custom_assessment(&mut deleted).await;
        assert!(!harmless(scope, "deleting", &deleting), "{scope:?} deletes nothing");
        if scope != bob {
            let mut unit = world.assess(scope).await;
            let forgetting = unit.delete_participation(people.bob, secrets.participation.origin).await;
            if harmless(scope, "forgetting a participation", &forgetting) {
                harmless(scope, "forgetting a participation", &unit.commit().await);
            }
        }
        if scope != Scope::Worker {
            let mut unit = world.assess(scope).await;
            let forgetting =
                unit.delete_pending_email_invitations(&email("carl@example.org"), &Origin::KINDS).await;
            if harmless(scope, "forgetting an address", &forgetting) {
                harmless(scope, "forgetting an address", &unit.commit().await);
            }
        }
    }
    assert_eq!(secrets.seen(&world).await, before, "it is as it was");
}

impl Secrets {
    /// Says something else through one of the ports of [`Secrets::tell`].
    async fn tell_one(&self, unit: &mut assessment_engine::Unit, port: usize) -> Result<(), StoreError> {
        let (session, now) = (&self.session, self.now);
        let rater = Rater::Person(self.people.ann);
        let carl = email("carl@example.org");
        let origin = Origin::Coaching(assessment_engine::CoachingSessionId::from_uuid(self.result.id.uuid()));
        let participation = Participation { origin: self.result.id.uuid(), ..self.participation };
        match port {
            0 => unit.save_answer(session, &item("d1"), &kept(99, 2, now)).await.map(drop),
            1 => unit.put_turn(session, &turn(2, "Hello", now)).await,
            2 => unit.save_rating(session, &self.target, &rater, &rating(9), now).await,
            3 => unit.save_disclosed_summary(&self.of, 9, &json!({})).await,
            4 => unit.put_participations(&[participation]).await,
            _ => unit.put_pending_email_invitations(&[(carl, origin.invited(self.people.north))], now).await,
        }
    }
}

/// Listings are the worker's to keep, and nobody else's.
pub async fn listings_are_the_workers(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let listing = world.listing_sample(&fixture, MarketplaceStatus::Published);
    world.offer(&listing).await;
    let other = assessment_engine::Listing { publisher: "Mallory".to_owned(), ..listing.clone() };
    for scope in others(&world, &people, &[Scope::Worker]) {
        let mut unit = world.assess(scope).await;
        let put = unit.put_listing(&other).await;
        assert!(matches!(put, Err(StoreError::OutOfScope)), "a listing in {scope:?} gets {put:?}");
        let mut unit = world.assess(scope).await;
        if harmless(scope, "taking it away", &unit.remove_listing(listing.assessment).await) {
            harmless(scope, "taking it away", &unit.commit().await);
        }
    }
    let left = storage.assessments.listing(&ctx(Scope::Platform), listing.assessment).await;
    assert_eq!(found(left), Some(listing), "it is as it was");
}

/// What is read without a unit stays in the scope of its reader.
pub async fn reads_of_assessments_stay_in_scope(storage: &StorageUnderTest) {
    fn empty<T>(scope: Scope, list: &str, page: Result<Page<T>, StoreError>) {
        assert!(found(page).items.is_empty(), "{list} in {scope:?}");
    }
    let world = World::of(storage);
    let secrets = Secrets::of(&world).await;
    let Secrets { people, fixture, result, of, .. } = &secrets;
    world.coached(fixture, Invitee::member(people.bob)).await;
    let (reading, page) = (&storage.assessments, &whole());
    let (assessment, campaign) = (fixture.assessment.id, fixture.campaign.id);
    for scope in others(&world, people, &[Scope::Tenant(people.north)]) {
        let reader = &ctx(scope);
        empty(scope, "assessments", reading.assessments(reader, &AssessmentFilter::default(), page).await);
        empty(scope, "versions", reading.versions(reader, assessment, page).await);
        assert_eq!(found(reading.published_version(reader, fixture.published.id).await), None, "{scope:?}");
        empty(scope, "campaigns", reading.campaigns(reader, &CampaignFilter::default(), page).await);
        empty(scope, "assignments", reading.assignments(reader, campaign, page).await);
        assert_eq!(found(reading.figures(reader, campaign).await), Figures::default(), "{scope:?}");
        empty(scope, "coaching sessions", reading.coaching_sessions(reader, None, page).await);
        empty(scope, "coaching sessions", reading.coaching_sessions(reader, Some(people.ann), page).await);
        empty(scope, "results", reading.results(reader, &of.results, page).await);
        assert!(found(reading.scoring_inputs(reader, &of.results, None, 9).await).is_empty(), "{scope:?}");
        assert!(found(reading.responses(reader, &[result.session]).await).is_empty(), "{scope:?}");
        assert_eq!(found(reading.count_results(reader, &of.results).await), 0, "{scope:?}");
        let mut tally = Tally::new(&fixture.published.definition);
        found(reading.tally(reader, of, &mut tally).await);
        assert_eq!(tally, Tally::new(&fixture.published.definition), "{scope:?}");
        if scope != Scope::Account(people.bob) {
            empty(scope, "participations", reading.participations(reader, people.bob, page).await);
        }
    }
    let tenant = &ctx(Scope::Tenant(people.north));
    empty(tenant.scope, "participations", reading.participations(tenant, people.bob, page).await);
    let own = found(reading.participations(&ctx(Scope::Account(people.bob)), people.bob, page).await);
    assert_eq!(own.items, [secrets.participation], "the person finds what is theirs");
    let all = found(reading.results(tenant, &of.results, page).await);
    assert_eq!(
        all.items.iter().map(|of| of.id).collect::<Vec<_>>(),
        [result.id],
        "the organisation sees its own"
    );
}
