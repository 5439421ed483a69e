//! Rules of the settings.

use prose::{At, Bounds, Fields, Node};
use rust_decimal::Decimal;

use super::{Check, Known, keys, slots::Slot};
use crate::{
    definition::{Disclosure, Interview, Kind, Likert, Scale, Settings, Style, TieBreak, TieRule},
    diagnostic::Code,
    version::Version,
};

/// A scale that no score is off.
const WIDEST: Scale = Scale { min: Decimal::from_parts(100, 0, 0, true, 0), max: Decimal::ONE_HUNDRED };

impl Settings {
    /// Settings with every default, for a name.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            slug: None,
            description: String::new(),
            version: Version::FIRST,
            kind: Kind::MultiDimensional,
            scale: Scale { min: Decimal::ONE, max: Decimal::from(5) },
            interview: Interview { style: Style::default(), allow_override: true },
            disclosure: Disclosure::Full,
            language: "en".to_owned(),
            tie: None,
            coverage: Self::COVERAGE,
            time_limit_minutes: None,
            default_answer: None,
        }
    }

    /// How much of the weight must have a score, where nothing is said: three quarters.
    pub const COVERAGE: Decimal = Decimal::from_parts(75, 0, 0, false, 2);
}

impl Check<'_> {
    pub(super) fn settings<'n>(
        &mut self,
        node: Option<&'n Node<'n>>,
        root: &At,
        title: Option<(String, At)>,
    ) -> Settings {
        let mut settings = Settings::new("");
        let Some(node) = node else {
            let hint = "add `metadata` with a `name`";
            self.log.error(Code::MissingKey, &root.member("metadata"), "there is no `metadata`", hint);
            return settings;
        };
        if node.is_unknown() {
            (self.unread.kind, self.unread.default_answer) = (true, true);
            settings.scale = WIDEST;
            return settings;
        }
        let known: Vec<&str> = keys::SETTINGS.iter().copied().chain(["description"]).collect();
        let Some(fields) = self.map(node, &known) else { return settings };
        self.schema(&fields, node);
        let (name, slug) = self.names(&fields, node, title);
        settings.name = name.unwrap_or_default();
        settings.slug = slug;
        if let Some(node) = fields.get("description") {
            settings.description = self.slot(node, Slot::Plain).unwrap_or_default();
        }
        if let Some(node) = fields.get("version") {
            settings.version = self.version(node).unwrap_or(settings.version);
        }
        if let Some(kind) = fields.get("type").map(|node| self.named(node, &Kind::ALL, Kind::name)) {
            settings.kind = kind.unwrap_or(settings.kind);
            self.unread.kind = kind.is_none();
        }
        if let Some(scale) = fields.get("scale").map(|node| self.scale(node)) {
            settings.scale = scale.unwrap_or(WIDEST);
        }
        if let Some(interview) = fields.get("interview").and_then(|node| self.interview(node)) {
            settings.interview = interview;
        }
        if let Some(node) = fields.get("result_disclosure") {
            let disclosure = self.named(node, &Disclosure::ALL, Disclosure::name);
            settings.disclosure = disclosure.unwrap_or(settings.disclosure);
        }
        if let Some(language) = fields.get("language").and_then(|node| self.language(node)) {
            settings.language = language;
        }
        if let Some(coverage) = fields.get("coverage").and_then(|node| self.share(node, 4)) {
            settings.coverage = coverage;
        }
        settings.time_limit_minutes =
            fields.get("time_limit_minutes").and_then(|node| self.whole(node, 1, 10_080));
        settings.default_answer = self.default_answer(&fields);
        self.unread.default_answer = settings.default_answer.is_none() && fields.get("answer").is_some();
        if !self.unread.kind {
            settings.tie = self.tie(&settings, &fields, node);
        }
        settings
    }

    fn version(&mut self, node: &Node<'_>) -> Option<Version> {
        let version = self.text(node)?.trim().parse();
        if version.is_err() {
            let what = format!("`{}` is not a version", node.shown());
            self.log.error(
                Code::BadVersion,
                &node.at,
                what,
                "write two whole numbers with a point, such as \"1.0\"",
            );
        }
        version.ok()
    }

    fn scale(&mut self, node: &Node<'_>) -> Option<Scale> {
        let fields = self.map(node, keys::SCALE)?;
        let bounds = Bounds::new(-100, 100, 2);
        let [min, max] = ["min", "max"]
            .map(|key| self.required(&fields, key, node).and_then(|node| self.number(node, bounds)));
        let (min, max) = (min?, max?);
        if min >= max {
            let what = format!("the scale goes from {min} to {max}");
            self.log.error(Code::OutOfRange, &node.at, what, "`min` must be less than `max`");
            return None;
        }
        Some(Scale { min, max })
    }

    fn interview(&mut self, node: &Node<'_>) -> Option<Interview> {
        let fields = self.map(node, keys::INTERVIEW)?;
        let style = fields.get("style").and_then(|node| self.whole(node, 1, 5));
        let style = style.and_then(|style| Style::new(u8::try_from(style).ok()?).ok());
        let allow_override = fields.get("allow_override").and_then(|node| self.truth(node));
        Some(Interview { style: style.unwrap_or_default(), allow_override: allow_override.unwrap_or(true) })
    }

    fn default_answer(&mut self, fields: &Fields<'_>) -> Option<Likert> {
        let labels = fields.get("labels");
        let Some(answer) = fields.get("answer") else {
            if let Some(labels) = labels {
                let hint = "add `answer: agree-5`, or as many steps as there are";
                self.log.error(Code::AnswerForm, &labels.at, "`labels` need an `answer`", hint);
            }
            return None;
        };
        let text = self.text(answer)?.trim();
        let Some(steps) = super::answers::steps(text) else {
            let what = format!("`{text}` is not an answer that items can share");
            self.log.error(Code::UnknownValue, &answer.at, what, "write `agree-` and a number from 2 to 11");
            return None;
        };
        let labels = labels.map(|labels| self.labels(labels, steps)).unwrap_or_default();
        Some(Likert { steps, labels })
    }

    fn tie(&mut self, settings: &Settings, fields: &Fields<'_>, node: &Node<'_>) -> Option<TieRule> {
        let (margin, winner) = (fields.get("tie_margin"), fields.get("tie_break"));
        let keys = [(margin, "tie_margin", "0.2"), (winner, "tie_break", "order")];
        for (found, key, example) in keys {
            let key = self.dialect.key(key);
            match found {
                Some(found) if settings.kind != Kind::Comparative => {
                    let what = format!("`{key}` has a meaning in a comparative assessment only");
                    self.log.error(Code::TieRule, &found.at, what, "remove it, or change the type");
                }
                None if settings.kind == Kind::Comparative => {
                    let what = format!("a comparative assessment needs a `{key}`");
                    self.log.error(
                        Code::TieRule,
                        &node.at.member(&key),
                        what,
                        format!("add `{key}: {example}`"),
                    );
                }
                _ => (),
            }
        }
        let bounds = Bounds { min: Decimal::ZERO, max: settings.scale.length(), places: 2 };
        let margin = margin.and_then(|node| self.number(node, bounds));
        let winner = winner.and_then(|node| self.named(node, &TieBreak::ALL, TieBreak::name));
        Some(TieRule { margin: margin?, winner: winner? })
    }

    /// What the kind of the assessment asks of its dimensions.
    pub(super) fn kind(&mut self, settings: &Settings, known: &Known, fields: &Fields<'_>) {
        let at = fields.get("dimensions").map(|node| node.at.clone());
        let (Some(at), true) = (at, known.complete && !self.unread.kind) else { return };
        match (settings.kind, &known.dimensions[..]) {
            (Kind::SingleOutcome, [only]) if only.weight == Decimal::ONE || !known.weighted => (),
            (Kind::SingleOutcome, [only]) => {
                let what = format!("the weight of the only dimension is {}, not 1", only.weight);
                self.log.error(Code::SingleOutcome, &at, what, "write `weight: 100%`");
            }
            (Kind::SingleOutcome, [_, _, ..]) => {
                let what =
                    format!("there are {} dimensions in a single-outcome assessment", known.dimensions.len());
                self.log.error(
                    Code::SingleOutcome,
                    &at,
                    what,
                    "keep one, or write `type: multi-dimensional`",
                );
            }
            (Kind::Comparative, [_]) => {
                let hint = "add another dimension, or write `type: single-outcome`";
                self.log.error(
                    Code::Comparative,
                    &at,
                    "there is nothing to compare with one dimension",
                    hint,
                );
            }
            _ => (),
        }
    }
}
