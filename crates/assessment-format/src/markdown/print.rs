//! Prints a definition as a file that reads back as the same definition.

mod escape;

use std::fmt::{Display, Write as _};

use rust_decimal::Decimal;

use self::escape::cell;
pub(crate) use self::escape::{heading, yaml};
use super::SCHEMA;
use crate::{
    check::{MAX_LENGTH, percent},
    definition::{
        Anchor, Answer, Category, CategoryRule, Choice, Definition, Dimension, Guidelines, Item, Likert,
        Measure, Named as _, Note, OptionScore, Settings, Topic,
    },
    headings::{ASK_ABOUT, Section},
    slug::Slug,
};

/// Prints a definition. Reading what was printed gives the same definition.
pub fn print(definition: &Definition) -> String {
    let mut page = Page(String::with_capacity(4_096));
    let settings = &definition.settings;
    page.front_matter(settings);
    page.heading(1, &settings.name);
    page.prose(&settings.description);

    page.heading(2, Section::Dimensions.heading());
    page.prose(&definition.introductions.dimensions);
    definition.dimensions.iter().for_each(|dimension| page.dimension(dimension));

    page.heading(2, Section::Categories.heading());
    page.prose(&definition.introductions.categories);
    definition.categories.iter().for_each(|category| page.category(category));

    let introduction = &definition.introductions.guidelines;
    if definition.guidelines != Guidelines::default() || !introduction.is_empty() {
        page.heading(2, Section::Guidelines.heading());
        page.prose(introduction);
        page.guidelines(definition);
    }
    let introduction = &definition.introductions.items;
    if !definition.items.is_empty() || !definition.parts.is_empty() || !introduction.is_empty() {
        page.heading(2, Section::Items.heading());
        page.prose(introduction);
        page.items(definition);
    }
    definition.notes.iter().for_each(|note| page.note(2, note));
    page.0
}

struct Page(String);

impl Page {
    /// A line. Writing to a String cannot fail.
    fn line(&mut self, text: impl Display) {
        let _ = writeln!(self.0, "{text}");
    }

    fn key(&mut self, indent: &str, key: &str, value: impl Display) {
        let _ = writeln!(self.0, "{indent} {key}: {value}");
    }

    fn heading(&mut self, level: usize, text: &str) {
        let _ = writeln!(self.0, "\n{} {}", "#".repeat(level), heading(text));
    }

    fn prose(&mut self, text: &str) {
        if !text.is_empty() {
            let _ = writeln!(self.0, "\n{text}");
        }
    }

    fn front_matter(&mut self, settings: &Settings) {
        self.line("---");
        let mut pair = |key: &str, value: &dyn Display| self.line(format_args!("{key}: {value}"));
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
        self.line("---");
    }

    fn dimension(&mut self, dimension: &Dimension) {
        self.heading(3, &dimension.name);
        self.line("");
        let mark = mark_before(&dimension.description);
        self.key(mark, "id", &dimension.id);
        self.key(mark, "weight", percent(dimension.weight));
        self.prose(&dimension.description);
        if !dimension.anchors.is_empty() {
            let heading = dimension.anchors_heading.as_deref().unwrap_or(Anchor::HEADING);
            self.line(format_args!("\n| score | {} |\n|---|---|", cell(heading)));
            for anchor in &dimension.anchors {
                self.line(format_args!("| {} | {} |", anchor.score.normalize(), cell(&anchor.text)));
            }
        }
    }

    fn category(&mut self, category: &Category) {
        self.heading(3, &category.name);
        self.line("");
        let mark = mark_before(&category.description);
        if Slug::of(&category.name).as_ref() != Some(&category.id) {
            self.key(mark, "id", &category.id);
        }
        match &category.rule {
            CategoryRule::When(condition) => self.key(mark, "when", condition),
            CategoryRule::Highest(dimension) => self.key(mark, "dimension", dimension),
            CategoryRule::Default => self.key(mark, "default", true),
        }
        self.prose(&category.description);
    }

    fn guidelines(&mut self, definition: &Definition) {
        let guidelines = &definition.guidelines;
        self.titled("Opening", &guidelines.opening);
        for topic in &guidelines.topics {
            self.topic(definition, topic);
        }
        self.bullets("Follow-ups", &guidelines.follow_ups);
        self.bullets("Never ask", &guidelines.never_ask);
        self.titled("Closing", &guidelines.closing);
        guidelines.notes.iter().for_each(|note| self.note(3, note));
    }

    fn titled(&mut self, title: &str, text: &str) {
        if !text.is_empty() {
            self.heading(3, title);
            self.prose(text);
        }
    }

    fn bullets(&mut self, title: &str, lines: &[String]) {
        if !lines.is_empty() {
            self.heading(3, title);
            self.line("");
            for line in lines {
                self.line(format_args!("- {line}"));
            }
        }
    }

    fn topic(&mut self, definition: &Definition, topic: &Topic) {
        let name =
            definition.dimension(&topic.dimension).map_or(topic.dimension.as_str(), |found| &found.name);
        self.heading(3, &format!("{ASK_ABOUT} {name}"));
        self.prose(&topic.guidance);
        if !topic.questions.is_empty() {
            self.line("");
        }
        for question in &topic.questions {
            self.line(format_args!("- {}", question.text));
            question.follow_ups.iter().for_each(|line| self.line(format_args!("  - {line}")));
        }
    }

    fn note(&mut self, level: usize, note: &Note) {
        self.heading(level, &note.heading);
        self.prose(&note.text);
    }

    fn items(&mut self, definition: &Definition) {
        let settings = &definition.settings;
        let mut number = 1;
        let mut print_those_of = |page: &mut Self, part: Option<&Slug>| {
            let of_part = |item: &&Item| item.part.as_ref() == part;
            let is_long = definition.items.iter().filter(of_part).any(|item| item.text.contains('\n'));
            for (n, item) in definition.items.iter().filter(of_part).enumerate() {
                page.0.push_str(if n == 0 || is_long { "\n" } else { "" });
                page.item(number, item, settings);
                number += 1;
            }
        };
        print_those_of(self, None);
        for part in &definition.parts {
            self.heading(3, &part.name);
            self.prose(&part.instructions);
            print_those_of(self, Some(&part.id));
        }
    }

    fn item(&mut self, number: usize, item: &Item, settings: &Settings) {
        let mark = format!("{number}. ");
        let indent = " ".repeat(mark.len());
        for (n, line) in item.text.split('\n').enumerate() {
            match (n, line) {
                (0, line) => self.line(format_args!("{mark}{line}")),
                (_, "") => self.line(""),
                (_, line) => self.line(format_args!("{indent}{line}")),
            }
        }
        self.0.push_str(if item.text.contains('\n') { "\n" } else { "" });
        let bullet = format!("{indent}-");
        self.key(&bullet, "id", &item.id);
        let options = match &item.answer {
            Answer::SingleChoice { options } | Answer::MultipleChoice { options, .. } => &options[..],
            _ => &[],
        };
        let by_options = options.iter().any(|choice| matches!(choice.worth, OptionScore::Toward(_)));
        if !item.measures.is_empty() && !by_options {
            self.key(&bullet, "measures", measures(&item.measures));
        }
        self.answer(&bullet, item, settings);
        if !item.required {
            self.key(&bullet, "required", false);
        }
        for choice in options {
            self.line(format_args!("{bullet} [{}] {}", worth(choice), choice.text));
        }
    }

    fn answer(&mut self, bullet: &str, item: &Item, settings: &Settings) {
        let answer = &item.answer;
        match answer {
            Answer::Agree(likert) if settings.default_answer.as_ref() == Some(likert) => (),
            Answer::Agree(Likert { labels, .. }) => {
                self.key(bullet, "answer", answer.form());
                if !labels.is_empty() {
                    self.key(bullet, "labels", labels.join(" | "));
                }
            }
            Answer::SingleChoice { .. } => (),
            Answer::MultipleChoice { options, least, most } => {
                self.key(bullet, "answer", answer.form());
                if *least == u8::from(item.required) && usize::from(*most) == options.len() {
                    return;
                }
                let choose = if least == most { least.to_string() } else { format!("{least}..{most}") };
                self.key(bullet, "choose", choose);
            }
            Answer::Number { min, max, decimals, unit, correct } => {
                self.key(bullet, "answer", answer.form());
                self.key(bullet, "range", format_args!("{}..{}", min.normalize(), max.normalize()));
                if *decimals > 0 {
                    self.key(bullet, "decimals", decimals);
                }
                if let Some(unit) = unit {
                    self.key(bullet, "unit", unit);
                }
                if let Some(correct) = correct {
                    self.key(bullet, "correct", correct.value.normalize());
                    if !correct.tolerance.is_zero() {
                        self.key(bullet, "tolerance", correct.tolerance.normalize());
                    }
                }
            }
            Answer::Text { max_length } => {
                self.key(bullet, "answer", answer.form());
                if *max_length != MAX_LENGTH {
                    self.key(bullet, "max_length", max_length);
                }
            }
        }
    }
}

/// The bullet of a list of keys: another than that of a list with which the prose after it begins, so that they
/// stay two.
fn mark_before(prose: &str) -> &'static str {
    if prose.starts_with('-') { "*" } else { "-" }
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
