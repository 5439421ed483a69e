//! Results, their older runs, and the summaries that were disclosed of them.

use assessment_engine::{
    AssessmentResult, AssessmentResultId, CustomAssessmentId, InterviewSessionId, Run, reading::TallyFilter,
    unit::Results,
};
use async_trait::async_trait;
use kernel::StoreError;
use serde_json::Value;

use super::rows::{DisclosedSummary, OlderRun, summaries};
use crate::{
    key::{Key, RowId},
    row::Access,
    unit::MemoryUnit,
};

#[async_trait]
impl Results for MemoryUnit {
    async fn result(&mut self, id: AssessmentResultId) -> Result<Option<AssessmentResult>, StoreError> {
        self.get(RowId::of(id))
    }

    async fn result_of(
        &mut self,
        session: InterviewSessionId,
    ) -> Result<Option<AssessmentResult>, StoreError> {
        Ok(self.list(&Key::parent(session), |_| true)?.into_iter().next())
    }

    async fn save_result(&mut self, result: &mut AssessmentResult) -> Result<(), StoreError> {
        self.save(result)
    }

    async fn replace_runs(&mut self, runs: &[(AssessmentResultId, Run)]) -> Result<u64, StoreError> {
        let mut replaced = 0;
        for (id, run) in runs {
            let Some(result) = self.get::<AssessmentResult>(RowId::of(*id))? else { continue };
            if result.run.number + 1 == run.number {
                self.replace_run(&result, run.clone())?;
                replaced += 1;
            }
        }
        Ok(replaced)
    }

    async fn older_runs(&mut self, id: AssessmentResultId) -> Result<Vec<Run>, StoreError> {
        let older = self.list(&Key::parent(id), |_: &OlderRun| true)?;
        Ok(older.into_iter().map(|older| older.run).collect())
    }

    async fn disclosed_summary(&mut self, of: &TallyFilter) -> Result<Option<(u64, Value)>, StoreError> {
        let Some(organization) = self.scope().organization() else { return self.run(|_| Ok(None)) };
        let disclosed = self.get::<DisclosedSummary>(DisclosedSummary::id_of(organization, of))?;
        Ok(disclosed.map(|disclosed| (disclosed.results, disclosed.summary)))
    }

    async fn save_disclosed_summary(
        &mut self,
        of: &TallyFilter,
        results: u64,
        summary: &Value,
    ) -> Result<(), StoreError> {
        let organization = self.tenant()?;
        self.put(DisclosedSummary { organization, of: *of, results, summary: summary.clone() })
    }

    async fn delete_disclosed_summaries(&mut self, assessment: CustomAssessmentId) -> Result<(), StoreError> {
        let organization = self.tenant()?;
        self.remove_all::<DisclosedSummary>(Access::Full, &summaries(organization, assessment))
    }
}

impl MemoryUnit {
    fn replace_run(&mut self, result: &AssessmentResult, run: Run) -> Result<(), StoreError> {
        let (organization, version) = (result.organization, result.version());
        let mut state = result.state().clone();
        let older = OlderRun { result: result.id, organization, run: std::mem::replace(&mut state.run, run) };
        self.replace(AssessmentResult::restore(state, version + 1), version)?;
        self.add(older)
    }
}
