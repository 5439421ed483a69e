//! Rows of lists that leave out what is long.

/// Assessments without their definitions.
pub(super) mod assessment {
    use assessment_engine::{CustomAssessmentId, reading::AssessmentSummary};
    use kernel::{AccountId, StoreError, Timestamp};
    use sea_orm::entity::prelude::*;

    use crate::assessment::{
        assessments::{
            read_marketplace_status, read_price_tier, read_source_type, read_status, read_template,
        },
        sessions::style,
        value::{enum_value, slug, version as parsed_version},
    };
    use crate::read::FromRow;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(schema_name = "assessment", table_name = "custom_assessments")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub organization_id: Uuid,
        pub created_by: Uuid,
        pub name: String,
        pub slug: String,
        pub version: String,
        pub description: Option<String>,
        pub source_type: String,
        pub assessment_type: String,
        pub interview_style_default: i32,
        pub interview_style_allow_override: bool,
        pub result_disclosure: String,
        pub status: String,
        pub template: Option<String>,
        pub latest_version: Option<String>,
        pub marketplace_status: String,
        pub marketplace_price_tier: Option<String>,
        pub created_at: TimeDateTimeWithTimeZone,
        pub published_at: Option<TimeDateTimeWithTimeZone>,
        pub revision: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}

    impl FromRow<Model> for AssessmentSummary {
        fn from_row(row: Model) -> Result<Self, StoreError> {
            let Model {
                id,
                organization_id: _,
                created_by,
                name,
                slug: called,
                version,
                description,
                source_type,
                assessment_type,
                interview_style_default,
                interview_style_allow_override,
                result_disclosure,
                status,
                template,
                latest_version,
                marketplace_status,
                marketplace_price_tier,
                created_at,
                published_at,
                revision,
            } = row;
            let latest = latest_version.map(|text| parsed_version("latest_version", &text));
            Ok(AssessmentSummary {
                id: CustomAssessmentId::from_uuid(id),
                created_by: AccountId::from_uuid(created_by),
                name,
                slug: slug("slug", &called)?,
                description: description.unwrap_or_default(),
                version: parsed_version("version", &version)?,
                kind: enum_value("assessment_type", assessment_type)?,
                style: style(interview_style_default)?,
                allow_override: interview_style_allow_override,
                disclosure: enum_value("result_disclosure", result_disclosure)?,
                source_type: read_source_type(&source_type)?,
                status: read_status(&status)?,
                template: template.as_deref().map(read_template).transpose()?,
                latest: latest.transpose()?,
                marketplace_status: read_marketplace_status(&marketplace_status)?,
                price_tier: marketplace_price_tier.as_deref().map(read_price_tier).transpose()?,
                created_at: Timestamp::new(created_at),
                published_at: published_at.map(Timestamp::new),
                revision,
            })
        }
    }
}

/// Published versions without their definitions.
pub(super) mod version {
    use assessment_engine::{PublishedVersionId, reading::VersionSummary};
    use kernel::{AccountId, StoreError, Timestamp};
    use sea_orm::entity::prelude::*;

    use crate::assessment::versions::{checksum, number};
    use crate::read::FromRow;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(schema_name = "assessment", table_name = "custom_assessment_versions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub assessment_id: Uuid,
        pub major: i16,
        pub minor: i16,
        pub checksum: Vec<u8>,
        pub published_by: Uuid,
        pub published_at: TimeDateTimeWithTimeZone,
    }

    impl ActiveModelBehavior for ActiveModel {}

    impl FromRow<Model> for VersionSummary {
        fn from_row(row: Model) -> Result<Self, StoreError> {
            let Model { id, assessment_id: _, major, minor, checksum: octets, published_by, published_at } =
                row;
            Ok(VersionSummary {
                id: PublishedVersionId::from_uuid(id),
                version: number(major, minor)?,
                checksum: checksum(&octets)?,
                published_by: AccountId::from_uuid(published_by),
                published_at: Timestamp::new(published_at),
            })
        }
    }
}
