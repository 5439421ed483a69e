//! The parts of a definition, field by field. Every structure is taken apart in full, so that a field that is
//! added to the model does not compile until someone decides what its change means.

use super::{
    Level::{Scoring, Wording},
    VersionDiff, order,
};
use crate::definition::{
    Anchor, Category, CategoryRule, Content, Dimension, Guidelines, Interview, Introductions, Item, Kind,
    Part, Settings,
};

impl VersionDiff {
    pub(super) fn content(&mut self, old: &Content, new: &Content) {
        let Content { settings, dimensions, categories, guidelines, parts, items, introductions, notes } =
            old;
        self.settings(settings, &new.settings);
        let comparative = new.settings.kind == Kind::Comparative;
        let (by_place, by_rule) = if comparative { (Scoring, Wording) } else { (Wording, Scoring) };
        let dimension = Listed {
            name: "dimension",
            folder: "dimensions",
            id: |of: &Dimension| of.id.as_str(),
            order: by_place,
        };
        self.list(&dimension, dimensions, &new.dimensions, |_| Scoring, Self::dimension);
        let category = Listed {
            name: "category",
            folder: "categories",
            id: |of: &Category| of.id.as_str(),
            order: by_rule,
        };
        self.list(&category, categories, &new.categories, |_| Scoring, Self::category);
        self.guidelines(guidelines, &new.guidelines);
        let part = Listed { name: "part", folder: "parts", id: |of: &Part| of.id.as_str(), order: Wording };
        self.list(&part, parts, &new.parts, |_| Wording, Self::part);
        let item = Listed { name: "item", folder: "items", id: |of: &Item| of.id.as_str(), order: Wording };
        let weight = |item: &Item| if item.measures.is_empty() { Wording } else { Scoring };
        self.list(&item, items, &new.items, weight, Self::item);
        self.introductions(introductions, &new.introductions);
        self.changed(Wording, "notes", "the notes", notes, &new.notes);
    }

    fn settings(&mut self, old: &Settings, new: &Settings) {
        let Settings {
            name,
            slug,
            description,
            version: _,
            kind,
            scale,
            interview,
            disclosure,
            language,
            tie,
            coverage,
            time_limit_minutes,
            default_answer,
        } = old;
        self.changed(Wording, "settings/name", "the name", name, &new.name);
        self.changed(Wording, "settings/slug", "the slug", slug, &new.slug);
        self.changed(Wording, "settings/description", "the description", description, &new.description);
        self.changed(Scoring, "settings/type", "the type", kind, &new.kind);
        self.changed(Scoring, "settings/scale", "the scale", scale, &new.scale);
        let Interview { style, allow_override } = interview;
        self.changed(
            Wording,
            "settings/interview/style",
            "the style of the interview",
            style,
            &new.interview.style,
        );
        let what = "whether a campaign may change the style";
        self.changed(
            Wording,
            "settings/interview/allow-override",
            what,
            allow_override,
            &new.interview.allow_override,
        );
        self.changed(
            Wording,
            "settings/result-disclosure",
            "what a person sees",
            disclosure,
            &new.disclosure,
        );
        self.changed(Wording, "settings/language", "the language", language, &new.language);
        self.changed(Scoring, "settings/tie", "how ties are settled", tie, &new.tie);
        let (old_coverage, new_coverage) =
            (coverage.normalize().to_string(), new.coverage.normalize().to_string());
        self.changed(Scoring, "settings/coverage", "the coverage needed", &old_coverage, &new_coverage);
        let limit = &new.time_limit_minutes;
        self.changed(Wording, "settings/time-limit", "the time limit in minutes", time_limit_minutes, limit);
        self.changed(
            Wording,
            "settings/default-answer",
            "the default answer",
            default_answer,
            &new.default_answer,
        );
    }

    fn dimension(&mut self, at: &str, old: &Dimension, new: &Dimension) {
        let Dimension { id, name, weight, description, anchors, anchors_heading } = old;
        let field = |key: &str| format!("{at}/{key}");
        let of = |what: &str| format!("the {what} of dimension `{id}`");
        self.changed(Wording, &field("name"), &of("name"), name, &new.name);
        let (old_weight, new_weight) = (weight.normalize().to_string(), new.weight.normalize().to_string());
        self.changed(Scoring, &field("weight"), &of("weight"), &old_weight, &new_weight);
        self.changed(Wording, &field("description"), &of("description"), description, &new.description);
        let scores = |anchors: &[Anchor]| -> Vec<_> {
            anchors.iter().map(|anchor| anchor.score.normalize()).collect()
        };
        let level = if scores(anchors) == scores(&new.anchors) { Wording } else { Scoring };
        self.changed(level, &field("anchors"), &of("anchors"), anchors, &new.anchors);
        let heading = &new.anchors_heading;
        self.changed(
            Wording,
            &field("anchors-heading"),
            &of("heading over the anchors"),
            anchors_heading,
            heading,
        );
    }

    fn category(&mut self, at: &str, old: &Category, new: &Category) {
        let Category { id, name, rule, description } = old;
        let field = |key: &str| format!("{at}/{key}");
        let of = |what: &str| format!("the {what} of category `{id}`");
        self.changed(Wording, &field("name"), &of("name"), name, &new.name);
        self.changed(Scoring, &field("rule"), &of("rule"), &in_words(rule), &in_words(&new.rule));
        self.changed(Wording, &field("description"), &of("description"), description, &new.description);
    }

    fn guidelines(&mut self, old: &Guidelines, new: &Guidelines) {
        let Guidelines { opening, topics, follow_ups, never_ask, closing, notes } = old;
        self.changed(Wording, "guidelines/opening", "the opening of the interview", opening, &new.opening);
        self.changed(Wording, "guidelines/topics", "the questions of the interview", topics, &new.topics);
        self.changed(
            Wording,
            "guidelines/follow-ups",
            "the follow-ups of the interview",
            follow_ups,
            &new.follow_ups,
        );
        self.changed(Wording, "guidelines/never-ask", "what must not be asked", never_ask, &new.never_ask);
        self.changed(Wording, "guidelines/closing", "the closing of the interview", closing, &new.closing);
        self.changed(Wording, "guidelines/notes", "the advice for interviewers", notes, &new.notes);
    }

    fn part(&mut self, at: &str, old: &Part, new: &Part) {
        let Part { id, name, instructions } = old;
        self.changed(Wording, &format!("{at}/name"), &format!("the name of part `{id}`"), name, &new.name);
        let what = format!("the instructions of part `{id}`");
        self.changed(Wording, &format!("{at}/instructions"), &what, instructions, &new.instructions);
    }

    fn item(&mut self, at: &str, old: &Item, new: &Item) {
        let Item { id, part, text, measures, required, answer } = old;
        let field = |key: &str| format!("{at}/{key}");
        let of = |what: &str| format!("{what} of item `{id}`");
        self.changed(Wording, &field("part"), &of("the part"), part, &new.part);
        self.changed(Wording, &field("text"), &of("the text"), text, &new.text);
        let sorted = |measures: &[crate::definition::Measure]| {
            let mut measures = measures.to_vec();
            measures.sort_by(|a, b| a.dimension.cmp(&b.dimension));
            measures
        };
        let (old_measures, new_measures) = (sorted(measures), sorted(&new.measures));
        self.changed(Scoring, &field("measures"), &of("what is measured"), &old_measures, &new_measures);
        self.changed(Wording, &field("required"), &of("the need to answer"), required, &new.required);
        let counts = !(measures.is_empty() && new.measures.is_empty());
        self.answer(&field("answer"), id, (answer, &new.answer), counts);
    }

    fn introductions(&mut self, old: &Introductions, new: &Introductions) {
        let Introductions { dimensions, categories, guidelines, items } = old;
        let what = |section: &str| format!("the introduction of the {section}");
        let place = |section: &str| format!("introductions/{section}");
        self.changed(Wording, &place("dimensions"), &what("dimensions"), dimensions, &new.dimensions);
        self.changed(Wording, &place("categories"), &what("categories"), categories, &new.categories);
        self.changed(Wording, &place("guidelines"), &what("guidelines"), guidelines, &new.guidelines);
        self.changed(Wording, &place("items"), &what("items"), items, &new.items);
    }

    /// Compares things by their ids: those on both sides with `each`, then what is gone, what is new, and the
    /// order.
    fn list<T: serde::Serialize>(
        &mut self,
        kind: &Listed<T>,
        old: &[T],
        new: &[T],
        weight: fn(&T) -> super::Level,
        each: fn(&mut Self, &str, &T, &T),
    ) {
        let Listed { name, folder, id, order: level } = *kind;
        for was in old {
            let at = format!("{folder}/{}", id(was));
            match new.iter().find(|is| id(is) == id(was)) {
                Some(is) => each(self, &at, was, is),
                None => self.removed(weight(was), at, &format!("{name} `{}`", id(was)), was),
            }
        }
        for is in new.iter().filter(|is| !old.iter().any(|was| id(was) == id(is))) {
            self.added(weight(is), format!("{folder}/{}", id(is)), &format!("{name} `{}`", id(is)), is);
        }
        let what = format!("the order of the {folder}");
        self.changed(level, &format!("{folder}/order"), &what, &order(old, new, id), &order(new, old, id));
    }
}

/// A kind of thing that is listed.
struct Listed<T> {
    name: &'static str,
    folder: &'static str,
    id: fn(&T) -> &str,
    /// What a change of order is.
    order: super::Level,
}

fn in_words(rule: &CategoryRule) -> String {
    match rule {
        CategoryRule::When(condition) => condition.to_string(),
        CategoryRule::Highest(dimension) => format!("`{dimension}` is highest"),
        CategoryRule::Default => "default".to_owned(),
    }
}
