//! Every no of this part of the domain.

use assessment_format::{
    Diagnostic, Slug,
    comparison::VersionRefused,
    interview::NoOverride,
    rating::RatingRefused,
    session::{self, NotAllowed},
};
use kernel::{AccessDenied, QuotaRefused, StoreError, Timestamp};

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
    /// The coach meets somebody else then.
    #[error(
        "the coach meets somebody else at that time, in this organisation or another; choose another time"
    )]
    TimeTaken,
    /// It begins later.
    #[error("this begins at {0}")]
    NotYet(Timestamp),
    /// The person is asked already.
    #[error("{0} is asked in this campaign already")]
    AlreadyAssigned(String),
    /// The link is none, or what it names is not there any more.
    #[error(
        "the link is not valid; open it from the mail again, as a whole, or ask whoever invited you for a new one"
    )]
    InvalidInvitation,
    /// A newer letter was delivered more than a day ago.
    #[error("a newer letter has taken the place of this one; open the link in the newest")]
    LinkReplaced,
    /// The result was there for long enough.
    #[error(
        "the time in which the result could be seen by this link is over; register with your address to see it"
    )]
    LinkExpired,
    /// The invitation was taken back.
    #[error("the invitation was taken back; ask whoever invited you")]
    Withdrawn,
    /// A guest's pass serves their invitation alone, and an account's invitation needs its sign-in.
    #[error("this invitation belongs to an account; sign in to take it")]
    SignInNeeded,
    /// Only a person can do this, not an API key.
    #[error("this needs the person who is asked, not an API key")]
    PersonNeeded,
    /// Whoever has an account exports and erases that.
    #[error(
        "this is for guests; whoever has an account exports and erases that: GET /v1/me/export, DELETE /v1/me"
    )]
    AccountNeeded,
    /// Nobody judges themselves.
    #[error("nobody rates their own session or decides about it; ask somebody else")]
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
    /// The organisation has as many of these as it may.
    #[error(transparent)]
    Quota(#[from] QuotaRefused),
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

kernel::refusals! {
    Refused {
        own {
            Self::Faulty(_) => Invalid, "assessment.faulty",
                "The assessment breaks rules of the format; `diagnostics` tells each with its place and how to mend it. Authors mend the file.";
            Self::Invalid { .. } => Invalid, "assessment.invalid",
                "A field breaks a rule that only the service can check; it is pointed at. Clients show the message beside it.";
            Self::Missing(_) => Missing, "assessment.not_found",
                "It is not there, or not for this caller to know. Clients read the list again.";
            Self::SlugTaken(_) => Conflict, "assessment.slug_taken",
                "Another assessment of the organisation has this slug. Clients ask for another.";
            Self::Version(_) => Conflict, "assessment.version_refused",
                "The version is too low for what changed, or nothing changed; the detail names the least. Authors raise `version` in the file.";
            Self::Status { .. } => Conflict, "assessment.wrong_status",
                "The assessment's status does not allow it; the detail says what to do first.";
            Self::Unpublished => Conflict, "assessment.unpublished",
                "No version was published yet. Clients publish one first.";
            Self::InUse => Conflict, "assessment.in_use",
                "What was published or used is never deleted. Clients archive it instead.";
            Self::Style(_) => Conflict, "assessment.style_fixed",
                "The assessment does not allow another interview style. Clients leave `interview_style_override` out.";
            Self::PurchaseRequired(_) => Forbidden, "assessment.purchase_required",
                "The listing has a paid tier, which cannot be bought yet. Clients tell the person.";
            Self::AlreadyOffered(_) => Conflict, "assessment.already_offered",
                "The assessment is in the marketplace, or waits for a decision. Clients withdraw it first.";
            Self::NotOffered => Conflict, "assessment.not_offered",
                "This version of the assessment is not waiting for a decision. Administrators read the list again.";
            Self::Closed(_) => Conflict, "assessment.closed",
                "The campaign or coaching session does not allow it now; the detail says why. Clients tell the person.";
            Self::TimeTaken => Conflict, "assessment.time_taken",
                "The coach has another meeting then, of whatever kind and organisation. Clients offer another time.";
            Self::NotYet(_) => Conflict, "assessment.not_yet",
                "It begins later; the detail says when. Clients tell the person.";
            Self::AlreadyAssigned(_) => Conflict, "assessment.already_assigned",
                "The person is asked in this campaign already; nobody of the request was added. Clients leave the person out.";
            Self::InvalidInvitation => Missing, "assessment.invalid_invitation",
                "The link is none of ours, or the person had their data erased. People open it from the mail again, or ask for a new one.";
            Self::LinkReplaced => Conflict, "assessment.link_replaced",
                "A newer letter was accepted by the mail server more than 24 hours ago. People open the link in that.";
            Self::LinkExpired => Conflict, "assessment.link_expired",
                "The result was released so long ago that the link does not show it any more. People register with their address.";
            Self::Withdrawn => Conflict, "assessment.withdrawn",
                "The invitation was taken back. People ask whoever invited them.";
            Self::SignInNeeded => Conflict, "assessment.sign_in_needed",
                "The invitation belongs to an account. Clients ask the person to sign in.";
            Self::PersonNeeded => Forbidden, "assessment.person_needed",
                "Only the person who is asked can do this. Programs leave it to them.";
            Self::AccountNeeded => Conflict, "assessment.account_erases",
                "This is for guests. Whoever has an account exports and erases the account.";
            Self::OwnSession => Forbidden, "assessment.own_session",
                "Nobody rates their own session or decides about it. Another person does.";
            Self::NoInterview => Conflict, "assessment.no_interview",
                "The interview is over, or the assessment has none. Clients go on with the questionnaire.";
            Self::NotScored => Conflict, "assessment.not_scored",
                "The session has no result yet. Clients look at its status.";
            Self::TooManyResults(_) => Conflict, "assessment.too_many_results",
                "A preview scores at most 100,000 results while the client waits. Clients narrow it to a campaign; operators run `touchstone assessment rescore --preview`.";
            Self::TooFewResults => Conflict, "assessment.too_few_results",
                "A summary of fewer than five results would tell what single persons answered. Clients wait for more.";
        }
        shared {
            Self::Stale => Stale, "request.stale";
            Self::Fault(_) => Fault, "service.fault";
        }
        nested { AccessDenied, Session, Rating, Quota, Store }
        at { Self::Invalid { pointer, .. } => pointer; }
    }
}
