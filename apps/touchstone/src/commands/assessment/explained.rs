//! A result for people: the scores, then how each came about.

use std::fmt::{self, Write as _};

use assessment_format::{
    Answers, Definition, Explanation, Reply, Slug,
    definition::{Dimension, Kind},
    scoring::{
        CategoryExplained, DimensionExplained, LeftOut, OverallExplained, Report, Share, Value, ValueSource,
        WhyLeftOut,
    },
};
use rust_decimal::Decimal;

/// The whole of it.
pub(super) fn text(report: &Report<'_>, explanation: &Explanation, answers: &Answers) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = scores(&mut text, report);
    for (dimension, explained) in report.definition().dimensions.iter().zip(&explanation.dimensions) {
        let _ = of_dimension(&mut text, dimension, explained);
    }
    let _ = of_overall(&mut text, report.definition(), &explanation.overall);
    let _ = of_category(&mut text, report, &explanation.category);
    let _ = missing(&mut text, report.definition(), answers);
    text
}

fn scores(out: &mut String, report: &Report<'_>) -> fmt::Result {
    let definition = report.definition();
    let settings = &definition.settings;
    let scale = settings.scale;
    writeln!(out, "{} {}, scores from {} to {}\n", settings.name, settings.version, scale.min, scale.max)?;
    let names = definition.dimensions.iter().map(|dimension| dimension.name.as_str());
    let width = widest(names.chain(["Category"]));
    for (dimension, scored) in definition.dimensions.iter().zip(report.dimensions()) {
        let weight = percent(dimension.weight);
        writeln!(out, "  {:width$}  {weight:>8}  {:>7}", scored.name, or_none(scored.score))?;
    }
    let category = report.category().map_or("none", |category| category.name.as_str());
    writeln!(out, "  {:width$}  {:8}  {:>7}", "Overall", "", or_none(report.outcome().overall))?;
    writeln!(out, "  {:width$}  {category}", "Category")
}

fn of_dimension(out: &mut String, dimension: &Dimension, explained: &DimensionExplained) -> fmt::Result {
    match (explained.score, explained.values.len()) {
        (None, _) => writeln!(out, "\n{}: no score, nothing counts for it", dimension.name)?,
        (Some(score), 1) => writeln!(out, "\n{}: {score}", dimension.name)?,
        (Some(score), many) => writeln!(out, "\n{}: {score}, the mean of {many} values", dimension.name)?,
    }
    let counted = |value| (item_of(value), value.value.normalize().to_string(), source(&value.source));
    let left_out = explained
        .left_out
        .iter()
        .map(|LeftOut { item, why: reason }| (named(item.as_ref()), "-".to_owned(), why(*reason).to_owned()));
    let rows: Vec<_> = explained.values.iter().map(counted).chain(left_out).collect();
    let width = widest(rows.iter().map(|(item, ..)| *item));
    for (item, value, from) in rows {
        writeln!(out, "  {item:width$}  {value:>10}  {from}")?;
    }
    Ok(())
}

fn of_overall(out: &mut String, definition: &Definition, explained: &OverallExplained) -> fmt::Result {
    let (covered, needed) = (percent(explained.covered), percent(explained.needed));
    let Some(score) = explained.score else {
        return writeln!(out, "\nOverall: no score; {covered} of the weight has one, {needed} is needed");
    };
    writeln!(out, "\nOverall: {score}, the sum of")?;
    let name = |share: &Share| definition.dimension(&share.dimension).map_or("", |of| of.name.as_str());
    let width = widest(explained.shares.iter().map(name));
    for share in &explained.shares {
        let (part, mean) = (percent(share.share), share.mean.normalize());
        writeln!(out, "  {:width$}  {part:>8} of {mean}", name(share))?;
    }
    writeln!(out, "  {covered} of the weight has a score, {needed} is needed")
}

fn of_category(out: &mut String, report: &Report<'_>, explained: &CategoryExplained) -> fmt::Result {
    let name = report.category().map_or("none", |category| category.name.as_str());
    writeln!(out, "\nCategory: {name}")?;
    if let (Kind::Comparative, Some(tie)) =
        (report.definition().settings.kind, report.definition().settings.tie)
    {
        let tied = listed(&explained.tied);
        return match (explained.tied.as_slice(), &explained.winner) {
            ([], _) => {
                writeln!(out, "  too little of the weight has a score to say which dimension is highest")
            }
            ([only], _) => writeln!(out, "  {only} is highest, by more than {}", tie.margin),
            (_, Some(winner)) => writeln!(out, "  {tied} are within {}; {winner} wins", tie.margin),
            (_, None) => writeln!(out, "  {tied} are within {}; the default is given", tie.margin),
        };
    }
    let width = widest(explained.tried.iter().map(|tried| tried.category.as_str()));
    for tried in &explained.tried {
        let verdict = match tried.holds {
            Some(true) => "yes",
            Some(false) => "no",
            None => "a missing score decides",
        };
        let when = tried.when.as_deref().unwrap_or("otherwise");
        writeln!(out, "  {:width$}  {when}: {verdict}", tried.category.as_str())?;
    }
    Ok(())
}

/// What keeps these answers from being submitted.
fn missing(out: &mut String, definition: &Definition, answers: &Answers) -> fmt::Result {
    let unanswered =
        definition.items.iter().filter(|item| item.required && answers.reply(&item.id).is_none());
    let unanswered: Vec<Slug> = unanswered.map(|item| item.id.clone()).collect();
    if unanswered.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nNot complete: a session is submitted only with an answer to {}", listed(&unanswered))
}

fn source(source: &ValueSource) -> String {
    match source {
        ValueSource::Item { reply, reversed, .. } => {
            let reply = match reply {
                Reply::Step(step) => format!("step {step}"),
                Reply::Option(option) => format!("option {option}"),
                Reply::Options(options) if options.is_empty() => "no option".to_owned(),
                Reply::Options(options) => {
                    let options: Vec<String> = options.iter().map(u8::to_string).collect();
                    format!("options {}", options.join(", "))
                }
                Reply::Number(number) => format!("number {number}"),
                Reply::Text(_) => "text".to_owned(),
            };
            if *reversed { format!("{reply}, reversed") } else { reply }
        }
        ValueSource::Ratings { raters, .. } => format!("rated by {raters}"),
    }
}

const fn why(left_out: WhyLeftOut) -> &'static str {
    match left_out {
        WhyLeftOut::NotAnswered => "not answered",
        WhyLeftOut::NotRated => "a text, which a person rates",
        WhyLeftOut::TooLittleEvidence => "too little evidence to rate",
        WhyLeftOut::DoesNotFit => "no answer to this item",
        WhyLeftOut::AllWorthTheSame => "whatever is answered is worth the same",
    }
}

fn item_of(value: &Value) -> &str {
    match &value.source {
        ValueSource::Item { item, .. } => item.as_str(),
        ValueSource::Ratings { item, .. } => named(item.as_ref()),
    }
}

fn named(item: Option<&Slug>) -> &str {
    item.map_or("interview", Slug::as_str)
}

fn listed(ids: &[Slug]) -> String {
    let ids: Vec<&str> = ids.iter().map(Slug::as_str).collect();
    ids.join(", ")
}

fn percent(share: Decimal) -> String {
    format!("{}%", (share * Decimal::ONE_HUNDRED).normalize())
}

fn or_none(score: Option<impl fmt::Display>) -> String {
    score.map_or_else(|| "-".to_owned(), |score| score.to_string())
}

fn widest<'t>(texts: impl Iterator<Item = &'t str>) -> usize {
    texts.map(|text| text.chars().count()).max().unwrap_or_default()
}
