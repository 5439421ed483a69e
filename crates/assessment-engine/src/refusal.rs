//! Every no of this part of the domain.

use assessment_format::{
    Diagnostic, Slug,
    comparison::VersionRefused,
    interview::NoOverride,
    rating::RatingRefused,
    session::{self, NotAllowed},
};
use kernel::{AccessDenied, CodeNote, EventHandlerError, Kind, Refusal, StoreError, Timestamp};

use crate::authoring::assessment::{AssessmentStatus, MarketplaceStatus, PriceTier};

/// A refused command.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The gate says no.
    #[error(transparent)]
    AccessDenied(#[from] AccessDenied),
    /// The assessment breaks rules of the format.
    #[error("the assessment has {} that must be mended", faults(.0))]
    Faulty(Vec<Diagnostic>),
    /// An input breaks a rule that only the service can check.
    #[error("{detail}")]
    Invalid {
        /// Where: a JSON Pointer.
        pointer: String,
        /// What is wrong and how to mend it.
        detail: String,
    },
    /// Not there, or not for this caller to know.
    #[error("there is no such {0}, or it is not for you to see")]
    Missing(&'static str),
    /// It was changed since it was read.
    #[error("it was changed since you read it; read it again and repeat your change")]
    Stale,
    /// The slug belongs to another assessment of the organisation.
    #[error("the slug `{0}` is taken in this organisation; choose another")]
    SlugTaken(Slug),
    /// The version cannot be published.
    #[error(transparent)]
    Version(#[from] VersionRefused),
    /// It cannot be done at this status.
    #[error("the assessment is {}: {hint}", .status.name())]
    Status {
        /// How far it has come.
        status: AssessmentStatus,
        /// What to do instead.
        hint: &'static str,
    },
    /// Nothing was published yet.
    #[error("nothing of this assessment was published yet; publish a version first")]
    Unpublished,
    /// It was published, or something names it.
    #[error("what was published or used is never deleted; archive it instead")]
    InUse,
    /// The assessment does not allow another style.
    #[error(transparent)]
    Style(#[from] NoOverride),
    /// The listing costs something.
    #[error("this listing has the price tier `{}`, which cannot be bought yet", .0.name())]
    PurchaseRequired(PriceTier),
    /// It is in the marketplace, or on its way there.
    #[error("the assessment is offered already: it is {}; withdraw it first", .0.name())]
    AlreadyOffered(MarketplaceStatus),
    /// What is offered is not waiting for a decision.
    #[error("this version of the assessment is not waiting for a decision")]
    NotOffered,
    /// The campaign or coaching session does not allow it now.
    #[error("{0}")]
    Closed(&'static str),
    /// It begins later.
    #[error("this begins at {0}")]
    NotYet(Timestamp),
    /// The person is asked already.
    #[error("{0} is asked in this campaign already")]
    AlreadyAssigned(String),
    /// The link is unknown, replaced, expired or taken back.
    #[error("the link is not valid or no longer valid; ask whoever invited you for a new one")]
    InvalidInvitation,
    /// A guest's pass serves his invitation alone, and an account's invitation needs its sign-in.
    #[error("this invitation belongs to an account; sign in to take it")]
    SignInNeeded,
    /// Only a person can do this, not an API key.
    #[error("this needs the person who is asked, not an API key")]
    PersonNeeded,
    /// Nobody judges himself.
    #[error("nobody rates his own session or decides about it; ask somebody else")]
    OwnSession,
    /// The session does not take it.
    #[error(transparent)]
    Session(#[from] session::Refused),
    /// The rating was not taken.
    #[error(transparent)]
    Rating(#[from] RatingRefused),
    /// There is nothing to say.
    #[error("the interview is over, or this assessment has none")]
    NoInterview,
    /// There is nothing to release.
    #[error("there is no result to release yet")]
    NotScored,
    /// More results than an answer can wait for.
    #[error("{0} results are too many to score anew while you wait; narrow it to a campaign")]
    TooManyResults(u64),
    /// Too few results for a summary.
    #[error("a summary takes at least {} results; there are fewer", assessment_format::summary::FEWEST)]
    TooFewResults,
    /// Storage failed.
    #[error(transparent)]
    Store(StoreError),
    /// A defect.
    #[error("something is broken on our side: {0}")]
    Fault(String),
}

fn faults(diagnostics: &[Diagnostic]) -> String {
    match diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count() {
        1 => "one fault".to_owned(),
        count => format!("{count} faults"),
    }
}

impl From<NotAllowed> for Refused {
    fn from(refused: NotAllowed) -> Self {
        Self::Session(refused.into())
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Stale => Self::Stale,
            error => Self::Store(error),
        }
    }
}

/// What a handler could not do now it tries again.
impl From<Refused> for EventHandlerError {
    fn from(refused: Refused) -> Self {
        Self::Retry(refused.to_string())
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $pattern:pat => $code:literal, $kind:ident, $note:literal;)+) => {
        impl Refused {
            /// What the codes mean and who reacts how; those of sessions and ratings stand beside them.
            pub const CODES: &'static [CodeNote] =
                &[$(CodeNote { code: $code, kind: Kind::$kind, note: $note }),+];

            fn own(&self) -> Option<(Kind, &'static str)> {
                match self {
                    $($pattern => Some((Kind::$kind, $code)),)+
                    _ => None,
                }
            }
        }
    };
}

codes! {
    Self::Faulty(_) => "assessment.faulty", Invalid,
        "The assessment breaks rules of the format; `diagnostics` tells each with its place and how to mend it. Authors mend the file.";
    Self::Invalid { .. } => "assessment.invalid", Invalid,
        "A field breaks a rule that only the service can check; it is pointed at. Clients show the message beside it.";
    Self::Missing(_) => "assessment.not_found", Missing,
        "It is not there, or not for this caller to know. Clients read the list again.";
    Self::SlugTaken(_) => "assessment.slug_taken", Conflict,
        "Another assessment of the organisation has this slug. Clients ask for another.";
    Self::Version(_) => "assessment.version_refused", Conflict,
        "The version is too low for what changed, or nothing changed; the detail names the least. Authors raise `version` in the file.";
    Self::Status { .. } => "assessment.wrong_status", Conflict,
        "The assessment's status does not allow it; the detail says what to do first.";
    Self::Unpublished => "assessment.unpublished", Conflict,
        "No version was published yet. Clients publish one first.";
    Self::InUse => "assessment.in_use", Conflict,
        "What was published or used is never deleted. Clients archive it instead.";
    Self::Style(_) => "assessment.style_fixed", Conflict,
        "The assessment does not allow another interview style. Clients leave `interview_style_override` out.";
    Self::PurchaseRequired(_) => "assessment.purchase_required", Forbidden,
        "The listing has a paid tier, which cannot be bought yet. Clients tell the person.";
    Self::AlreadyOffered(_) => "assessment.already_offered", Conflict,
        "The assessment is in the marketplace, or waits for a decision. Clients withdraw it first.";
    Self::NotOffered => "assessment.not_offered", Conflict,
        "This version of the assessment is not waiting for a decision. Administrators read the list again.";
    Self::Closed(_) => "assessment.closed", Conflict,
        "The campaign or coaching session does not allow it now; the detail says why. Clients tell the person.";
    Self::NotYet(_) => "assessment.not_yet", Conflict,
        "It begins later; the detail says when. Clients tell the person.";
    Self::AlreadyAssigned(_) => "assessment.already_assigned", Conflict,
        "The person is asked in this campaign already; nobody of the request was added. Clients leave the person out.";
    Self::InvalidInvitation => "assessment.invalid_invitation", Missing,
        "The link is unknown, replaced by a newer one, expired or taken back. People ask for a new one.";
    Self::SignInNeeded => "assessment.sign_in_needed", Conflict,
        "The invitation belongs to an account. Clients ask the person to sign in.";
    Self::PersonNeeded => "assessment.person_needed", Forbidden,
        "Only the person who is asked can do this. Programs leave it to him.";
    Self::OwnSession => "assessment.own_session", Forbidden,
        "Nobody rates his own session or decides about it. Another person does.";
    Self::NoInterview => "assessment.no_interview", Conflict,
        "The interview is over, or the assessment has none. Clients go on with the questionnaire.";
    Self::NotScored => "assessment.not_scored", Conflict,
        "The session has no result yet. Clients look at its status.";
    Self::TooManyResults(_) => "assessment.too_many_results", Conflict,
        "A preview scores at most 100,000 results while the client waits. Clients narrow it to a campaign; operators run `touchstone assessment rescore --preview`.";
    Self::TooFewResults => "assessment.too_few_results", Conflict,
        "A summary of fewer than five results would tell what single persons answered. Clients wait for more.";
}

impl Refusal for Refused {
    fn kind(&self) -> Kind {
        match self {
            Self::AccessDenied(denied) => denied.kind(),
            Self::Session(refused) => refused.kind(),
            Self::Rating(refused) => refused.kind(),
            Self::Store(error) => error.kind(),
            Self::Stale => Kind::Stale,
            _ => self.own().map_or(Kind::Fault, |(kind, _)| kind),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::AccessDenied(denied) => denied.code(),
            Self::Session(refused) => refused.code(),
            Self::Rating(refused) => refused.code(),
            Self::Store(error) => error.code(),
            Self::Stale => "request.stale",
            _ => self.own().map_or("service.fault", |(_, code)| code),
        }
    }

    fn errors(&self) -> Vec<(String, String)> {
        match self {
            Self::AccessDenied(denied) => denied.errors(),
            Self::Session(refused) => refused.errors(),
            Self::Rating(refused) => refused.errors(),
            Self::Invalid { pointer, detail } => vec![(pointer.clone(), detail.clone())],
            _ => Vec::new(),
        }
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::AccessDenied(denied) => denied.retry_after(),
            Self::Store(error) => error.retry_after(),
            _ => None,
        }
    }
}
