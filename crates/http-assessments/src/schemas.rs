//! What the domain knows of values, as the description tells it: see [`http_shell::schema`].

use http_shell::{NamedSchema, TextSchema};
use kernel::{Form, Formed};

pub(crate) type AssessmentStatus = NamedSchema<assessment_engine::AssessmentStatus>;
pub(crate) type AssessmentType = NamedSchema<assessment_engine::AssessmentType>;
pub(crate) type CampaignStatus = NamedSchema<assessment_engine::CampaignStatus>;
pub(crate) type CoachingStatus = NamedSchema<assessment_engine::CoachingStatus>;
pub(crate) type Decision = NamedSchema<assessment_engine::marketplace::Decision>;
pub(crate) type Disclosure = NamedSchema<assessment_format::definition::Disclosure>;
pub(crate) type EventKind = NamedSchema<assessment_format::session::EventKind>;
pub(crate) type ExportContent = NamedSchema<assessment_engine::results::Content>;
pub(crate) type ExportFormat = NamedSchema<assessment_engine::results::Format>;
pub(crate) type Kind = NamedSchema<assessment_format::definition::Kind>;
pub(crate) type Level = NamedSchema<assessment_format::comparison::Level>;
pub(crate) type MarketplaceStatus = NamedSchema<assessment_engine::MarketplaceStatus>;
pub(crate) type OnDeadline = NamedSchema<assessment_format::session::OnDeadline>;
pub(crate) type OriginKind = NamedSchema<assessment_engine::OriginKind>;
pub(crate) type PriceTier = NamedSchema<assessment_engine::PriceTier>;
pub(crate) type Raters = NamedSchema<assessment_format::rating::Required>;
pub(crate) type Separator = NamedSchema<assessment_engine::results::Separator>;
pub(crate) type SourceType = NamedSchema<assessment_engine::SourceType>;
pub(crate) type Stage = NamedSchema<assessment_format::session::Stage>;
pub(crate) type TemplateName = NamedSchema<assessment_engine::TemplateName>;

pub(crate) type EmailAddress = TextSchema<kernel::EmailAddress>;
pub(crate) type Name = TextSchema<kernel::Name>;
pub(crate) type Note = TextSchema<kernel::SingleLine<1_000>>;
pub(crate) type Reason = TextSchema<assessment_format::session::Reason>;
pub(crate) type Slug = TextSchema<AssessmentSlug>;
pub(crate) type Version = TextSchema<assessment_format::Version>;

/// The form of [`assessment_format::Slug`], which a library has that knows no kernel.
pub(crate) enum AssessmentSlug {}

impl Formed for AssessmentSlug {
    const NAME: &'static str = "Slug";
    const FORM: Form = Form::of(1, assessment_format::Slug::MAX_LENGTH, "^[a-z0-9]+(-[a-z0-9]+)*$");
}
