//! Work that takes its time and goes on beside requests: what it is, how far it has come, and what came of it.
//!
//! A command queues a [`Task`] in its own unit. Whoever does such work reacts to [`QUEUED`], does a chunk of it,
//! keeps in the same unit how far it has come ([`Task::advance`]) and is called again by [`CONTINUE`]; so that a
//! task outlives the process and no chunk of it counts twice. What it writes, such as a file, is kept in parts
//! beside it.

mod service;

use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};
use uuid::Uuid;

pub use self::service::{Action, TaskReader, TaskRefused, TaskService};
use crate::{
    AccountId, ActionNote, Change, Id, Lane, Notice, NoticeKind, NoticePriority, OcsfClass, OrganizationId,
    Owner, Recipients, StoreError, Target, Timestamp,
};

/// Told when a task was queued.
pub const QUEUED: &str = "task.queue";
/// Told when a task has a chunk behind it and more to do.
pub const CONTINUE: &str = "task.continue";

const fn note(action: &'static str, meaning: &'static str) -> ActionNote {
    ActionNote { action, meaning, class: OcsfClass::ApiActivity }
}

/// What tasks put on record, by name.
pub const ACTIONS: [ActionNote; 5] = [
    note("task.advance", "A part of a task is done."),
    note("task.fail", "A task was given up."),
    note(QUEUED, "A task was ordered."),
    note("task.succeed", "A task is done."),
    note("task.view", "Tasks were to be read."),
];

/// Identifies a task.
pub type TaskId = Id<Task>;

kernel::named! {
    /// How far a task has come.
    pub enum TaskStatus {
        /// It waits for its turn.
        Queued = "queued",
        /// A chunk is done.
        Running = "running",
        /// All is done.
        Succeeded = "succeeded",
        /// It was given up.
        Failed = "failed",
    }
}

impl TaskStatus {
    /// Whether nothing more happens.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed)
    }
}

/// What a task is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskRequest {
    /// What kind of work, such as `assessment.export_results`.
    pub name: String,
    /// Of what: the kind of thing.
    pub related_type: String,
    /// Of which.
    pub related_id: Uuid,
    /// What else whoever does it needs; no secret.
    pub parameters: Value,
}

/// What a task writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Its media type.
    pub media_type: String,
    /// What a client may call the file.
    pub file_name: String,
    /// In how many parts it is kept.
    pub parts: u32,
    /// How long it is, in bytes.
    pub size_bytes: u64,
}

/// All a task consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskState {
    /// Identifies it.
    pub id: TaskId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// What it is to do.
    pub request: TaskRequest,
    /// How far it has come.
    pub status: TaskStatus,
    /// How many steps are done.
    pub done: u64,
    /// How many there are, where that is known.
    pub total: Option<u64>,
    /// Where it goes on; means something to whoever does it.
    pub cursor: Value,
    /// What came of it; `Null` until it succeeded.
    pub result: Value,
    /// Why it was given up.
    pub error: Option<String>,
    /// What it wrote so far.
    pub output: Option<Output>,
    /// Who asked for it; nobody where Touchstone itself did, or an API key.
    pub requested_by: Option<AccountId>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When its first chunk was done.
    pub started_at: Option<Timestamp>,
    /// When it was over.
    pub finished_at: Option<Timestamp>,
}

crate::aggregate! {
    /// Work that goes on beside requests.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub Task(TaskState) as "task" of |task| Owner::Organization(task.organization)
}

/// A chunk of the work that was done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chunk {
    /// How many steps.
    pub steps: u64,
    /// Where it goes on.
    pub cursor: Value,
    /// How many bytes of output it wrote, as one more part.
    pub size_bytes: Option<u64>,
}

impl Task {
    /// For so long what a task wrote is kept after it was over: 7 days.
    pub const OUTPUT_LIFE: Duration = Duration::from_secs(7 * 24 * 3600);

    /// Queues work. `output` names what it will write, if anything.
    pub fn queue(
        id: TaskId,
        organization: OrganizationId,
        request: TaskRequest,
        total: Option<u64>,
        output: Option<(&str, String)>,
        requested_by: Option<AccountId>,
        now: Timestamp,
    ) -> Self {
        let output = output.map(|(media_type, file_name)| Output {
            media_type: media_type.to_owned(),
            file_name,
            parts: 0,
            size_bytes: 0,
        });
        let state = TaskState {
            id,
            organization,
            request,
            status: TaskStatus::Queued,
            done: 0,
            total,
            cursor: Value::Null,
            result: Value::Null,
            error: None,
            output,
            requested_by,
            created_at: now,
            started_at: None,
            finished_at: None,
        };
        let mut task = Self::restore(state, 0);
        let change = task
            .change(QUEUED, now)
            .plain("task_name", &Value::Null, &task.state.request.name)
            .plain("related_id", &Value::Null, &task.state.request.related_id);
        task.record(change);
        task
    }

    /// A chunk is done, and there is more to do: whoever does it is called again.
    pub fn advance(&mut self, chunk: Chunk, now: Timestamp) {
        let change = self.take(chunk, now).timer(CONTINUE, now);
        self.record(change);
    }

    /// The last chunk is done.
    pub fn succeed(&mut self, chunk: Chunk, result: Value, now: Timestamp) {
        let change = self.take(chunk, now);
        self.record(change);
        self.state.result = result;
        let change = self.end(TaskStatus::Succeeded, "task.succeed", now);
        self.record(change);
    }

    /// It cannot be done.
    pub fn fail(&mut self, error: &str, now: Timestamp) {
        self.state.error = Some(error.chars().take(500).collect());
        let change = self.end(TaskStatus::Failed, "task.fail", now);
        let change = change.plain("error", &Value::Null, &self.state.error);
        self.record(change);
    }

    /// The number of the next part of its output, from 1.
    pub fn next_part(&self) -> u32 {
        self.state.output.as_ref().map_or(1, |output| output.parts + 1)
    }

    /// Whether what it wrote is kept still.
    pub fn has_output(&self, now: Timestamp) -> bool {
        let over = self.state.finished_at.filter(|_| self.state.status == TaskStatus::Succeeded);
        self.state.output.is_some() && over.is_some_and(|at| now < at.plus(Self::OUTPUT_LIFE))
    }

    fn take(&mut self, chunk: Chunk, now: Timestamp) -> Change {
        let before = self.state.done;
        self.state.status = TaskStatus::Running;
        self.state.started_at.get_or_insert(now);
        self.state.done += chunk.steps;
        self.state.cursor = chunk.cursor;
        if let (Some(output), Some(size_bytes)) = (&mut self.state.output, chunk.size_bytes) {
            output.parts += 1;
            output.size_bytes += size_bytes;
        }
        self.change("task.advance", now).plain("done", &before, &self.state.done)
    }

    fn end(&mut self, status: TaskStatus, action: &'static str, now: Timestamp) -> Change {
        let before = std::mem::replace(&mut self.state.status, status);
        self.state.finished_at = Some(now);
        let change = self.change(action, now).plain("status", &before.name(), &status.name());
        change.notify(self.state.requested_by.map(|account| self.notice(account, status)))
    }

    /// Whoever asked for it is told that it is over.
    fn notice(&self, account: AccountId, status: TaskStatus) -> Notice {
        let (template, priority) = match status {
            TaskStatus::Failed => ("task/failed", NoticePriority::High),
            _ => ("task/succeeded", NoticePriority::Normal),
        };
        let (_, work) = self.state.request.name.rsplit_once('.').unwrap_or(("", &self.state.request.name));
        Notice::new(Recipients::Member(self.state.organization, account), NoticeKind::Task, template)
            .with(json!({ "task": work.replace('_', " ") }))
            .priority(priority)
    }

    fn change(&self, action: &'static str, now: Timestamp) -> Change {
        Change::new(action, Target::new(Self::KIND, self.state.id), now)
            .of(self.state.organization)
            .lane(Lane::Bulk)
            .with(json!({ "task_name": self.state.request.name }))
    }
}

/// Tasks in a unit of work.
#[async_trait]
pub trait Tasks: Send {
    /// The task.
    async fn task(&mut self, id: TaskId) -> Result<Option<Task>, StoreError>;
    /// Keeps it.
    async fn save_task(&mut self, task: &mut Task) -> Result<(), StoreError>;
    /// Keeps a part of what it writes, numbered from 1; another of that number is [`StoreError::Stale`].
    async fn put_output(&mut self, task: &Task, part: u32, bytes: &[u8]) -> Result<(), StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Recorded as _;

    #[test]
    fn its_actions_are_in_order() {
        assert!(ACTIONS.is_sorted_by(|one, next| one.action < next.action));
    }

    #[test]
    fn a_task_counts_its_chunks_and_calls_for_the_next() {
        let request = TaskRequest {
            name: "assessment.export_results".to_owned(),
            related_type: "custom_assessment".to_owned(),
            related_id: Uuid::nil(),
            parameters: Value::Null,
        };
        let (id, organization) = (TaskId::from_uuid(Uuid::nil()), OrganizationId::from_uuid(Uuid::nil()));
        let output = Some(("text/csv", "results.csv".to_owned()));
        let now = Timestamp::EPOCH;
        let mut task = Task::queue(id, organization, request, Some(3), output, None, now);
        assert_eq!(task.next_part(), 1);
        task.advance(Chunk { steps: 2, cursor: json!(2), size_bytes: Some(10) }, now);
        assert_eq!((task.done, task.next_part(), task.status), (2, 2, TaskStatus::Running));
        let changes = task.changes().drain();
        assert_eq!(changes[1].timers[0].topic, CONTINUE);
        task.succeed(Chunk { steps: 1, cursor: Value::Null, size_bytes: Some(5) }, json!({ "rows": 3 }), now);
        assert_eq!((task.done, task.status), (3, TaskStatus::Succeeded));
        assert!(task.has_output(now.plus(Task::OUTPUT_LIFE.mul_f32(0.5))));
        assert!(!task.has_output(now.plus(Task::OUTPUT_LIFE)));
    }
}
