//! Rules of tasks and of what they write, which belong to the platform and to no domain.

use kernel::{
    OrganizationId, PageRequest, Scope, StoreError,
    task::{Chunk, Output, Task, TaskRequest, TaskState, TaskStatus},
};
use serde_json::{Value, json};

use crate::{
    StorageUnderTest,
    accounts::round_trip,
    aggregate::Aggregate as _,
    isolation::{others, reaches},
    pages::{refuses, walk},
    samples::PROSE,
    world::{TestPeople, World, ctx, hours, minutes, whole},
};

impl World {
    /// A task with every field filled.
    pub(crate) fn task_sample(&self, people: &TestPeople) -> Task {
        let now = self.tick();
        let state = TaskState {
            id: self.id(),
            organization: people.north,
            request: TaskRequest {
                name: "assessment.export_results".to_owned(),
                related_type: "custom_assessment".to_owned(),
                related_id: self.id::<()>().uuid(),
                parameters: json!({ "format": "csv", "campaign": null, "said": PROSE }),
            },
            status: TaskStatus::Running,
            done: 7,
            total: Some(1 << 40),
            cursor: json!({ "after": 3 }),
            result: json!({ "rows": 7 }),
            error: Some(PROSE.to_owned()),
            output: Some(Output {
                media_type: "text/csv".to_owned(),
                file_name: "Führung “1”.csv".to_owned(),
                parts: 3,
                size_bytes: 1 << 40,
            }),
            requested_by: Some(people.bob),
            created_at: now,
            started_at: Some(now.plus(minutes(1))),
            finished_at: Some(now.plus(minutes(2))),
        };
        Task::restore(state, 0).mark(now)
    }

    /// A task with nothing in it that may be missing.
    pub(crate) fn bare_task(&self, organization: OrganizationId) -> Task {
        let now = self.tick();
        let request = TaskRequest {
            name: "work.count".to_owned(),
            related_type: "custom_assessment".to_owned(),
            related_id: self.id::<()>().uuid(),
            parameters: Value::Null,
        };
        Task::queue(self.id(), organization, request, None, None, None, now)
    }

    /// Keeps parts of what a task writes in a unit of its own.
    async fn write(&self, task: &Task, parts: &[(u32, &[u8])]) {
        let mut unit = self.unit_of::<Task>(task.scope()).await;
        for (part, bytes) in parts {
            unit.put_output(task, *part, bytes).await.expect("a part can be kept");
        }
        unit.commit().await.expect("it can be committed");
    }
}

/// A task reads back as it was saved, as everything about it changed, at every status, and with nothing in it that
/// may be missing; also without a unit.
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
    (0..=255).map(|byte: u8| byte.wrapping_mul(seed)).collect()
}

/// What a task writes is kept in parts, byte by byte; a part of one number is there once, and a dropped unit wrote
/// nothing.
pub async fn output_is_kept_in_parts(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let (task, other) =
        (world.keep(world.task_sample(&people)).await, world.keep(world.task_sample(&people)).await);
    let tenant = ctx(Scope::Tenant(people.north));
    let read =
        async |of: &Task, part| storage.tasks.output(&tenant, of.id, part).await.expect("it can be read");
    let mut unit = world.unit_of::<Task>(tenant.scope).await;
    unit.put_output(&task, 1, b"never").await.expect("a part can be kept");
    drop(unit);
    assert_eq!(read(&task, 1).await, None, "a dropped unit wrote nothing");
    world.write(&task, &[(2, &bytes(3)), (1, &bytes(7)), (3, &[])]).await;
    world.write(&other, &[(1, b"other")]).await;
    assert_eq!(read(&task, 1).await, Some(bytes(7)));
    assert_eq!(read(&task, 2).await, Some(bytes(3)));
    assert_eq!(read(&task, 3).await, Some(Vec::new()), "a part may be empty");
    assert_eq!(read(&task, 4).await, None);
    assert_eq!(read(&other, 1).await.as_deref(), Some(&b"other"[..]));
    let mut unit = world.unit_of::<Task>(tenant.scope).await;
    let again = unit.put_output(&task, 2, b"again").await;
    assert!(matches!(again, Err(StoreError::Stale)), "a second part 2 gets {again:?}");
    drop(unit);
    assert_eq!(read(&task, 2).await, Some(bytes(3)), "it is as it was");
}

/// What tasks wrote that were over before a time is deleted in every organisation, and counted; everything else
/// stays, the tasks too.
pub async fn old_output_is_forgotten(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let limit = world.now().plus(hours(24));
    let moment = std::time::Duration::from_micros(1);
    let task = async |organization, finished_at, status| {
        let state = world.task_sample(&people).state().clone();
        let state = TaskState { organization, finished_at, status, ..state };
        let task = world.keep(Task::restore(state, 0).mark(world.now())).await;
        world.write(&task, &[(1, b"bytes"), (2, b"bytes")]).await;
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
        assert_eq!(world.read(task.scope(), task).await.as_ref(), Some(task), "the task stays");
    }
}

/// An organisation's tasks are listed newest first, all or those of one who asked for them: complete, stable, and with
/// cursors of their own.
pub async fn tasks_are_listed_newest_first(storage: &StorageUnderTest) {
    let world = &World::of(storage);
    let people = world.people().await;
    let tenant = &ctx(Scope::Tenant(people.north));
    let listed = |only| async move |page: PageRequest| storage.tasks.tasks(tenant, only, &page).await;
    let (mut all, mut of_bob) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        let bobs = world.keep(world.task_sample(&people)).await;
        let nobodys = world.keep(world.bare_task(people.north)).await;
        world.keep(world.bare_task(people.south)).await;
        of_bob.insert(0, bobs.clone());
        all.splice(0..0, [nobodys, bobs]);
    }
    let page = listed(Some(people.ann))(whole()).await.expect("a list");
    assert_eq!(page.items, [], "they asked for none");
    refuses("tasks", listed(Some(people.bob)), listed(None)).await;
    let add = async || {
        world.keep(world.task_sample(&people)).await;
        world.keep(world.bare_task(people.north)).await;
    };
    walk("tasks", listed(None), |task| task, &all, async || ()).await;
    walk("tasks of one", listed(Some(people.bob)), |task| task, &of_bob, add).await;
    let all: Vec<_> = listed(None)(whole()).await.expect("a list").items;
    walk("growing tasks", listed(None), |task| task, &all, add).await;
}

/// A task and what it wrote are seen, changed and added to within its organisation alone.
pub async fn tasks_are_their_organizations(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let tenant = [Scope::Tenant(people.north)];
    reaches(&world, &people, world.task_sample(&people), &tenant).await;
    let task = world.keep(world.task_sample(&people)).await;
    world.write(&task, &[(1, b"bytes")]).await;
    let (tasks, forever) = (&storage.tasks, world.now().plus(hours(99)));
    for scope in others(&world, &people, &tenant) {
        let (reader, page) = (&ctx(scope), &whole());
        for only in [None, Some(people.bob)] {
            let listed = tasks.tasks(reader, only, page).await.expect("it can be asked");
            assert_eq!(listed.items, [], "{scope:?}");
        }
        assert_eq!(tasks.task(reader, task.id).await.expect("it can be asked"), None, "{scope:?}");
        assert_eq!(tasks.output(reader, task.id, 1).await.expect("it can be asked"), None, "{scope:?}");
        let put = world.unit_of::<Task>(scope).await.put_output(&task, 2, b"forged").await;
        let refused = matches!(put, Err(StoreError::OutOfScope | StoreError::Stale));
        assert!(refused, "a part in {scope:?} gets {put:?}");
        if scope != Scope::Worker {
            let forgetting = tasks.forget_output(reader, forever).await;
            assert!(
                matches!(forgetting, Ok(0) | Err(StoreError::OutOfScope)),
                "forgetting in {scope:?} gets {forgetting:?}"
            );
        }
    }
    let output = async |part| tasks.output(&ctx(task.scope()), task.id, part).await.expect("it can be read");
    assert_eq!((output(1).await.as_deref(), output(2).await), (Some(&b"bytes"[..]), None), "it is as it was");
}
