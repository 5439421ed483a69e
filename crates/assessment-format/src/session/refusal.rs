//! Why a session did not take an event.

use super::{
    reply::{Answers, NoAnswer},
    sitting::NotAllowed,
};
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

kernel::refusals! {
    Refused {
        own {
            Self::NotAllowed(_) => Conflict, "assessment.event_not_allowed",
                "The session's stage does not allow it; the detail lists what it allows. Clients read the session again.";
            Self::UnknownItem { .. } => Missing, "assessment.unknown_item",
                "The session's version of the assessment has no such item. Clients read the questionnaire again.";
            Self::NoAnswer { .. } | Self::Sequence => Invalid, "assessment.answer_invalid",
                "The reply does not fit the item: form, option, range or length. Clients show the message beside it.";
            Self::SequenceReused { .. } => Conflict, "assessment.sequence_reused",
                "Another reply came under this number; nothing was changed. Clients send it again under a larger one.";
            Self::Incomplete { .. } => Conflict, "assessment.incomplete",
                "Items that must be answered are not; each is pointed at. Clients lead the person there.";
            Self::Turn(TurnRefused::OutOfOrder { .. } | TurnRefused::Taken { .. }) =>
                Conflict, "assessment.turn_out_of_order",
                "The turn's number is not the next, or is another's. Clients read the transcript again.";
            Self::Turn(TurnRefused::TooMany | TurnRefused::Text(_)) => Invalid, "assessment.turn_invalid",
                "The turn is blank, too long, one too many, or holds control characters. Clients show the message.";
        }
        at { Self::Sequence => "/sequence"; }
        errors {
            Self::NoAnswer { why, .. } => vec![("/reply".into(), why.to_string())];
            Self::Turn(TurnRefused::Text(why)) => vec![("/text".into(), why.to_string())];
            Self::Incomplete { missing } => missing.iter().map(unanswered).collect();
        }
    }
}

fn unanswered(item: &Slug) -> (String, String) {
    (format!("/answers/{item}"), "this must be answered".into())
}
