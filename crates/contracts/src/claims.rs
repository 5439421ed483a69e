//! Rules of time that is taken.

use std::time::Duration;

use assessment_engine::Unit;
use kernel::{
    OrganizationId, Scope, StoreError, Target, Timestamp,
    claims::{Claim, NotFree, Resource},
};
use uuid::Uuid;

use crate::{
    StorageUnderTest,
    world::{World, ctx, hours, minutes},
};

/// A meeting of an hour whose time is taken in a unit of its own.
struct Meetings<'a> {
    world: &'a World,
    now: Timestamp,
}

impl Meetings<'_> {
    fn meeting(&self) -> Target {
        Target { kind: "meeting", id: self.world.id::<()>().uuid() }
    }

    /// An hour that begins so many minutes from a fixed time on.
    fn hour(&self, of: Resource, from: u64) -> Claim {
        Claim::new(of, self.now.plus(minutes(from)), 60)
    }

    async fn unit(&self, of: OrganizationId) -> Box<Unit> {
        self.world.within(of).await
    }

    async fn claim(&self, of: OrganizationId, meeting: &Target, all: &[Claim]) -> NotFree {
        let mut unit = self.unit(of).await;
        let not_free = unit.claim(meeting, all).await.expect("it can be asked");
        finish(unit, &not_free).await;
        not_free
    }

    async fn moved(&self, of: OrganizationId, meeting: &Target, all: &[Claim]) -> NotFree {
        let mut unit = self.unit(of).await;
        let not_free = unit.move_claims(meeting, all).await.expect("it can be asked");
        finish(unit, &not_free).await;
        not_free
    }

    async fn release(&self, of: OrganizationId, meeting: &Target) {
        let mut unit = self.unit(of).await;
        unit.release_claims(meeting).await.expect("it can be given back");
        unit.commit().await.expect("it can be committed");
    }
}

/// Commits a unit all of whose claims were taken; another takes no more work.
async fn finish(unit: Box<Unit>, not_free: &NotFree) {
    let committed = unit.commit().await;
    if not_free.is_empty() {
        committed.expect("it can be committed");
    } else {
        assert!(matches!(committed, Err(StoreError::Failed)), "{committed:?}");
    }
}

fn named(not_free: &NotFree) -> Vec<Resource> {
    not_free.iter().copied().collect()
}

fn host() -> Resource {
    Resource::Host(kernel::Id::from_uuid(Uuid::from_u128(0xa)))
}

fn room() -> Resource {
    Resource::Thing(Uuid::from_u128(0xb))
}

async fn with(storage: &StorageUnderTest, check: impl AsyncFnOnce(Meetings<'_>, [OrganizationId; 2])) {
    let world = World::of(storage);
    let people = world.people().await;
    let now = world.now();
    check(Meetings { world: &world, now }, [people.north, people.south]).await;
}

/// What overlaps is refused within an organisation and across organisations, what begins when another ends is not, and
/// what was given back is free again, as is a time of somebody in their other lane.
pub async fn overlapping_time_is_refused_and_named(storage: &StorageUnderTest) {
    with(storage, async |meetings, [north, south]| {
        let first = meetings.meeting();
        assert_eq!(named(&meetings.claim(north, &first, &[meetings.hour(host(), 0)]).await), []);
        for from in [0, 30, 59] {
            for of in [north, south] {
                let refused = meetings.claim(of, &meetings.meeting(), &[meetings.hour(host(), from)]).await;
                assert_eq!(named(&refused), [host()], "from {from}");
            }
        }
        let beside = [meetings.hour(room(), 30), Claim { minutes: 1, ..meetings.hour(host(), 60) }];
        assert_eq!(named(&meetings.claim(south, &meetings.meeting(), &beside).await), []);
        let Resource::Host(account) = host() else { unreachable!("it is a host") };
        let as_client = meetings.hour(Resource::Guest(account), 0);
        assert_eq!(named(&meetings.claim(south, &meetings.meeting(), &[as_client]).await), []);
        meetings.release(south, &first).await;
        let again = [meetings.hour(host(), 0)];
        assert_eq!(named(&meetings.claim(north, &meetings.meeting(), &again).await), [host()], "of another");
        meetings.release(north, &first).await;
        meetings.release(north, &first).await;
        assert_eq!(named(&meetings.claim(south, &meetings.meeting(), &again).await), []);
    })
    .await;
}

/// Each claim keeps its own distance: between two meetings lie the buffer after the one and that before the other.
pub async fn buffers_add_up(storage: &StorageUnderTest) {
    with(storage, async |meetings, [north, _]| {
        let with_buffers = |from| Claim { before: 10, after: 15, ..meetings.hour(host(), from) };
        let put = async |claim| named(&meetings.claim(north, &meetings.meeting(), &[claim]).await);
        assert_eq!(put(with_buffers(600)).await, []);
        assert_eq!(put(with_buffers(684)).await, [host()], "24 minutes after its end");
        assert_eq!(put(with_buffers(685)).await, []);
        assert_eq!(put(meetings.hour(host(), 531)).await, [host()], "9 minutes before its start");
        assert_eq!(put(meetings.hour(host(), 530)).await, []);
    })
    .await;
}

/// A meeting takes all that it needs or nothing; who is missing is named, and the unit takes no more work. A unit that
/// is dropped takes nothing.
pub async fn a_meeting_takes_all_or_nothing(storage: &StorageUnderTest) {
    with(storage, async |meetings, [north, south]| {
        let (room_only, both) =
            ([meetings.hour(room(), 0)], [meetings.hour(host(), 0), meetings.hour(room(), 0)]);
        let first = meetings.meeting();
        assert_eq!(named(&meetings.claim(south, &first, &room_only).await), []);
        let mut unit = meetings.unit(north).await;
        let refused = unit.claim(&meetings.meeting(), &both).await.expect("it can be asked");
        assert_eq!(named(&refused), [room()]);
        let more = unit.release_claims(&first).await;
        assert!(matches!(more, Err(StoreError::Failed)), "{more:?}");
        drop(unit);
        meetings.release(south, &first).await;
        let mut unit = meetings.unit(north).await;
        assert_eq!(named(&unit.claim(&meetings.meeting(), &both).await.expect("it can be asked")), []);
        drop(unit);
        assert_eq!(named(&meetings.claim(south, &meetings.meeting(), &both).await), [], "nothing was left");
    })
    .await;
}

/// A meeting moves over its own time, takes its new time in place of the old, and keeps the old where the new is not
/// free.
pub async fn a_meeting_moves_over_its_own_time(storage: &StorageUnderTest) {
    with(storage, async |meetings, [north, south]| {
        let (first, other) = (meetings.meeting(), meetings.meeting());
        let both = |from| [meetings.hour(host(), from), meetings.hour(room(), from)];
        assert_eq!(named(&meetings.claim(north, &first, &both(0)).await), []);
        assert_eq!(named(&meetings.claim(south, &other, &[meetings.hour(host(), 120)]).await), []);
        assert_eq!(named(&meetings.moved(north, &first, &both(90)).await), [host()]);
        assert_eq!(named(&meetings.moved(north, &first, &both(30)).await), []);
        assert_eq!(named(&meetings.moved(north, &first, &both(30)).await), [], "it stays");
        assert_eq!(named(&meetings.moved(south, &other, &[meetings.hour(host(), 89)]).await), [host()]);
        assert_eq!(
            named(&meetings.moved(south, &other, &[Claim { minutes: 30, ..meetings.hour(host(), 0) }]).await),
            []
        );
        assert_eq!(named(&meetings.moved(north, &first, &[]).await), [], "it has no time any more");
        assert_eq!(named(&meetings.claim(south, &meetings.meeting(), &both(30)).await), []);
    })
    .await;
}

/// What is asked as a courtesy is taken where it is free, and else left out without a word.
pub async fn a_courtesy_is_taken_or_left_out(storage: &StorageUnderTest) {
    with(storage, async |meetings, [north, south]| {
        let courtesy = |from| meetings.hour(room(), from).as_courtesy();
        let all = |from| [meetings.hour(host(), from), courtesy(from)];
        assert_eq!(named(&meetings.claim(north, &meetings.meeting(), &all(0)).await), []);
        let taken = meetings.claim(south, &meetings.meeting(), &[meetings.hour(room(), 0)]).await;
        assert_eq!(named(&taken), [room()], "it was free and is taken");
        let second = meetings.meeting();
        let beside = [Claim { minutes: 1, ..meetings.hour(host(), 60) }, courtesy(30)];
        assert_eq!(named(&meetings.claim(south, &second, &beside).await), []);
        let later = meetings.hour(room(), 60);
        assert_eq!(named(&meetings.claim(north, &meetings.meeting(), &[later]).await), [], "it was left out");
    })
    .await;
}

/// Only an organisation's units take time, and only such as a meeting has.
pub async fn claims_are_within_scope_and_of_sound_length(storage: &StorageUnderTest) {
    with(storage, async |meetings, [north, _]| {
        for scope in [Scope::Account(kernel::Id::from_uuid(Uuid::nil())), Scope::Worker] {
            let begin =
                async || storage.assessment_store.begin(&ctx(scope)).await.expect("a unit can be begun");
            let meeting = meetings.meeting();
            let refused = begin().await.claim(&meeting, &[meetings.hour(host(), 0)]).await;
            assert!(matches!(refused, Err(StoreError::OutOfScope)), "{refused:?}");
            let refused = begin().await.release_claims(&meeting).await;
            assert!(matches!(refused, Err(StoreError::OutOfScope)), "{refused:?}");
        }
        for wrong in [0, Claim::LONGEST + 1] {
            let claim = Claim { minutes: wrong, ..meetings.hour(host(), 0) };
            let refused = meetings.unit(north).await.claim(&meetings.meeting(), &[claim]).await;
            assert!(matches!(refused, Err(StoreError::Fault(_))), "{refused:?}");
        }
        let longest = Claim {
            minutes: Claim::LONGEST,
            before: Claim::LONGEST_BUFFER,
            after: Claim::LONGEST_BUFFER,
            ..meetings.hour(host(), 0)
        };
        assert_eq!(named(&meetings.claim(north, &meetings.meeting(), &[longest]).await), []);
    })
    .await;
}

/// What was only held is free once that time has come, and what is over is forgotten at the given time, no earlier.
pub async fn holds_lapse_and_what_is_over_is_forgotten(storage: &StorageUnderTest) {
    with(storage, async |meetings, [north, south]| {
        let held = Claim { held_until: Some(meetings.now.plus(minutes(10))), ..meetings.hour(host(), 60) };
        assert_eq!(named(&meetings.claim(north, &meetings.meeting(), &[held]).await), []);
        let firm = meetings.hour(room(), 60);
        assert_eq!(named(&meetings.claim(north, &meetings.meeting(), &[firm]).await), []);
        let lapse = async |after| {
            let at = meetings.now.plus(minutes(after)).minus(Duration::from_micros(1));
            storage.claim_upkeep.lapse_holds(at).await.expect("it can be done")
        };
        assert_eq!(lapse(10).await, 0);
        assert_eq!(named(&meetings.claim(south, &meetings.meeting(), &[held]).await), [host()]);
        assert_eq!(lapse(11).await, 1);
        let firm_host = Claim { held_until: None, ..held };
        assert_eq!(named(&meetings.claim(south, &meetings.meeting(), &[firm_host]).await), []);
        let forget = async |before| storage.claim_upkeep.forget_claims(before).await.expect("it can be done");
        assert_eq!(forget(meetings.now.plus(hours(2))).await, 0, "they end then");
        assert_eq!(forget(meetings.now.plus(hours(2)).plus(Duration::from_secs(1))).await, 2);
        assert_eq!(named(&meetings.claim(south, &meetings.meeting(), &[firm]).await), []);
    })
    .await;
}

/// Of many that try for one time at once, one gets it, whichever organisation they are of.
pub async fn one_of_many_gets_a_time(storage: &StorageUnderTest) {
    with(storage, async |meetings, organizations| {
        for round in 0..5 {
            let attempt = |(number, of): (u64, &OrganizationId)| {
                let from = 1_000 * round + 7 * number;
                let claims = [meetings.hour(room(), from), meetings.hour(host(), from)];
                tokio::spawn(insist(storage.clone(), *of, (meetings.meeting(), true), claims))
            };
            let attempts: Vec<_> = (0..8).zip(organizations.iter().cycle()).map(attempt).collect();
            let mut won = 0;
            for attempt in attempts {
                won += u32::from(attempt.await.expect("it does not panic"));
            }
            assert_eq!(won, 1, "in round {round}");
        }
    })
    .await;
}

/// Meetings each of which wants the time of the next, all at once and again and again, neither wait for each other for
/// ever nor overlap.
pub async fn swapping_meetings_keep_apart(storage: &StorageUnderTest) {
    with(storage, async |meetings, organizations| {
        let swap = async |(number, of): (u64, OrganizationId), meeting: Target, storage, now: Timestamp| {
            for turn in 0..60 {
                let at = now.plus(hours((number + turn) % 3));
                let mut resources = [host(), room()];
                resources.rotate_left(usize::from(turn % 2 == 0));
                let claims = resources.map(|one| Claim::new(one, at, 60));
                insist(StorageUnderTest::clone(&storage), of, (meeting.clone(), false), claims).await;
            }
        };
        let all: Vec<_> =
            (0..3).zip(organizations.into_iter().cycle()).map(|of| (of, meetings.meeting())).collect();
        let swaps = all
            .iter()
            .map(|(of, meeting)| tokio::spawn(swap(*of, meeting.clone(), storage.clone(), meetings.now)));
        for swap in swaps.collect::<Vec<_>>() {
            swap.await.expect("it does not panic");
        }
        for ((_, of), meeting) in &all {
            meetings.release(*of, meeting).await;
        }
        let whole = [host(), room()].map(|one| Claim::new(one, meetings.now, 180));
        let [north, _] = organizations;
        assert_eq!(named(&meetings.claim(north, &meetings.meeting(), &whole).await), [], "none is left half");
    })
    .await;
}

/// Takes time for a meeting that is new, or in place of what it has, and asks again where the unit came too late; tells
/// whether the time was free.
async fn insist(
    storage: StorageUnderTest,
    of: OrganizationId,
    (meeting, is_new): (Target, bool),
    claims: [Claim; 2],
) -> bool {
    for _ in 0..200 {
        let mut unit =
            storage.assessment_store.begin(&ctx(Scope::Tenant(of))).await.expect("a unit can be begun");
        let asked = if is_new {
            unit.claim(&meeting, &claims).await
        } else {
            unit.move_claims(&meeting, &claims).await
        };
        if !asked.expect("it can be asked").is_empty() {
            return false;
        }
        tokio::task::yield_now().await;
        match unit.commit().await {
            Err(StoreError::Stale) => {}
            committed => return committed.map(|()| true).expect("it works, or comes too late"),
        }
    }
    panic!("two hundred times too late");
}
