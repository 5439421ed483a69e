//! Prints a definition as a file that reads back as the same definition.

use std::fmt::Display;

use prose::{Page, Section as _, bullet_before, cell, percent, yaml};
use rust_decimal::Decimal;

use super::SCHEMA;
use crate::{
    check::MAX_LENGTH,
    definition::{
        Anchor, Answer, Category, CategoryRule, Choice, Definition, Dimension, Guidelines, Item, Likert,
        Measure, OptionScore, Settings, Topic,
    },
    headings::{ASK_ABOUT, Section},
    slug::Slug,
};

/// Prints a definition. Reading what was printed gives the same definition.
pub fn print(definition: &Definition) -> String {
    let mut page = Page::new();
    let settings = &definition.settings;
    front_matter(&mut page, settings);
    page.heading(1, &settings.name);
    page.prose(&settings.description);

    page.heading(2, Section::Dimensions.heading());
    page.prose(&definition.introductions.dimensions);
    definition.dimensions.iter().for_each(|one| dimension(&mut page, one));

    page.heading(2, Section::Categories.heading());
    page.prose(&definition.introductions.categories);
    definition.categories.iter().for_each(|one| category(&mut page, one));

    let introduction = &definition.introductions.guidelines;
    if definition.guidelines != Guidelines::default() || !introduction.is_empty() {
        page.heading(2, Section::Guidelines.heading());
        page.prose(introduction);
        guidelines(&mut page, definition);
    }
    let introduction = &definition.introductions.items;
    if !definition.items.is_empty() || !definition.parts.is_empty() || !introduction.is_empty() {
        page.heading(2, Section::Items.heading());
        page.prose(introduction);
        items(&mut page, definition);
    }
    definition.notes.iter().for_each(|note| page.note(2, &note.heading, &note.text));
    page.finish()
}

fn front_matter(page: &mut Page, settings: &Settings) {
    page.line("---");
    let mut pair = |key: &str, value: &dyn Display| page.setting(key, value);
    pair("schema", &SCHEMA);
    pair("name", &yaml(&settings.name));
    if let Some(slug) = &settings.slug {
        pair("slug", &yaml(slug.as_str()));
    }
    pair("version", &format_args!("\"{}\"", settings.version));
    pair("type", &settings.kind.name());
    let scale = settings.scale;
    pair("scale", &format_args!("{{ min: {}, max: {} }}", scale.min.normalize(), scale.max.normalize()));
    let (style, allow_override) = (settings.interview.style.get(), settings.interview.allow_override);
    pair("interview", &format_args!("{{ style: {style}, allow_override: {allow_override} }}"));
    pair("result_disclosure", &settings.disclosure.name());
    pair("language", &yaml(&settings.language));
    if let Some(tie) = settings.tie {
        pair("tie_margin", &tie.margin.normalize());
        pair("tie_break", &tie.winner.name());
    }
    if settings.coverage != Settings::COVERAGE {
        pair("coverage", &percent(settings.coverage));
    }
    if let Some(minutes) = settings.time_limit_minutes {
        pair("time_limit_minutes", &minutes);
    }
    if let Some(likert) = &settings.default_answer {
        pair("answer", &likert.form());
        if !likert.labels.is_empty() {
            let labels: Vec<String> = likert.labels.iter().map(|label| yaml(label)).collect();
            pair("labels", &format_args!("[{}]", labels.join(", ")));
        }
    }
    page.line("---");
}

fn dimension(page: &mut Page, dimension: &Dimension) {
    page.heading(3, &dimension.name);
    page.line("");
    let mark = bullet_before(&dimension.description);
    page.key(mark, "id", &dimension.id);
    page.key(mark, "weight", percent(dimension.weight));
    page.prose(&dimension.description);
    if !dimension.anchors.is_empty() {
        let heading = dimension.anchors_heading.as_deref().unwrap_or(Anchor::HEADING);
        page.line(format_args!("\n| score | {} |\n|---|---|", cell(heading)));
        for anchor in &dimension.anchors {
            page.line(format_args!("| {} | {} |", anchor.score.normalize(), cell(&anchor.text)));
        }
    }
}

fn category(page: &mut Page, category: &Category) {
    page.heading(3, &category.name);
    page.line("");
    let mark = bullet_before(&category.description);
    if Slug::of(&category.name).as_ref() != Some(&category.id) {
        page.key(mark, "id", &category.id);
    }
    match &category.rule {
        CategoryRule::When(condition) => page.key(mark, "when", condition),
        CategoryRule::Highest(dimension) => page.key(mark, "dimension", dimension),
        CategoryRule::Default => page.key(mark, "default", true),
    }
    page.prose(&category.description);
}

fn guidelines(page: &mut Page, definition: &Definition) {
    let guidelines = &definition.guidelines;
    titled(page, "Opening", &guidelines.opening);
    guidelines.topics.iter().for_each(|one| topic(page, definition, one));
    page.bullets("Follow-ups", &guidelines.follow_ups);
    page.bullets("Never ask", &guidelines.never_ask);
    titled(page, "Closing", &guidelines.closing);
    guidelines.notes.iter().for_each(|note| page.note(3, &note.heading, &note.text));
}

fn titled(page: &mut Page, title: &str, text: &str) {
    if !text.is_empty() {
        page.note(3, title, text);
    }
}

fn topic(page: &mut Page, definition: &Definition, topic: &Topic) {
    let name = definition.dimension(&topic.dimension).map_or(topic.dimension.as_str(), |found| &found.name);
    page.heading(3, &format!("{ASK_ABOUT} {name}"));
    page.prose(&topic.guidance);
    if !topic.questions.is_empty() {
        page.line("");
    }
    for question in &topic.questions {
        page.line(format_args!("- {}", question.text));
        question.follow_ups.iter().for_each(|line| page.line(format_args!("  - {line}")));
    }
}

fn items(page: &mut Page, definition: &Definition) {
    let settings = &definition.settings;
    let mut number = 1;
    let mut print_those_of = |page: &mut Page, part: Option<&Slug>| {
        let of_part = |item: &&Item| item.part.as_ref() == part;
        let is_long = definition.items.iter().filter(of_part).any(|item| item.text.contains('\n'));
        for (n, one) in definition.items.iter().filter(of_part).enumerate() {
            page.push(if n == 0 || is_long { "\n" } else { "" });
            item(page, number, one, settings);
            number += 1;
        }
    };
    print_those_of(page, None);
    for part in &definition.parts {
        page.heading(3, &part.name);
        page.prose(&part.instructions);
        print_those_of(page, Some(&part.id));
    }
}

fn item(page: &mut Page, number: usize, item: &Item, settings: &Settings) {
    let mark = format!("{number}. ");
    let indent = " ".repeat(mark.len());
    page.entry(&mark, &item.text);
    page.push(if item.text.contains('\n') { "\n" } else { "" });
    let bullet = format!("{indent}-");
    page.key(&bullet, "id", &item.id);
    let options = match &item.answer {
        Answer::SingleChoice { options } | Answer::MultipleChoice { options, .. } => &options[..],
        _ => &[],
    };
    let by_options = options.iter().any(|choice| matches!(choice.worth, OptionScore::Toward(_)));
    if !item.measures.is_empty() && !by_options {
        page.key(&bullet, "measures", measures(&item.measures));
    }
    answer(page, &bullet, item, settings);
    if !item.required {
        page.key(&bullet, "required", false);
    }
    for choice in options {
        page.line(format_args!("{bullet} [{}] {}", worth(choice), choice.text));
    }
}

fn answer(page: &mut Page, bullet: &str, item: &Item, settings: &Settings) {
    let answer = &item.answer;
    match answer {
        Answer::Agree(likert) if settings.default_answer.as_ref() == Some(likert) => (),
        Answer::Agree(Likert { labels, .. }) => {
            page.key(bullet, "answer", answer.form());
            if !labels.is_empty() {
                page.key(bullet, "labels", labels.join(" | "));
            }
        }
        Answer::SingleChoice { .. } => (),
        Answer::MultipleChoice { options, least, most } => {
            page.key(bullet, "answer", answer.form());
            if *least == u8::from(item.required) && usize::from(*most) == options.len() {
                return;
            }
            let choose = if least == most { least.to_string() } else { format!("{least}..{most}") };
            page.key(bullet, "choose", choose);
        }
        Answer::Number { min, max, decimals, unit, correct } => {
            page.key(bullet, "answer", answer.form());
            page.key(bullet, "range", format_args!("{}..{}", min.normalize(), max.normalize()));
            if *decimals > 0 {
                page.key(bullet, "decimals", decimals);
            }
            if let Some(unit) = unit {
                page.key(bullet, "unit", unit);
            }
            if let Some(correct) = correct {
                page.key(bullet, "correct", correct.value.normalize());
                if !correct.tolerance.is_zero() {
                    page.key(bullet, "tolerance", correct.tolerance.normalize());
                }
            }
        }
        Answer::Text { max_length } => {
            page.key(bullet, "answer", answer.form());
            if *max_length != MAX_LENGTH {
                page.key(bullet, "max_length", max_length);
            }
        }
    }
}

fn measures(measures: &[Measure]) -> String {
    let one = |measure: &Measure| {
        format!("{}{}", measure.dimension, if measure.reversed { " (reversed)" } else { "" })
    };
    measures.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// What stands in the brackets of an option.
fn worth(choice: &Choice) -> String {
    match &choice.worth {
        OptionScore::Nothing | OptionScore::Correct(false) => " ".to_owned(),
        OptionScore::Correct(true) => "x".to_owned(),
        OptionScore::Points(points) => points.normalize().to_string(),
        OptionScore::Toward(points) if points.is_empty() => " ".to_owned(),
        OptionScore::Toward(points) => {
            let one = |(id, points): &(Slug, Decimal)| match points.normalize() {
                // `x` and numbers stand for something else; they need their points.
                points if points == Decimal::ONE && !is_mark(id) => id.to_string(),
                points => format!("{id} {points}"),
            };
            points.iter().map(one).collect::<Vec<_>>().join(", ")
        }
    }
}

fn is_mark(id: &Slug) -> bool {
    id.as_str() == "x" || id.as_str().bytes().all(|byte| byte.is_ascii_digit())
}
