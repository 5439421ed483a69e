//! An assessment somebody has leave to do something with.

use kernel::{Ctx, OrganizationId, Permit, Reach, Rule as _};

use crate::{
    authoring::assessment::{CustomAssessment, CustomAssessmentId},
    ports::Ports,
    refusal::Refused,
    rule::Action,
    unit::Unit,
};

/// An assessment in an open unit, and the leave to do something with it.
pub(crate) struct OpenAssessment {
    pub(crate) permit: Permit,
    pub(crate) unit: Box<Unit>,
    pub(crate) assessment: CustomAssessment,
}

impl OpenAssessment {
    /// Finds the assessment for whoever has leave. Who has it for their own alone and reaches for another's is told
    /// that there is none, and the attempt is put on record.
    pub(crate) async fn find(
        ports: &Ports,
        ctx: &Ctx,
        organization: OrganizationId,
        id: CustomAssessmentId,
        rule: Action,
    ) -> Result<Self, Refused> {
        let permit = ports.gate.permit(ctx, organization, &rule).await?;
        let mut unit = ports.store.begin(&permit.ctx).await?;
        let assessment = unit.custom_assessment(id).await?.ok_or(Refused::Missing("assessment"))?;
        if permit.reach == Reach::Own && assessment.created_by != permit.account {
            drop(unit);
            let attempt = CustomAssessment::attempt(rule.name()).on(id.uuid()).of(organization);
            return Err(ports.denied(ctx, attempt, Refused::Missing("assessment")).await);
        }
        Ok(Self { permit, unit, assessment })
    }

    /// Saves what changed, if anything did.
    pub(crate) async fn save(self) -> Result<CustomAssessment, Refused> {
        let Self { mut unit, mut assessment, .. } = self;
        if assessment.has_changed() {
            unit.save_custom_assessment(&mut assessment).await?;
            unit.commit().await?;
        }
        Ok(assessment)
    }
}
