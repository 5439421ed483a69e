//! What a person answered and said, in the words they were asked in: for whoever may see persons.

use assessment_format::{
    Answers, Definition, Reply, Slug, Transcript, Version,
    interview::{Speaker, Turn},
};
use kernel::Timestamp;
use serde_json::{Value, json};

use crate::authoring::published::PublishedVersion;

/// An answer with what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenAnswer {
    /// The item.
    pub item: Slug,
    /// What was asked: markdown.
    pub wording: String,
    /// What was answered.
    pub reply: Reply,
    /// The same as people read it: see [`Reply::readable`].
    pub readable: String,
    /// When.
    pub at: Timestamp,
}

/// All that a person answered and said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenResponses {
    /// The version they were asked by, whose wording it is.
    pub version: Version,
    /// What was answered, in the order of the questionnaire; what was taken back is left out.
    pub answers: Vec<GivenAnswer>,
    /// What was said in the interview, in order.
    pub turns: Vec<Turn>,
}

impl GivenResponses {
    pub(crate) fn of(published: &PublishedVersion, answers: &Answers, transcript: &Transcript) -> Self {
        let definition: &Definition = &published.definition;
        let given = definition.items.iter().filter_map(|item| {
            let stored = answers.stored(&item.id)?;
            let reply = stored.reply.clone()?;
            Some(GivenAnswer {
                item: item.id.clone(),
                wording: item.text.clone(),
                readable: reply.readable(item),
                reply,
                at: stored.at,
            })
        });
        Self { version: published.version, answers: given.collect(), turns: transcript.turns().to_vec() }
    }

    /// The answers as a list of objects.
    pub(crate) fn answers_to_json(&self) -> Value {
        let answers = self.answers.iter().map(|of| {
            json!({
                "item": of.item,
                "wording": of.wording,
                "reply": of.reply,
                "readable": of.readable,
                "answered_at": of.at,
            })
        });
        answers.collect()
    }

    /// What was said, as a list of objects.
    pub(crate) fn turns_to_json(&self) -> Value {
        let turns = self.turns.iter().map(|turn| {
            let by = if turn.by == Speaker::Person { "person" } else { "interviewer" };
            json!({ "number": turn.number, "by": by, "text": turn.text, "said_at": turn.at })
        });
        turns.collect()
    }
}
