//! Random work over several tenants: storage in memory and storage in PostgreSQL answer alike.
//!
//! `STATE_MACHINE_CASES` tells how many cases of 200 operations each are run; few unless told.

use std::sync::{Arc, LazyLock};

use contracts::{
    StorageUnderTest,
    fixture::{FixedClock, SequentialIds, recorder},
    model::{Kind, List, Operation, Pair, Reach, Step},
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

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        3 => Just(Kind::Account),
        2 => Just(Kind::Organization),
        3 => Just(Kind::Membership),
        3 => Just(Kind::Invitation),
        2 => Just(Kind::Session),
        2 => Just(Kind::Token),
    ]
}

/// What is mostly in reach, and now and then what is not. Platform administrators change accounts alone.
fn step(reach: Reach) -> BoxedStrategy<Step> {
    let read =
        (kind(), any::<u8>(), any::<bool>()).prop_map(|(kind, which, keep)| Step::Read { kind, which, keep });
    let edit = |kind: BoxedStrategy<Kind>| {
        let parts = (kind, any::<u8>(), any::<u8>(), prop::bool::weighted(0.3));
        parts.prop_map(|(kind, which, way, outdated)| Step::Edit { kind, which, way, outdated })
    };
    if matches!(reach, Reach::Platform) {
        return prop_oneof![read, edit(Just(Kind::Account).boxed())].boxed();
    }
    // How often each step is tried: where everything is in reach, by an organisation, and by a person.
    let weight = |identity, tenant, person| match reach {
        Reach::Tenant(_) => tenant,
        Reach::Account(_) => person,
        Reach::Identity | Reach::Platform => identity,
    };
    prop_oneof![
        weight(20, 2, 1) => any::<u8>().prop_map(Step::Open),
        weight(10, 1, 1) => any::<u8>().prop_map(Step::Found),
        weight(30, 30, 1) => any::<(u8, u8)>().prop_map(|(of, who)| Step::Join(of, who)),
        weight(30, 30, 1) => any::<(u8, u8)>().prop_map(|(to, whom)| Step::Invite(to, whom)),
        weight(20, 2, 30) => any::<u8>().prop_map(Step::SignIn),
        weight(20, 2, 1) => any::<u8>().prop_map(Step::Mint),
        weight(80, 60, 60) => edit(kind().boxed()),
        weight(80, 60, 60) => read,
    ]
    .boxed()
}

fn list() -> impl Strategy<Value = List> {
    prop_oneof![
        Just(List::Accounts),
        Just(List::Invitations),
        Just(List::Members),
        Just(List::Organizations),
        Just(List::Received),
        Just(List::Sessions),
    ]
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
        let unit = reach().prop_flat_map(|reach| {
            let steps = prop::collection::vec(step(reach), 1..4);
            (Just(reach), steps, prop::bool::weighted(0.8))
        });
        prop_oneof![
            10 => unit.prop_map(|(reach, steps, commit)| Operation::Unit { reach, steps, commit }),
            3 => (reach(), list(), any::<u8>()).prop_map(|(reach, list, of)| Operation::List { reach, list, of }),
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
    fn memory_agrees_with_itself(sequential 200..=200 => MemoryAgreesWithItself);
}

prop_state_machine! {
    #![proptest_config(config(2))]
    #[test]
    fn postgres_agrees_with_memory(sequential 200..=200 => PostgresAgreesWithMemory);
}
