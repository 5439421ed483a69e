//! Random work over several tenants: storage in memory and storage in PostgreSQL answer alike.
//!
//! `STATE_MACHINE_CASES` tells how many cases of 300 operations each are run; few unless told.

use std::{
    fmt::Debug,
    sync::{Arc, LazyLock},
};

use contracts::{
    StorageUnderTest,
    fixture::{FixedClock, SequentialIds, recorder},
    model::{Operation, Pair, Reach, Step, Work, assessment, identity},
};
use proptest::{prelude::*, test_runner::Config};
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use storage_memory::MemoryStorage;
use storage_postgres::testing::fresh_database;
use tokio::runtime::Runtime;

const TENANTS: u8 = 3;

/// How many cases the environment asks for.
fn config(few: u32) -> Config {
    let cases = std::env::var("STATE_MACHINE_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(few);
    Config { cases, max_shrink_iters: 400, failure_persistence: None, ..Config::default() }
}

fn memory() -> StorageUnderTest {
    let (clock, ids) = (FixedClock::default(), SequentialIds::series(2));
    StorageUnderTest::of(MemoryStorage::new(Arc::new(clock), Arc::new(ids), recorder()))
}

async fn postgres() -> StorageUnderTest {
    let database = fresh_database().await;
    let storage = database.storage(recorder()).await;
    StorageUnderTest::of(storage).holding(database)
}

fn reach() -> impl Strategy<Value = Reach> {
    prop_oneof![
        4 => Just(Reach::Identity),
        1 => Just(Reach::Platform),
        4 => (0..TENANTS + 1).prop_map(Reach::Tenant),
        2 => any::<u8>().prop_map(Reach::Account),
    ]
}

/// Who works with assessments: organisations above all.
fn assessing() -> impl Strategy<Value = Reach> {
    prop_oneof![
        16 => (0..TENANTS).prop_map(Reach::Tenant),
        4 => any::<u8>().prop_map(Reach::Account),
        2 => Just(Reach::Worker),
        1 => Just(Reach::Tenant(TENANTS)),
        1 => Just(Reach::Platform),
        1 => Just(Reach::Identity),
    ]
}

fn kind() -> impl Strategy<Value = identity::Kind> {
    use identity::Kind;
    prop_oneof![
        3 => Just(Kind::Account),
        2 => Just(Kind::Organization),
        3 => Just(Kind::Membership),
        3 => Just(Kind::Invitation),
        2 => Just(Kind::Session),
        2 => Just(Kind::OneTimeToken),
    ]
}

fn assessment_kind() -> impl Strategy<Value = assessment::Kind> {
    use assessment::Kind;
    prop_oneof![
        2 => Just(Kind::CustomAssessment),
        1 => Just(Kind::Campaign),
        3 => Just(Kind::Assignment),
        2 => Just(Kind::CoachingSession),
        4 => Just(Kind::InterviewSession),
        2 => Just(Kind::AssessmentResult),
        1 => Just(Kind::Task),
    ]
}

fn read<C: Debug, K: Debug>(kind: impl Strategy<Value = K>) -> impl Strategy<Value = Step<C, K>> {
    (kind, any::<u8>(), any::<bool>()).prop_map(|(kind, which, keep)| Step::Read { kind, which, keep })
}

fn edit<C: Debug, K: Debug>(kind: impl Strategy<Value = K>) -> impl Strategy<Value = Step<C, K>> {
    let parts = (kind, any::<u8>(), any::<u8>(), prop::bool::weighted(0.3));
    parts.prop_map(|(kind, which, way, outdated)| Step::Edit { kind, which, way, outdated })
}

/// What is mostly in reach, and now and then what is not. Platform administrators change accounts alone.
fn step(reach: Reach) -> BoxedStrategy<Step<identity::Command, identity::Kind>> {
    use identity::Command::{Found, Invite, Join, Mint, Open, SignIn};
    if matches!(reach, Reach::Platform) {
        return prop_oneof![read(kind()), edit(Just(identity::Kind::Account))].boxed();
    }
    // How often each step is tried: where everything is in reach, by an organisation, and by a person.
    let weight = |identity, tenant, person| match reach {
        Reach::Tenant(_) => tenant,
        Reach::Account(_) => person,
        Reach::Identity | Reach::Platform | Reach::Worker => identity,
    };
    prop_oneof![
        weight(20, 2, 1) => any::<u8>().prop_map(|n| Step::Command(Open(n))),
        weight(10, 1, 1) => any::<u8>().prop_map(|n| Step::Command(Found(n))),
        weight(30, 30, 1) => any::<(u8, u8)>().prop_map(|(of, who)| Step::Command(Join(of, who))),
        weight(30, 30, 1) => any::<(u8, u8)>().prop_map(|(to, whom)| Step::Command(Invite(to, whom))),
        weight(20, 2, 30) => any::<u8>().prop_map(|who| Step::Command(SignIn(who))),
        weight(20, 2, 1) => any::<u8>().prop_map(|who| Step::Command(Mint(who))),
        weight(80, 60, 60) => edit(kind()),
        weight(80, 60, 60) => read(kind()),
    ]
    .boxed()
}

/// What comes rarely would fail the unit mostly, or leave little to work with.
fn assessment_step() -> impl Strategy<Value = Step<assessment::Command, assessment::Kind>> {
    use assessment::{
        Action::{
            Answer, Arrange, Assign, Conceal, Delete, Disclose, Enter, Erase, Find, Forget, Involve, Leave,
            Link, Note, Offer, Open, Output, Prepare, Publish, Queue, Rate, Rescore, Say, Score, Withdraw,
            Write,
        },
        Command,
    };
    let often = [Assign, Open, Enter, Answer, Say, Rate, Score, Rescore, Disclose, Find];
    let rarely =
        [Write, Publish, Delete, Prepare, Arrange, Link, Erase, Conceal, Involve, Leave, Note, Forget];
    let action = prop_oneof![
        3 => prop::sample::select(often.to_vec()).boxed(),
        1 => prop::sample::select(rarely.to_vec()).boxed(),
        1 => prop::sample::select(vec![Offer, Withdraw, Queue, Output]).boxed(),
    ];
    let command = (action, any::<u8>(), any::<u8>());
    prop_oneof![
        2 => command.prop_map(|(action, which, how)| Step::Command(Command { action, which, how })),
        1 => edit(assessment_kind()),
        1 => read(assessment_kind()),
    ]
}

fn work<C: Debug, K: Debug>(
    reach: Reach,
    step: impl Strategy<Value = Step<C, K>>,
) -> impl Strategy<Value = Work<C, K>> {
    let parts = (prop::collection::vec(step, 1..4), prop::bool::weighted(0.8));
    parts.prop_map(move |(steps, commit)| Work { reach, steps, commit })
}

fn list() -> impl Strategy<Value = identity::List> {
    use identity::List::{Accounts, Invitations, Members, Organizations, Received, Sessions};
    prop::sample::select(vec![Accounts, Invitations, Members, Organizations, Received, Sessions])
}

fn assessment_list() -> impl Strategy<Value = assessment::List> {
    use assessment::List::{
        Assessments, Assignments, Campaigns, CoachingSessions, Listings, Participations, Results,
        ScoringInputs, Tasks, Versions,
    };
    let of_assessments = [Assessments, Versions, Campaigns, Assignments, CoachingSessions];
    let of_results = [Results, ScoringInputs, Participations, Listings, Tasks];
    prop::sample::select([of_assessments, of_results].concat())
}

/// Any sequence of operations makes sense, so that there is no state to choose them by: the model is an adapter.
#[derive(Debug)]
struct Anything;

impl ReferenceStateMachine for Anything {
    type State = ();
    type Transition = Operation;

    fn init_state() -> BoxedStrategy<()> {
        Just(()).boxed()
    }

    fn transitions((): &()) -> BoxedStrategy<Operation> {
        let listed = (reach(), list(), any::<u8>());
        let told = (assessing(), assessment_list(), any::<u8>());
        prop_oneof![
            10 => reach().prop_flat_map(|reach| work(reach, step(reach))).prop_map(Operation::Identity),
            16 => assessing()
                .prop_flat_map(|reach| work(reach, assessment_step()))
                .prop_map(Operation::Assessment),
            3 => listed.prop_map(|(reach, list, of)| Operation::List { reach, list, of }),
            4 => told.prop_map(|(reach, list, of)| Operation::AssessmentList { reach, list, of }),
            1 => any::<(u8, u8)>().prop_map(|(session, behind)| Operation::Rotate { session, behind }),
            1 => (reach(), any::<u8>(), any::<u8>()).prop_map(|(reach, whom, of)| Operation::Deny { reach, whom, of }),
        ]
        .boxed()
    }

    fn apply((): (), _: &Operation) {}
}

/// Drives both adapters in all cases: what one case starts may outlive it.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime can be built")
});

fn begin(other: impl AsyncFnOnce() -> StorageUnderTest) -> Pair {
    RUNTIME.block_on(async {
        let mut pair = Pair::new(&memory(), &other().await);
        pair.populate(TENANTS).await;
        pair
    })
}

fn apply(mut pair: Pair, operation: &Operation) -> Pair {
    RUNTIME.block_on(pair.apply(operation));
    pair
}

fn end(pair: &Pair) {
    RUNTIME.block_on(pair.agree());
}

/// Storage in memory beside itself: shows that the work itself is the same on both sides, and is quick.
struct MemoryAgreesWithItself;

impl StateMachineTest for MemoryAgreesWithItself {
    type SystemUnderTest = Pair;
    type Reference = Anything;

    fn init_test((): &()) -> Pair {
        begin(async || memory())
    }

    fn apply(pair: Pair, (): &(), operation: Operation) -> Pair {
        apply(pair, &operation)
    }

    fn teardown(pair: Pair, (): ()) {
        end(&pair);
    }
}

/// PostgreSQL beside storage in memory.
struct PostgresAgreesWithMemory;

impl StateMachineTest for PostgresAgreesWithMemory {
    type SystemUnderTest = Pair;
    type Reference = Anything;

    fn init_test((): &()) -> Pair {
        begin(async || postgres().await)
    }

    fn apply(pair: Pair, (): &(), operation: Operation) -> Pair {
        apply(pair, &operation)
    }

    fn teardown(pair: Pair, (): ()) {
        end(&pair);
    }
}

prop_state_machine! {
    #![proptest_config(config(8))]
    #[test]
    fn memory_agrees_with_itself(sequential 300..=300 => MemoryAgreesWithItself);
}

prop_state_machine! {
    #![proptest_config(config(2))]
    #[test]
    fn postgres_agrees_with_memory(sequential 300..=300 => PostgresAgreesWithMemory);
}
