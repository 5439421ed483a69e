//! Why a session did not take an event.

use kernel::{CodeNote, Kind, Refusal};

use super::{answers::Answers, progress::NotAllowed, reply::NoAnswer};
use crate::{interview::TurnRefused, slug::Slug};

/// Why a session did not take an event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It cannot happen to the session as it is.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// The assessment has no such item.
    #[error("this assessment has no item `{item}`")]
    UnknownItem {
        /// What it was called.
        item: Slug,
    },
    /// The reply is no answer to the item.
    #[error("item `{item}`: {why}")]
    NoAnswer {
        /// Which item.
        item: Slug,
        /// Why not.
        why: NoAnswer,
    },
    /// The sequence number is too large.
    #[error("a sequence number is at most {}", Answers::MAX_SEQUENCE)]
    Sequence,
    /// The client used the number for another reply to this item, which stays the answer.
    #[error(
        "another reply to item `{item}` came under sequence number {sequence}; send this one under a larger number"
    )]
    SequenceReused {
        /// Which item.
        item: Slug,
        /// The number.
        sequence: u64,
    },
    /// Items that must be answered are not.
    #[error("{} of the items that must be answered are not", .missing.len())]
    Incomplete {
        /// Which, in the order of the questionnaire; never empty.
        missing: Vec<Slug>,
    },
    /// The turn does not follow the last one, or is no turn.
    #[error(transparent)]
    Turn(#[from] TurnRefused),
}

impl Refused {
    /// What the codes mean and who reacts how.
    pub const CODES: [CodeNote; 7] = [
        CodeNote {
            code: "assessment.event_not_allowed",
            kind: Kind::Conflict,
            note: "The session's stage does not allow it; the detail lists what it allows. Clients read the session again.",
        },
        CodeNote {
            code: "assessment.unknown_item",
            kind: Kind::Missing,
            note: "The session's version of the assessment has no such item. Clients read the questionnaire again.",
        },
        CodeNote {
            code: "assessment.answer_invalid",
            kind: Kind::Invalid,
            note: "The reply does not fit the item: form, option, range or length. Clients show the message beside it.",
        },
        CodeNote {
            code: "assessment.sequence_reused",
            kind: Kind::Conflict,
            note: "Another reply came under this number; nothing was changed. Clients send it again under a larger one.",
        },
        CodeNote {
            code: "assessment.incomplete",
            kind: Kind::Conflict,
            note: "Items that must be answered are not; each is pointed at. Clients lead the person there.",
        },
        CodeNote {
            code: "assessment.turn_out_of_order",
            kind: Kind::Conflict,
            note: "The turn's number is not the next, or is another's. Clients read the transcript again.",
        },
        CodeNote {
            code: "assessment.turn_invalid",
            kind: Kind::Invalid,
            note: "The turn is blank, too long, one too many, or holds control characters. Clients show the message.",
        },
    ];

    const fn number(&self) -> usize {
        match self {
            Self::NotAllowed(_) => 0,
            Self::UnknownItem { .. } => 1,
            Self::NoAnswer { .. } | Self::Sequence => 2,
            Self::SequenceReused { .. } => 3,
            Self::Incomplete { .. } => 4,
            Self::Turn(TurnRefused::OutOfOrder { .. } | TurnRefused::Taken { .. }) => 5,
            Self::Turn(TurnRefused::TooMany | TurnRefused::Text(_)) => 6,
        }
    }
}

impl Refusal for Refused {
    fn kind(&self) -> Kind {
        Self::CODES[self.number()].kind
    }

    fn code(&self) -> &'static str {
        Self::CODES[self.number()].code
    }

    fn errors(&self) -> Vec<(String, String)> {
        match self {
            Self::NoAnswer { why, .. } => vec![("/reply".into(), why.to_string())],
            Self::Sequence => vec![("/sequence".into(), self.to_string())],
            Self::Turn(TurnRefused::Text(why)) => vec![("/text".into(), why.to_string())],
            Self::Incomplete { missing } => {
                let unanswered = |item: &Slug| (format!("/answers/{item}"), "this must be answered".into());
                missing.iter().map(unanswered).collect()
            }
            _ => Vec::new(),
        }
    }
}
