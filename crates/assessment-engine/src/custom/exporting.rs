//! Exports of results as files, worked off in parts beside requests.

mod file;

use async_trait::async_trait;
use kernel::{
    Actor, Ctx, Cursor, Delivery, Id, Limit, OrganizationId, PageRequest, Reaction, ReactionError, Scope,
    StoreError, Timestamp,
    task::{GO_ON, Part, QUEUED, Task},
};
use serde_json::{Value, json};

use self::file::{Columns, Row};
use super::{
    assessment::CustomAssessmentId,
    ports::{LAST_ATTEMPT, Ports},
    refusal::Refused,
    results::{EXPORT, Ordered, subject},
};

/// How many pages of results make a part.
const PAGES: usize = 10;
const PAGE: u64 = 100;

/// Reacts to exports that were ordered, a part at a time. A part that was done already is not done again: its number
/// is taken, and the task stands elsewhere.
#[derive(Debug, Clone)]
pub struct Exporting {
    ports: Ports,
}

impl Exporting {
    /// Over these ports.
    pub const fn new(ports: Ports) -> Self {
        Self { ports }
    }

    async fn go_on(&self, organization: OrganizationId, id: Id<Task>) -> Result<(), Refused> {
        let ctx = Ctx::new(Actor::System, Scope::Tenant(organization));
        let mut unit = self.ports.begin(&ctx, ctx.scope).await?;
        let found = unit.task(id).await?;
        drop(unit);
        let Some(mut task) = found.filter(|task| task.order.name == EXPORT && !task.status.is_over()) else {
            return Ok(());
        };
        let Ok(ordered) = serde_json::from_value::<Ordered>(task.order.parameters.clone()) else {
            return self.ports.give_up(organization, id, "the order cannot be read").await;
        };
        let assessment = CustomAssessmentId::from_uuid(task.order.related_id);
        let (rows, next) = self.rows(&ctx, &task, &ordered, assessment).await?;
        let columns = self.columns(&ctx, assessment, task.created_at).await?;
        let octets = columns.written(ordered.format, &rows, task.next_part() == 1);
        let now = self.ports.clock.now();
        let number = task.next_part();
        let part = Part {
            steps: rows.len() as u64,
            cursor: next.as_ref().map_or(Value::Null, |next| json!(next.as_str())),
            octets: Some(octets.len() as u64),
        };
        let mut unit = self.ports.begin(&ctx, ctx.scope).await?;
        unit.put_output(&task, number, &octets).await?;
        if next.is_some() {
            task.advance(part, now);
        } else {
            let results = json!({ "results": task.done + part.steps });
            task.succeed(part, results, now);
        }
        unit.save_task(&mut task).await?;
        Ok(unit.commit().await?)
    }

    /// The results of the next part, and where the one after it begins.
    async fn rows(
        &self,
        ctx: &Ctx,
        task: &Task,
        ordered: &Ordered,
        assessment: CustomAssessmentId,
    ) -> Result<(Vec<Row>, Option<Cursor>), Refused> {
        let filter = ordered.filter(assessment);
        let limit = Limit::new(PAGE).map_err(StoreError::from)?;
        let mut page = PageRequest { limit, after: task.cursor.as_str().map(Cursor::from_client) };
        let mut rows = Vec::new();
        for _ in 0..PAGES {
            let found = self.ports.reading.results(ctx, &filter, &page).await?;
            let mut unit = self.ports.begin(ctx, ctx.scope).await?;
            for result in found.items {
                let subject = subject(&mut *unit, &result).await?;
                rows.push(Row { result, subject, scores: Vec::new() });
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

    /// A column for each dimension that any version of the assessment had when the export was ordered, those of the newest
    /// first: the same in every part.
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
impl Reaction for Exporting {
    fn topics(&self) -> &'static [&'static str] {
        &[QUEUED, GO_ON]
    }

    async fn react(&self, delivery: &Delivery) -> Result<(), ReactionError> {
        let Some(organization) = delivery.organization else { return Ok(()) };
        match self.go_on(organization, Id::from_uuid(delivery.target_id)).await {
            // Somebody else did the part.
            Ok(()) | Err(Refused::Stale) => Ok(()),
            Err(refused) if delivery.attempts >= LAST_ATTEMPT => Ok(self
                .ports
                .give_up(organization, Id::from_uuid(delivery.target_id), &refused.to_string())
                .await?),
            Err(refused) => Err(ReactionError::Retry(refused.to_string())),
        }
    }
}
