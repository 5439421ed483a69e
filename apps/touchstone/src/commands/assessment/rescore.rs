//! `touchstone assessment rescore`.

use assessment_engine::results::rescoring::{Applied, Moved, Preview, Rescore};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use kernel::Scope;
use serde_json::json;

use crate::{
    cli::RescoreAssessment,
    commands::attach::{Attached, refused, system},
    config::Settings,
    exit::Failure,
    output,
};

pub(super) async fn run(settings: &Settings, what: &RescoreAssessment) -> Result<(), Failure> {
    let attached = Attached::open(settings).await?;
    let done = rescore(&attached, what).await;
    attached.close(done).await
}

async fn rescore(attached: &Attached, what: &RescoreAssessment) -> Result<(), Failure> {
    let rescoring = &attached.platform.assessments.rescoring;
    let RescoreAssessment { organization, assessment, campaign, version, .. } = *what;
    let of = Rescore { assessment, campaign, version };
    let tenant = system("assessment rescore").within(Scope::Tenant(organization));
    let results = rescoring.count(&tenant, of).await.map_err(refused)?;
    let bar = over_results(results);
    let seen = |count| bar.inc(count);
    if what.apply {
        let applied = rescoring.apply_all(&tenant, organization, of, seen).await.map_err(refused)?;
        bar.finish_and_clear();
        tell_applied(&applied, what.json);
    } else {
        let preview = rescoring.preview_all(&tenant, organization, of, seen).await.map_err(refused)?;
        bar.finish_and_clear();
        tell_preview(&preview, what.json)?;
    }
    Ok(())
}

/// A bar for whoever waits at a terminal.
fn over_results(results: u64) -> ProgressBar {
    if !output::is_watched() {
        return ProgressBar::hidden();
    }
    let template = "{wide_bar} {human_pos} of {human_len} results, {per_sec}, {eta} left";
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(Some(results), ProgressDrawTarget::stderr()).with_style(style)
}

fn tell_applied(applied: &Applied, as_json: bool) {
    let Applied { results, replaced } = applied;
    if as_json {
        return output::line(json!({ "results": results, "replaced": replaced }));
    }
    output::line(format_args!(
        "{}, {replaced} with a new run. The old runs stay.",
        counted_results(*results)
    ));
}

fn tell_preview(preview: &Preview, as_json: bool) -> Result<(), Failure> {
    if as_json {
        let shown = serde_json::to_string(preview).map_err(Failure::fault)?;
        output::line(shown);
        return Ok(());
    }
    let Preview { results, changed, erased, .. } = preview;
    output::line(format_args!("{}, {changed} would come out otherwise.", counted_results(*results)));
    if *erased > 0 {
        output::line(format_args!("{erased} stay as they are: what was answered was erased."));
    }
    let dimensions = preview.dimensions.iter().map(|(id, moved)| (id.as_str(), moved));
    for (name, moved) in dimensions.chain([("overall", &preview.overall)]) {
        let Moved { up, down, gained, lost } = moved;
        if up + down + gained + lost > 0 {
            output::line(format_args!("  {name}: {up} up, {down} down, {gained} gained, {lost} lost"));
        }
    }
    for moved in &preview.categories {
        let named = |name: &Option<String>| name.clone().unwrap_or_else(|| "no category".to_owned());
        output::line(format_args!("  {} -> {}: {}", named(&moved.from), named(&moved.to), moved.results));
    }
    Ok(())
}

fn counted_results(results: u64) -> String {
    format!("{results} {}", if results == 1 { "result" } else { "results" })
}
