//! Tasks: work that goes on beside requests, how far it has come, and what it wrote.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::{
    HttpResponse,
    body::{BodySize, MessageBody},
    get,
    http::header::CONTENT_DISPOSITION,
    web::{Bytes, Data},
};
use kernel::{
    Ctx, Id, OrganizationId, Timestamp,
    task::{Task, TaskId, TaskRefused, TaskService, TaskStatus},
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::{Caller, HandlerResult, NamedSchema, PageQuery, Paged, PathParams, Problem, ok};

/// The operations on tasks; their handlers take `Data<TaskService>`.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list).service(one).service(download);
}

type TaskStatusSchema = NamedSchema<TaskStatus>;

/// Work that goes on beside requests.
#[derive(Serialize, ToSchema)]
#[schema(as = task::Task, example = json!({ "task_id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6", "task_name": "assessment.export_results", "status": "running", "done": 2000, "total": 12000, "result": null, "error": null, "related_type": "custom_assessment", "related_id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f7", "user_id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f8", "output": null, "created_at": "2026-11-20T12:00:00Z", "started_at": "2026-11-20T12:00:01Z", "finished_at": null }))]
pub struct TaskView {
    task_id: Uuid,
    /// What kind of work.
    task_name: String,
    #[schema(value_type = TaskStatusSchema)]
    status: &'static str,
    /// How many steps are done.
    done: u64,
    /// How many there are, where that is known.
    total: Option<u64>,
    /// What came of it; `null` until it succeeded.
    #[schema(value_type = Option<Object>)]
    result: Value,
    /// Why it was given up.
    error: Option<String>,
    /// Of what it is: the kind of thing.
    related_type: String,
    /// Which.
    related_id: Uuid,
    /// Who asked for it; `null` where Touchstone itself did.
    user_id: Option<Uuid>,
    /// What it wrote; to be fetched for 7 days after it was over.
    output: Option<OutputView>,
    created_at: Timestamp,
    started_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
}

/// What a task wrote so far.
#[derive(Serialize, ToSchema)]
#[schema(as = task::Output, example = json!({ "media_type": "text/csv", "file_name": "results.csv", "size_bytes": 123_456 }))]
struct OutputView {
    media_type: String,
    file_name: String,
    size_bytes: u64,
}

impl From<&Task> for TaskView {
    fn from(task: &Task) -> Self {
        let output = task.output.as_ref().map(|output| OutputView {
            media_type: output.media_type.clone(),
            file_name: output.file_name.clone(),
            size_bytes: output.size_bytes,
        });
        Self {
            task_id: task.id.uuid(),
            task_name: task.request.name.clone(),
            status: task.status.name(),
            done: task.done,
            total: task.total,
            result: task.result.clone(),
            error: task.error.clone(),
            related_type: task.request.related_type.clone(),
            related_id: task.request.related_id,
            user_id: task.requested_by.map(Id::uuid),
            output,
            created_at: task.created_at,
            started_at: task.started_at,
            finished_at: task.finished_at,
        }
    }
}

/// The tasks of the organisation, newest first. Owners and admins see all, managers, recruiters, interviewers and
/// practitioners those they asked for.
#[utoipa::path(
    operation_id = "tasks.list_tasks", tag = "tasks", params(PageQuery), security(("bearer" = [])),
    responses((status = 200, description = "A page of tasks", body = Paged<TaskView>))
)]
#[get("/v1/organizations/{organization_id}/tasks")]
async fn list(
    ctx: Caller,
    id: PathParams<OrganizationId>,
    page: PageQuery,
    task_service: Data<TaskService>,
) -> HandlerResult {
    Ok(ok(&Paged::of(task_service.tasks(&ctx, *id, &page).await?, |task| TaskView::from(&task))))
}

/// How far a task has come. For owners and admins, and whoever asked for it.
#[utoipa::path(
    operation_id = "tasks.get_task", tag = "tasks", security(("bearer" = [])),
    responses((status = 200, description = "The task", body = TaskView))
)]
#[get("/v1/organizations/{organization_id}/tasks/{task_id}")]
async fn one(
    ctx: Caller,
    path: PathParams<(OrganizationId, TaskId)>,
    task_service: Data<TaskService>,
) -> HandlerResult {
    let (organization, id) = *path;
    Ok(ok(&TaskView::from(&task_service.task(&ctx, organization, id).await?)))
}

/// What a task wrote, as a file, up to 7 days after it was over. For owners and admins, and whoever asked for it.
#[utoipa::path(
    operation_id = "tasks.get_output", tag = "tasks", security(("bearer" = [])),
    responses((status = 200, description = "The file",
            content((String = "text/csv"), (String = "application/x-ndjson"))),
        (status = 409, description = "`task.no_output`"))
)]
#[get("/v1/organizations/{organization_id}/tasks/{task_id}/output")]
async fn download(
    ctx: Caller,
    path: PathParams<(OrganizationId, TaskId)>,
    task_service: Data<TaskService>,
) -> HandlerResult {
    let (organization, id) = *path;
    let (ctx, task) = task_service.output(&ctx, organization, id).await?;
    let output = task.output.as_ref().ok_or_else(Problem::not_found)?;
    let parts = Parts::new(ctx, task_service.get_ref().clone(), id, output.parts, output.size_bytes);
    Ok(HttpResponse::Ok()
        .content_type(output.media_type.as_str())
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", output.file_name)))
        .body(parts))
}

type Reading = Pin<Box<dyn Future<Output = Result<Vec<u8>, TaskRefused>>>>;

/// What a task wrote, a part at a time as fast as the client reads. A part that cannot be read breaks the answer
/// off, so that no client takes half a file for a whole one.
struct Parts {
    ctx: Ctx,
    task_service: TaskService,
    task: TaskId,
    left: std::ops::RangeInclusive<u32>,
    size_bytes: u64,
    reading: Option<Reading>,
}

impl Parts {
    fn new(ctx: Ctx, task_service: TaskService, task: TaskId, parts: u32, size_bytes: u64) -> Self {
        Self { ctx, task_service, task, left: 1..=parts, size_bytes, reading: None }
    }
}

impl MessageBody for Parts {
    type Error = Broken;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.size_bytes)
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        loop {
            if let Some(reading) = &mut self.reading {
                let Poll::Ready(part) = reading.as_mut().poll(cx) else { return Poll::Pending };
                self.reading = None;
                match part {
                    Ok(bytes) if bytes.is_empty() => continue,
                    Ok(bytes) => return Poll::Ready(Some(Ok(bytes.into()))),
                    Err(refused) => return Poll::Ready(Some(Err(Broken(refused)))),
                }
            }
            let Some(part) = self.left.next() else { return Poll::Ready(None) };
            let (ctx, task_service, task) = (self.ctx.clone(), self.task_service.clone(), self.task);
            self.reading = Some(Box::pin(async move { task_service.part(&ctx, task, part).await }));
        }
    }
}

/// Why a file broke off.
#[derive(Debug)]
struct Broken(TaskRefused);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Broken {}
