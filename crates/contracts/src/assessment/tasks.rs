//! Rules of tasks and of what they write.

use kernel::{
    Scope, StoreError,
    task::{Chunk, Task, TaskState, TaskStatus},
};
use serde_json::{Value, json};

use super::commit;
use crate::{
    StorageUnderTest,
    accounts::round_trip,
    aggregate::Aggregate as _,
    world::{World, ctx, hours},
};

/// A task reads back as it was saved, as everything about it changed, at every status, and with nothing in it that may be
/// missing; also without a unit.
pub async fn task_round_trip(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    for status in TaskStatus::ALL {
        round_trip(&world, world.task_sample(&people), |task| {
            let state = TaskState {
                status,
                done: 8,
                total: None,
                cursor: Value::Null,
                result: Value::Null,
                error: None,
                output: None,
                started_at: None,
                finished_at: None,
                ..task.state().clone()
            };
            Task::restore(state, task.version()).mark(world.tick())
        })
        .await;
    }
    let bare = world.bare_task(people.north);
    round_trip(&world, bare.clone(), |task| {
        let mut running = task.clone();
        running.advance(Chunk { steps: 3, cursor: json!(["x", 3]), size_bytes: None }, world.tick());
        running
    })
    .await;
    let task = world.keep(world.task_sample(&people)).await;
    let read = storage.tasks.task(&ctx(task.scope()), task.id).await.expect("it can be read");
    assert_eq!(read, Some(task), "without a unit too");
    let missing = storage.tasks.task(&ctx(bare.scope()), world.id()).await.expect("it can be asked");
    assert_eq!(missing, None);
}

fn bytes(seed: u8) -> Vec<u8> {
    (0..=255).map(|octet: u8| octet.wrapping_mul(seed)).collect()
}

/// What a task writes is kept in parts, octet by octet; a part of one number is there once, and a dropped unit wrote
/// nothing.
pub async fn output_is_kept_in_parts(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let (task, other) =
        (world.keep(world.task_sample(&people)).await, world.keep(world.task_sample(&people)).await);
    let tenant = ctx(Scope::Tenant(people.north));
    let read =
        async |of: &Task, part| storage.tasks.output(&tenant, of.id, part).await.expect("it can be read");
    let mut unit = world.within(people.north).await;
    unit.put_output(&task, 1, b"never").await.expect("a part can be kept");
    drop(unit);
    assert_eq!(read(&task, 1).await, None, "a dropped unit wrote nothing");
    let mut unit = world.within(people.north).await;
    for (part, bytes) in [(2, bytes(3)), (1, bytes(7)), (3, Vec::new())] {
        unit.put_output(&task, part, &bytes).await.expect("a part can be kept");
    }
    unit.put_output(&other, 1, b"other").await.expect("a part can be kept");
    commit(unit).await;
    assert_eq!(read(&task, 1).await, Some(bytes(7)));
    assert_eq!(read(&task, 2).await, Some(bytes(3)));
    assert_eq!(read(&task, 3).await, Some(Vec::new()), "a part may be empty");
    assert_eq!(read(&task, 4).await, None);
    assert_eq!(read(&other, 1).await.as_deref(), Some(&b"other"[..]));
    let mut unit = world.within(people.north).await;
    let again = unit.put_output(&task, 2, b"again").await;
    assert!(matches!(again, Err(StoreError::Stale)), "a second part 2 gets {again:?}");
    drop(unit);
    assert_eq!(read(&task, 2).await, Some(bytes(3)), "it is as it was");
}

/// What tasks wrote that were over before a time is deleted in every organisation, and counted; everything else stays, the
/// tasks too.
pub async fn old_output_is_forgotten(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let limit = world.now().plus(hours(24));
    let moment = std::time::Duration::from_micros(1);
    let task = async |organization, finished_at, status| {
        let state = world.task_sample(&people).state().clone();
        let state = TaskState { organization, finished_at, status, ..state };
        let task = world.keep(Task::restore(state, 0).mark(world.now())).await;
        let mut unit = world.within(organization).await;
        for part in [1, 2] {
            unit.put_output(&task, part, b"bytes").await.expect("a part can be kept");
        }
        commit(unit).await;
        task
    };
    let old = [
        task(people.north, Some(limit.minus(moment)), TaskStatus::Succeeded).await,
        task(people.south, Some(limit.minus(hours(9))), TaskStatus::Failed).await,
    ];
    let kept = [
        task(people.north, Some(limit), TaskStatus::Succeeded).await,
        task(people.north, None, TaskStatus::Running).await,
        task(people.south, Some(limit.plus(hours(1))), TaskStatus::Succeeded).await,
    ];
    let parts = async |task: &Task| {
        let mut parts = 0;
        for part in [1, 2] {
            let read = storage.tasks.output(&ctx(task.scope()), task.id, part).await.expect("it can be read");
            parts += usize::from(read.is_some());
        }
        parts
    };
    let worker = ctx(Scope::Worker);
    assert_eq!(storage.tasks.forget_output(&worker, limit).await.expect("it can be forgotten"), 4);
    assert_eq!(storage.tasks.forget_output(&worker, limit).await.expect("it can be forgotten"), 0);
    for task in &old {
        assert_eq!(parts(task).await, 0);
    }
    for task in &kept {
        assert_eq!(parts(task).await, 2);
    }
    for task in old.iter().chain(&kept) {
        assert_eq!(world.again(task).await, *task, "the task stays");
    }
}
