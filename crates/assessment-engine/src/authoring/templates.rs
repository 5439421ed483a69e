//! The built-in assessments, and how one of them becomes an organisation's own.

use std::sync::{Arc, LazyLock};

use assessment_format::{Definition, Slug};
use kernel::{AccountId, OrganizationId, Timestamp};

use crate::{
    authoring::assessment::{
        AssessmentStatus, CustomAssessment, Draft, NewAssessment, SourceType, TemplateName,
    },
    invitations::delivery::{AssessmentRef, AssessmentType},
    ports::Ports,
    refusal::Refused,
    unit::Unit,
};

/// A built-in assessment.
#[derive(Debug, Clone)]
pub struct Template {
    /// What it is chosen by.
    pub name: TemplateName,
    /// What it says.
    pub definition: Arc<Definition>,
    /// The markdown it is read from.
    pub source: &'static str,
}

impl Template {
    /// All of them.
    pub fn all() -> &'static [Self] {
        static ALL: LazyLock<Vec<Template>> =
            LazyLock::new(|| TemplateName::ALL.iter().map(|name| Template::read(*name)).collect());
        &ALL
    }

    /// The one of this name.
    pub fn of(name: TemplateName) -> &'static Self {
        let found = Self::all().iter().find(|template| template.name == name);
        found.expect("each name has its template")
    }

    fn read(name: TemplateName) -> Self {
        let source = match name {
            TemplateName::Industry4 => include_str!("../../templates/industry-4-0-maturity.md"),
            TemplateName::Archetype => include_str!("../../templates/team-roles.md"),
            TemplateName::Education => include_str!("../../templates/learning-readiness.md"),
        };
        let definition = assessment_format::parse(source)
            .definition
            .expect("a test shows that all of them keep the rules");
        Self { name, definition: Arc::new(definition), source }
    }

    fn draft(&self) -> Draft {
        Draft { definition: self.definition.clone(), source: Some(self.source.to_owned()) }
    }
}

impl From<TemplateName> for AssessmentType {
    fn from(template: TemplateName) -> Self {
        match template {
            TemplateName::Industry4 => Self::Industry4,
            TemplateName::Archetype => Self::Archetype,
            TemplateName::Education => Self::Education,
        }
    }
}

/// A draft copy of a template, not yet saved: under `slug`, or under its own with the first number that is free.
pub(crate) async fn copied(
    ports: &Ports,
    unit: &mut Unit,
    organization: OrganizationId,
    by: AccountId,
    template: TemplateName,
    slug: Option<Slug>,
    now: Timestamp,
) -> Result<CustomAssessment, Refused> {
    let draft = Template::of(template).draft();
    let slug = match slug {
        Some(slug) => slug,
        None => free_slug(unit, organization, &draft.definition.slug()).await?,
    };
    let new = NewAssessment {
        id: ports.ids.next(),
        organization,
        created_by: by,
        slug,
        draft,
        source_type: SourceType::Imported,
        template: Some(template),
    };
    Ok(CustomAssessment::write(new, now))
}

/// What is taken when a built-in type is chosen: the newest version of the organisation's copy of the template. Where
/// the organisation has none, it gets one, published and active, with this unit.
///
/// Where two units make the copy at once, the later fails with a `Duplicate` of [`TEMPLATE`](crate::unit::TEMPLATE) or
/// [`SLUG`](crate::unit::SLUG): beginning a new unit finds the other's.
pub(crate) async fn chosen_template(
    ports: &Ports,
    unit: &mut Unit,
    organization: OrganizationId,
    by: AccountId,
    template: TemplateName,
    now: Timestamp,
) -> Result<AssessmentRef, Refused> {
    let there = unit.copy_of_template(organization, template).await?;
    let assessment = if let Some(copy) = there {
        copy
    } else {
        let mut copy = copied(ports, unit, organization, by, template, None, now).await?;
        unit.save_custom_assessment(&mut copy).await?;
        let published = copy.publish(ports.ids.next(), by, now);
        copy.activate(now);
        unit.put_published_version(&published).await?;
        unit.save_custom_assessment(&mut copy).await?;
        copy
    };
    let (published, version) = assessment.latest.ok_or(Refused::Unpublished)?;
    match assessment.status {
        AssessmentStatus::Active => {
            Ok(AssessmentRef { kind: template.into(), assessment: assessment.id, published, version })
        }
        status => {
            Err(Refused::Status { status, hint: "activate the organisation's copy of the template first" })
        }
    }
}

/// The slug itself, or with the first number that is free in the organisation.
pub(crate) async fn free_slug(
    unit: &mut Unit,
    organization: OrganizationId,
    wished: &Slug,
) -> Result<Slug, Refused> {
    let mut taken = unit.slugs_like(organization, wished).await?;
    if !taken.contains(wished) {
        return Ok(wished.clone());
    }
    let mut stem = wished.clone();
    for number in 2.. {
        let candidate = wished.numbered(number);
        // A long slug is cut to make room for its number, so that others stand beside it.
        let cut = candidate.as_str().rsplit_once('-').map(|(cut, _)| Slug::new(cut));
        if let Some(Ok(cut)) = cut.filter(|cut| cut.as_ref() != Ok(&stem)) {
            taken = unit.slugs_like(organization, &cut).await?;
            stem = cut;
        }
        if !taken.contains(&candidate) {
            return Ok(candidate);
        }
    }
    Err(Refused::SlugTaken(wished.clone()))
}
