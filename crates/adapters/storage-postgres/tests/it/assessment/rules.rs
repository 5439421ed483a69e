//! What the tables refuse, whoever writes.

use std::collections::BTreeSet;

use sqlx::Row as _;

use super::{World, try_sql};
use crate::support::superuser;

#[tokio::test]
async fn a_definition_has_dimensions_and_categories() {
    let world = World::new().await;
    world.publish(world.north, 1, 100).await;
    let mut admin = superuser(&world.database).await;
    for broken in [
        "'[]'",
        "'{}'",
        "definition - 'dimensions'",
        "definition - 'resultCategories'",
        "definition || '{\"dimensions\": {}}'",
        "definition || '{\"dimensions\": []}'",
        "definition || '{\"resultCategories\": null}'",
        "definition #- '{dimensions,1,weight}'",
        "definition #- '{dimensions,0,name}'",
        "definition #- '{dimensions,0,description}'",
    ] {
        let set = format!("UPDATE assessment.custom_assessments SET definition = {broken}");
        let refused = try_sql(&mut admin, &set).await;
        assert_eq!(refused, Err("23514 custom_assessments_definition_check".to_owned()), "{broken}");
        let copy = format!(
            "INSERT INTO assessment.custom_assessment_versions
             SELECT gen_random_uuid(), organization_id, assessment_id, 9, 9, {broken}, NULL, checksum, published_by,
               published_at FROM assessment.custom_assessment_versions"
        );
        let refused = try_sql(&mut admin, &copy).await;
        assert_eq!(refused, Err("23514 custom_assessment_versions_definition_check".to_owned()), "{broken}");
    }
    let kept = "UPDATE assessment.custom_assessments SET definition = definition";
    assert_eq!(try_sql(&mut admin, kept).await, Ok(1));
}

#[tokio::test]
async fn names_and_ranges_of_the_requirement_are_kept() {
    let world = World::new().await;
    let fixture = world.ask(world.north, 1, 100).await;
    let session = world.take(&fixture, 2, 200).await;
    world.score(&session, 300, [300, 320]).await;
    let mut admin = superuser(&world.database).await;
    for (table, set) in [
        ("custom_assessments", "source_type = 'found'"),
        ("custom_assessments", "assessment_type = 'other'"),
        ("custom_assessments", "interview_style_default = 6"),
        ("custom_assessments", "result_disclosure = 'half'"),
        ("custom_assessments", "status = 'gone'"),
        ("custom_assessments", "marketplace_status = 'sold'"),
        ("custom_assessments", "marketplace_price_tier = 'cheap'"),
        ("custom_assessments", "slug = 'Not A Slug'"),
        ("custom_assessments", "version = '1'"),
        ("campaigns", "assessment_type = 'other'"),
        ("campaigns", "terms = terms || '{\"style\": 6}'"),
        ("campaigns", "status = 'gone'"),
        ("interview_sessions", "session_type = 'other'"),
        ("interview_sessions", "status = 'scored'"),
        ("interview_sessions", "campaign_id = NULL"),
        ("custom_assessment_results", "session_type = 'other'"),
        ("custom_assessment_results", "overall_hundredths = 10001"),
    ] {
        let refused = try_sql(&mut admin, &format!("UPDATE assessment.{table} SET {set}")).await;
        assert!(
            refused.as_ref().is_err_and(|error| error.starts_with("23514")),
            "{table} {set}: {refused:?}"
        );
    }
    let score = "SELECT overall_score::text FROM assessment.custom_assessment_results";
    let score: String = sqlx::query_scalar(score).fetch_one(&mut admin).await.expect("a score");
    assert_eq!(score, "3.20");
}

fn names<T: Copy>(all: &[T], name: impl Fn(T) -> &'static str) -> BTreeSet<&'static str> {
    all.iter().copied().map(name).collect()
}

/// Every name of the domain must pass, or saving it would fail.
#[tokio::test]
async fn every_name_of_the_domain_passes_its_check() {
    use assessment_engine::*;
    use assessment_format::session::Stage;
    use kernel::task::TaskStatus;
    let world = World::new().await;
    let found = sqlx::query(
        "SELECT c.relname || ' ' || pg_get_constraintdef(k.oid) AS text
         FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid WHERE k.contype = 'c'",
    )
    .fetch_all(&mut superuser(&world.database).await)
    .await
    .expect("constraints");
    let checks: Vec<String> = found.iter().map(|row| row.get("text")).collect();
    let origins = names(&OriginKind::ALL, OriginKind::name);
    let statuses = names(&MarketplaceStatus::ALL, MarketplaceStatus::name);
    let tiers = names(&PriceTier::ALL, PriceTier::name);
    for (table, column, names) in [
        ("custom_assessments", "status", names(&AssessmentStatus::ALL, AssessmentStatus::name)),
        ("custom_assessments", "source_type", names(&SourceType::ALL, SourceType::name)),
        ("custom_assessments", "template", names(&TemplateName::ALL, TemplateName::name)),
        ("custom_assessments", "marketplace_status", statuses.clone()),
        ("custom_assessments", "marketplace_price_tier", tiers.clone()),
        ("marketplace_listings", "status", statuses),
        ("marketplace_listings", "price_tier", tiers),
        ("campaigns", "status", names(&CampaignStatus::ALL, CampaignStatus::name)),
        ("campaigns", "assessment_type", names(&AssessmentType::ALL, AssessmentType::name)),
        ("coaching_sessions", "status", names(&CoachingStatus::ALL, CoachingStatus::name)),
        ("interview_sessions", "session_type", origins.clone()),
        ("interview_sessions", "status", names(&Stage::ALL, Stage::name)),
        ("custom_assessment_results", "session_type", origins.clone()),
        ("participations", "session_type", origins),
        ("tasks", "status", names(&TaskStatus::ALL, TaskStatus::name)),
    ] {
        let passes = |text: &String| {
            text.starts_with(&format!("{table} CHECK (({column} = "))
                && names.iter().all(|name| text.contains(&format!("'{name}'")))
        };
        assert!(checks.iter().any(passes), "{table}.{column} refuses one of {names:?}: {checks:#?}");
    }
}
