//! Where people ask how far their tasks have come.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Task, TaskId};
use crate::{
    AccessDenied, AccountId, Clock, Ctx, Gate, KeyScope, OrganizationId, Page, PageRequest, PlatformRole,
    Reach, Role, Rule, StoreError, refusals,
};

/// What can be done with tasks from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Read how far tasks have come, and what they wrote.
    View,
}

impl Action {
    /// All of them, as the gate takes them.
    pub const RULES: [&'static dyn Rule; 1] = [&Self::View];
}

impl Rule for Action {
    fn name(&self) -> &'static str {
        "task.view"
    }

    fn reach(&self, role: Role) -> Reach {
        match role {
            Role::Owner | Role::Admin => Reach::Tenant,
            Role::Manager | Role::Recruiter | Role::Interviewer | Role::Practitioner => Reach::Own,
            Role::Member | Role::Candidate => Reach::None,
        }
    }

    fn platform_reach(&self, _: PlatformRole) -> Reach {
        Reach::None
    }

    /// A task may hold what its own scope would not show.
    fn key_scope(&self) -> Option<KeyScope> {
        None
    }
}

/// Reads tasks. Every method reads in the scope of `ctx` and sees nothing outside.
#[async_trait]
pub trait TaskReader: Send + Sync {
    /// The tasks of the tenant in scope, newest first, or only those this person asked for.
    async fn tasks(
        &self,
        ctx: &Ctx,
        only: Option<AccountId>,
        page: &PageRequest,
    ) -> Result<Page<Task>, StoreError>;

    /// The task.
    async fn task(&self, ctx: &Ctx, id: TaskId) -> Result<Option<Task>, StoreError>;

    /// A part of what a task wrote.
    async fn output(&self, ctx: &Ctx, task: TaskId, part: u32) -> Result<Option<Vec<u8>>, StoreError>;

    /// Deletes what tasks wrote that were over before `before`, in every organisation; tells how many parts.
    /// Scope: worker.
    async fn forget_output(&self, ctx: &Ctx, before: crate::Timestamp) -> Result<u64, StoreError>;
}

/// Why a task was not shown.
#[derive(Debug, thiserror::Error)]
pub enum TaskRefused {
    /// The gate says no.
    #[error(transparent)]
    AccessDenied(#[from] AccessDenied),
    /// There is none, or it is someone else's.
    #[error("there is no such task, or it is not for you to see")]
    Missing,
    /// It wrote nothing, or that is gone.
    #[error(
        "this task has nothing to hand out: it is not over, writes nothing, or was over more than 7 days ago"
    )]
    NoOutput,
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

refusals! {
    TaskRefused {
        own {
            Self::Missing => Missing, "task.not_found",
                "No such task, or someone else's. Clients read the list again.";
            Self::NoOutput => Conflict, "task.no_output",
                "The task is not over, writes nothing, or what it wrote was deleted. Clients look at its status.";
        }
        nested { AccessDenied, Store }
    }
}

/// Shows tasks: to owners and admins all of the organisation's, to managers, recruiters, interviewers and
/// practitioners those they asked for.
#[derive(Clone)]
pub struct TaskService {
    gate: Arc<dyn Gate>,
    reader: Arc<dyn TaskReader>,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for TaskService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TaskService")
    }
}

impl TaskService {
    /// A service over these ports.
    pub fn new(gate: Arc<dyn Gate>, reader: Arc<dyn TaskReader>, clock: Arc<dyn Clock>) -> Self {
        Self { gate, reader, clock }
    }

    /// A page of tasks, newest first.
    pub async fn tasks(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        page: &PageRequest,
    ) -> Result<Page<Task>, TaskRefused> {
        let permit = self.gate.permit(ctx, organization, &Action::View).await?;
        let only = (permit.reach < Reach::Tenant).then_some(permit.account);
        Ok(self.reader.tasks(&permit.ctx, only, page).await?)
    }

    /// One task.
    pub async fn task(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: TaskId,
    ) -> Result<Task, TaskRefused> {
        Ok(self.found(ctx, organization, id).await?.1)
    }

    /// One task and the context to read with, once what it wrote can be handed out. Its parts are then read one by one
    /// ([`TaskService::part`]).
    pub async fn output(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: TaskId,
    ) -> Result<(Ctx, Task), TaskRefused> {
        let (ctx, task) = self.found(ctx, organization, id).await?;
        if task.has_output(self.clock.now()) { Ok((ctx, task)) } else { Err(TaskRefused::NoOutput) }
    }

    /// A part of what a task wrote, from 1; `ctx` is that of [`TaskService::output`].
    pub async fn part(&self, ctx: &Ctx, task: TaskId, part: u32) -> Result<Vec<u8>, TaskRefused> {
        self.reader.output(ctx, task, part).await?.ok_or(TaskRefused::NoOutput)
    }

    async fn found(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: TaskId,
    ) -> Result<(Ctx, Task), TaskRefused> {
        let permit = self.gate.permit(ctx, organization, &Action::View).await?;
        let found = self.reader.task(&permit.ctx, id).await?;
        let own = |task: &Task| permit.reach >= Reach::Tenant || task.requested_by == Some(permit.account);
        Ok((permit.ctx.clone(), found.filter(own).ok_or(TaskRefused::Missing)?))
    }
}
