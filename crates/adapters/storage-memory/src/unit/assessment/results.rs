//! Results, their older runs, and the summaries that were shown of them.

use assessment_engine::custom::{
    AssessmentResult, AssessmentResultId, CustomAssessmentId, InterviewSessionId, Run, reading::TallyFilter,
    unit::Results,
};
use async_trait::async_trait;
use kernel::StoreError;
use serde_json::Value;

use super::MemoryUnit;
use crate::{
    overlay::Against,
    rows::{OlderRun, ShownSummary},
    table::{Access, Key},
    tables::Stored as _,
};

#[async_trait]
impl Results for MemoryUnit {
    async fn result(&mut self, id: AssessmentResultId) -> Result<Option<AssessmentResult>, StoreError> {
        self.get(id.uuid())
    }

    async fn result_of(
        &mut self,
        session: InterviewSessionId,
    ) -> Result<Option<AssessmentResult>, StoreError> {
        Ok(self.list(&Key::Under(session.uuid()), |_| true)?.into_iter().next())
    }

    async fn save_result(&mut self, result: &mut AssessmentResult) -> Result<(), StoreError> {
        self.save(result)
    }

    async fn replace_runs(&mut self, runs: &[(AssessmentResultId, Run)]) -> Result<u64, StoreError> {
        let mut replaced = 0;
        for (id, run) in runs {
            let Some(result) = self.get::<AssessmentResult>(id.uuid())? else { continue };
            if result.run.number + 1 == run.number {
                self.replace_run(&result, run.clone())?;
                replaced += 1;
            }
        }
        Ok(replaced)
    }

    async fn older_runs(&mut self, id: AssessmentResultId) -> Result<Vec<Run>, StoreError> {
        let older = self.list(&Key::Under(id.uuid()), |_: &OlderRun| true)?;
        Ok(older.into_iter().map(|older| older.run).collect())
    }

    async fn shown_summary(&mut self, of: &TallyFilter) -> Result<Option<(u64, Value)>, StoreError> {
        let Some(organization) = self.ctx.scope.organization() else { return self.run(|_| Ok(None)) };
        let shown = self.get::<ShownSummary>(ShownSummary::id_of(organization, of))?;
        Ok(shown.map(|shown| (shown.results, shown.summary)))
    }

    async fn keep_summary(
        &mut self,
        of: &TallyFilter,
        results: u64,
        summary: &Value,
    ) -> Result<(), StoreError> {
        let organization = self.tenant()?;
        self.put(ShownSummary { organization, of: *of, results, summary: summary.clone() })
    }

    async fn forget_summaries(&mut self, assessment: CustomAssessmentId) -> Result<(), StoreError> {
        let organization = self.tenant()?;
        let key = Key::Shown(organization.uuid(), assessment.uuid());
        self.remove_all(Access::Keep, &key, |_: &ShownSummary| Against::Whatever)
    }
}

impl MemoryUnit {
    fn replace_run(&mut self, result: &AssessmentResult, run: Run) -> Result<(), StoreError> {
        let (organization, version) = (result.organization, result.version());
        let mut state = result.state().clone();
        let older =
            OlderRun { result: result.id.uuid(), organization, run: std::mem::replace(&mut state.run, run) };
        let result = AssessmentResult::restore(state, version + 1);
        self.run(|unit| {
            let state = unit.shared.read();
            AssessmentResult::overlay_mut(&mut unit.overlays).save(&state.tables.results, result, version)
        })?;
        self.add(older)
    }
}
