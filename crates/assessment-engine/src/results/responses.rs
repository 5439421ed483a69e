//! What a person answered and said, in the words they were asked in: for whoever may see persons.

use assessment_format::{Definition, Reply, Slug, Version, interview::Turn};
use kernel::Timestamp;

use crate::{authoring::published::PublishedVersion, reading::Responses};

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
    pub(crate) fn of(published: &PublishedVersion, responses: &Responses) -> Self {
        let Responses { answers, transcript, .. } = responses;
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
}
