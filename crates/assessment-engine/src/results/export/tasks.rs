//! Exports of results as files, worked off in parts beside requests.

use std::collections::HashMap;

use async_trait::async_trait;
use kernel::{
    Actor, Ctx, Cursor, Delivery, EventHandler, EventHandlerError, Id, Limit, OrganizationId, PageRequest,
    Scope, StoreError, Timestamp,
    task::{CONTINUE, Chunk, QUEUED, Task},
};
use serde_json::{Value, json};

use crate::{
    authoring::assessment::CustomAssessmentId,
    ports::{LAST_ATTEMPT, Ports},
    refusal::Refused,
    results::{
        EXPORT, ExportParameters, GivenResponses,
        export::file::{Columns, Row},
        result::AssessmentResult,
        subject,
    },
    sessions::interview_session::InterviewSessionId,
};

/// How many pages of results make a chunk, and how many results a page.
const PAGES: usize = 10;
const PAGE: u64 = 100;
/// How many results with what was answered make a chunk: each may hold books.
const WITH_ANSWERS: u64 = 50;

/// Reacts to exports that were ordered, a chunk at a time. A chunk that was done already is not done again: its number
/// is taken, and the task stands elsewhere.
#[derive(Debug, Clone)]
pub struct ExportTasks {
    ports: Ports,
}

impl ExportTasks {
    /// Over these ports.
    pub const fn new(ports: Ports) -> Self {
        Self { ports }
    }

    async fn next_chunk(&self, organization: OrganizationId, id: Id<Task>) -> Result<(), Refused> {
        let ctx = Ctx::new(Actor::System, Scope::Tenant(organization));
        let mut unit = self.ports.store.begin(&ctx).await?;
        let found = unit.task(id).await?;
        drop(unit);
        let Some(mut task) = found.filter(|task| task.request.name == EXPORT && !task.status.is_over())
        else {
            return Ok(());
        };
        let Ok(parameters) = serde_json::from_value::<ExportParameters>(task.request.parameters.clone())
        else {
            return self.ports.give_up(organization, id, "the request cannot be read").await;
        };
        let assessment = CustomAssessmentId::from_uuid(task.request.related_id);
        let (rows, next) = self.rows(&ctx, &task, &parameters, assessment).await?;
        let columns = self.columns(&ctx, assessment, task.created_at).await?;
        let bytes = columns.written(&parameters.options, &rows, task.next_part() == 1);
        let now = self.ports.clock.now();
        let number = task.next_part();
        let chunk = Chunk {
            steps: rows.len() as u64,
            cursor: next.as_ref().map_or(Value::Null, |next| json!(next.as_str())),
            size_bytes: Some(bytes.len() as u64),
        };
        let mut unit = self.ports.store.begin(&ctx).await?;
        unit.put_output(&task, number, &bytes).await?;
        if next.is_some() {
            task.advance(chunk, now);
        } else {
            let results = json!({ "results": task.done + chunk.steps });
            task.succeed(chunk, results, now);
        }
        unit.save_task(&mut task).await?;
        Ok(unit.commit().await?)
    }

    /// The results of the next chunk, and where the one after it begins.
    async fn rows(
        &self,
        ctx: &Ctx,
        task: &Task,
        parameters: &ExportParameters,
        assessment: CustomAssessmentId,
    ) -> Result<(Vec<Row>, Option<Cursor>), Refused> {
        let filter = parameters.filter(assessment);
        let content = parameters.options.content;
        let (pages, limit) = if content.has_answers() { (1, WITH_ANSWERS) } else { (PAGES, PAGE) };
        let limit = Limit::new(limit).map_err(StoreError::from)?;
        let mut page = PageRequest { limit, after: task.cursor.as_str().map(Cursor::from_client) };
        let mut rows = Vec::new();
        for _ in 0..pages {
            let found = self.ports.reading.results(ctx, &filter, &page).await?;
            let mut responses =
                if content.has_answers() { self.responses(ctx, &found.items).await? } else { HashMap::new() };
            let mut unit = self.ports.store.begin(ctx).await?;
            for result in found.items {
                let subject = subject(&mut *unit, &result).await?;
                let responses = responses.remove(&result.session);
                rows.push(Row { result, subject, scores: Vec::new(), responses });
            }
            page.after = found.next;
            if page.after.is_none() {
                break;
            }
        }
        for row in &mut rows {
            let run = &row.result.run;
            let published = self.ports.published(ctx, row.result.organization, run.published).await?;
            let ids = published.definition.dimensions.iter().map(|dimension| dimension.id.clone());
            row.scores = ids.zip(run.outcome.dimensions.iter().copied()).collect();
        }
        Ok((rows, page.after))
    }

    /// What was answered and said, read at once for all of them.
    async fn responses(
        &self,
        ctx: &Ctx,
        results: &[AssessmentResult],
    ) -> Result<HashMap<InterviewSessionId, GivenResponses>, Refused> {
        let Some(organization) = ctx.scope.organization() else { return Ok(HashMap::new()) };
        let sessions: Vec<InterviewSessionId> = results.iter().map(|result| result.session).collect();
        let mut given = HashMap::with_capacity(sessions.len());
        for of in self.ports.reading.responses(ctx, &sessions).await? {
            let published = self.ports.published(ctx, organization, of.published).await?;
            given.insert(of.session, GivenResponses::of(&published, &of.answers, &of.transcript));
        }
        Ok(given)
    }

    /// A column for each dimension and item that any version of the assessment had when the export was ordered, those
    /// of the newest first: the same in every chunk.
    async fn columns(
        &self,
        ctx: &Ctx,
        assessment: CustomAssessmentId,
        ordered_at: Timestamp,
    ) -> Result<Columns, Refused> {
        let mut page = PageRequest { limit: Limit::new(PAGE).map_err(StoreError::from)?, after: None };
        let mut columns = Columns::default();
        loop {
            let found = self.ports.reading.versions(ctx, assessment, &page).await?;
            for version in found.items.iter().filter(|version| version.published_at <= ordered_at) {
                let organization = ctx.scope.organization().ok_or(Refused::Missing("organisation"))?;
                let published = self.ports.published(ctx, organization, version.id).await?;
                columns.add(&published.definition);
            }
            match found.next {
                Some(next) => page.after = Some(next),
                None => return Ok(columns),
            }
        }
    }
}

#[async_trait]
impl EventHandler for ExportTasks {
    fn topics(&self) -> &'static [&'static str] {
        &[QUEUED, CONTINUE]
    }

    async fn handle(&self, delivery: &Delivery) -> Result<(), EventHandlerError> {
        let Some(organization) = delivery.organization else { return Ok(()) };
        match self.next_chunk(organization, Id::from_uuid(delivery.target_id)).await {
            // Somebody else did the chunk.
            Ok(()) | Err(Refused::Stale) => Ok(()),
            Err(refused) if delivery.attempts >= LAST_ATTEMPT => Ok(self
                .ports
                .give_up(organization, Id::from_uuid(delivery.target_id), &refused.to_string())
                .await?),
            Err(refused) => Err(refused.into()),
        }
    }
}
