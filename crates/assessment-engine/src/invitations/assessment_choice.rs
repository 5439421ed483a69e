//! What is taken: a published version of an assessment of the organisation, or a built-in one.

use assessment_format::{Definition, Version, definition::Style, interview::Plan};
use kernel::{Ctx, OrganizationId, Permit, StoreError};

use crate::{
    authoring::{
        assessment::{AssessmentStatus, CustomAssessmentId, TemplateName},
        templates::chosen_template,
    },
    invitations::delivery::{AssessmentRef, AssessmentType},
    opened::{Managed, Opened},
    ports::Ports,
    refusal::Refused,
    unit::{SLUG, TEMPLATE, Unit},
};

/// What to do where the assessment is not active.
pub(crate) const CHOOSE_ACTIVE: &str = "people are asked to take active ones; activate it, or choose another";

/// What is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssessmentChoice {
    /// The organisation's copy of a built-in assessment, in its newest version; first use makes the copy.
    BuiltIn(TemplateName),
    /// One of the organisation's own.
    Own {
        /// Which.
        assessment: CustomAssessmentId,
        /// Which published version; the newest without.
        version: Option<Version>,
    },
}

/// Finds the version that is taken, and checks that it may be led in this style.
///
/// A copy of a built-in assessment is made in a unit of its own, which no idempotency key of the request is part
/// of: what the request makes is found again by what it saves first.
pub(crate) async fn choose(
    ports: &Ports,
    permit: &Permit,
    organization: OrganizationId,
    choice: &AssessmentChoice,
    style: Option<Style>,
) -> Result<AssessmentRef, Refused> {
    match attempt(ports, permit, organization, choice, style).await {
        // Somebody made the copy in the same moment: now it is there.
        Err(Refused::Store(StoreError::Duplicate(TEMPLATE | SLUG))) => {
            attempt(ports, permit, organization, choice, style).await
        }
        chosen => chosen,
    }
}

async fn attempt(
    ports: &Ports,
    permit: &Permit,
    organization: OrganizationId,
    choice: &AssessmentChoice,
    style: Option<Style>,
) -> Result<AssessmentRef, Refused> {
    let ctx = Ctx { idempotency: None, ..permit.ctx.clone() };
    let mut unit = ports.store.begin(&ctx).await?;
    let chosen = match *choice {
        AssessmentChoice::BuiltIn(template) => {
            let now = ports.clock.now();
            chosen_template(ports, &mut *unit, organization, permit.account, template, now).await?
        }
        AssessmentChoice::Own { assessment, version } => own(&mut *unit, assessment, version).await?,
    };
    let published = unit.published_version(chosen.published).await?;
    let published =
        published.ok_or_else(|| Refused::Fault(format!("version {} is gone", chosen.published)))?;
    check(&published.definition, style)?;
    unit.commit().await?;
    Ok(chosen)
}

async fn own(
    unit: &mut Unit,
    id: CustomAssessmentId,
    version: Option<Version>,
) -> Result<AssessmentRef, Refused> {
    let assessment = unit.custom_assessment(id).await?.ok_or_else(|| Refused::Invalid {
        pointer: "/custom_assessment_id".to_owned(),
        detail: "the organisation has no such assessment".to_owned(),
    })?;
    if assessment.status != AssessmentStatus::Active {
        return Err(Refused::Status { status: assessment.status, hint: CHOOSE_ACTIVE });
    }
    let (published, version) = match version {
        None => assessment.latest.ok_or(Refused::Unpublished)?,
        Some(version) => {
            let found = unit.version_of(id, version).await?.ok_or_else(|| Refused::Invalid {
                pointer: "/assessment_version".to_owned(),
                detail: format!("version {version} of this assessment was not published"),
            })?;
            (found.id, version)
        }
    };
    Ok(AssessmentRef { kind: AssessmentType::Custom, assessment: id, published, version })
}

/// What is taken after an edit: what is chosen anew, or what was chosen before, where it may be led in this style. A
/// new choice takes a unit of its own, after which the edit goes on in another: the version of what is edited tells
/// whether somebody changed it meanwhile.
pub(crate) async fn rechoose<A: Managed>(
    ports: &Ports,
    opened: Opened<A>,
    organization: OrganizationId,
    choice: Option<AssessmentChoice>,
    (before, style): (AssessmentRef, Option<Style>),
) -> Result<(Opened<A>, AssessmentRef), Refused> {
    let Opened { permit, mut unit, found } = opened;
    let chosen = if let Some(choice) = choice {
        drop(unit);
        let chosen = choose(ports, &permit, organization, &choice, style).await?;
        unit = ports.store.begin(&permit.ctx).await?;
        chosen
    } else {
        if style.is_some() {
            let published = ports.published_in(&mut *unit, organization, before.published).await?;
            check(&published.definition, style)?;
        }
        before
    };
    Ok((Opened { permit, unit, found }, chosen))
}

fn check(definition: &Definition, style: Option<Style>) -> Result<(), Refused> {
    Plan::new(definition, style)?;
    Ok(())
}
