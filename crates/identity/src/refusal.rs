//! Every no of the identity domain, by which code it is answered, and which of them the audit trail keeps.

use kernel::{KeyScope, Outcome, QuotaRefused, StoreError, Unsealable};

use crate::{Purpose, Spent, credentials::HashingError, unit};

/// A refused identity command.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// An input breaks a rule that only the service can check.
    #[error("{detail}")]
    Invalid {
        /// Where: a JSON Pointer.
        pointer: &'static str,
        /// What is wrong and how to mend it.
        detail: String,
    },
    /// The new password does not do.
    #[error("the password {0}")]
    Password(#[from] PasswordRefused),
    /// Address, password, code or token: which one is never said.
    #[error("the e-mail address and password do not fit, or too many attempts were made; wait and try again")]
    WrongCredentials,
    /// The password is right; a code is needed too.
    #[error("a code of the second factor is needed: send `totp_code` or `recovery_code` as well")]
    SecondFactorRequired,
    /// The access token, API key or refresh token is not, or no longer, good.
    #[error("the token is not valid or no longer valid; sign in again")]
    InvalidToken,
    /// The one-time token is none of ours, or was forgotten since.
    #[error("the link is not valid; open it from the mail again, as a whole, or ask for a new one")]
    InvalidOneTimeToken,
    /// The one-time token is authentic, and opens nothing any more.
    #[error("{}", .0.advice(*.1))]
    SpentLink(Spent, Purpose),
    /// The proof of identity is older than five minutes.
    #[error("prove who you are again: POST /v1/auth/step-up, then repeat this with the new access token")]
    StepUpRequired,
    /// The session was begun without a second factor, and this needs one.
    #[error(
        "this needs a session with a second factor: set one up under /v1/me/second-factors/totp, or sign in with the one \
         you have"
    )]
    SecondFactorNeeded,
    /// The password is temporary, and was not changed yet.
    #[error(
        "your password is temporary: change it with POST /v1/auth/change-password, refresh your tokens, and repeat this"
    )]
    PasswordChangeNeeded,
    /// The role does not allow it.
    #[error("your role does not allow this")]
    Forbidden,
    /// The maker of the API key may do it, and the key may not.
    #[error("this API key lacks the scope `{}`; use one that has it", .0.name())]
    ScopeMissing(KeyScope),
    /// Only a person can do this, not an API key.
    #[error("this needs a signed-in person, not an API key")]
    PersonNeeded,
    /// Not there, or not for this caller to know.
    #[error("there is no such {0}, or it is not for you to see")]
    Missing(&'static str),
    /// It was changed since it was read.
    #[error("it was changed since you read it; read it again and repeat your change")]
    Stale,
    /// The roles to be given allow more than the giver's own.
    #[error("nobody gives roles that allow more than their own")]
    BeyondOwnRoles,
    /// Without this owner there would be none.
    #[error("an organisation needs an owner: make someone else an owner first, or close it")]
    LastOwner,
    /// The slug belongs to another organisation.
    #[error("this slug is taken; choose another")]
    SlugTaken,
    /// The address belongs to a member already.
    #[error("this address belongs to a member already")]
    AlreadyMember,
    /// There is an open invitation of this address.
    #[error("this address has an open invitation; send that one again")]
    AlreadyInvited,
    /// There is a confirmed second factor.
    #[error("there is a second factor already; remove it first")]
    SecondFactorExists,
    /// There is no second factor to do that with.
    #[error("there is no second factor; set one up under /v1/me/second-factors/totp")]
    NoSecondFactor,
    /// The code is not right.
    #[error("the code is not right, or was used; wait for the next one and check the device's clock")]
    WrongCode,
    /// The organisation demands second factors of its members.
    #[error("an organisation you belong to demands a second factor")]
    SecondFactorDemanded,
    /// An administrator cannot do this to themselves.
    #[error("administrators cannot do this to their own account")]
    OwnAccount,
    /// The invitation is bound to another address.
    #[error("this invitation is for another address; sign in with the account it was sent to")]
    InvitationOfAnother,
    /// Sign-ins to too many accounts failed from the client's address.
    #[error(
        "too many sign-ins failed from this network; try again in {retry_after} s, or on a device that signed in before"
    )]
    AddressBanned {
        /// In how many seconds.
        retry_after: u64,
    },
    /// Too many sign-ins at once.
    #[error("too many sign-ins at once; try again in {retry_after} s")]
    Busy {
        /// In how many seconds.
        retry_after: u64,
    },
    /// The address was written to as often as may be within an hour.
    #[error("this address was sent as many invitations as may be within an hour; try again in {seconds} s")]
    MailedOften {
        /// In how many seconds.
        seconds: u64,
    },
    /// The account or organisation has as many of these as it may.
    #[error(transparent)]
    Quota(#[from] QuotaRefused),
    /// Storage did not do it.
    #[error(transparent)]
    Store(StoreError),
    /// A defect on our side.
    #[error("{0}")]
    Fault(String),
}

/// What is wrong with a new password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordRefused {
    /// Too short, in Unicode code points.
    #[error("has {found} characters; at least {least} are needed")]
    TooShort {
        /// How many it has.
        found: usize,
        /// How many it needs.
        least: usize,
    },
    /// Too long.
    #[error("is too long; at most 128 characters and 512 bytes are taken")]
    TooLong,
    /// Known to attackers.
    #[error("is in a list of common or leaked passwords; choose another")]
    Common,
    /// Made of words an attacker tries first.
    #[error("consists of words that stand near your account, such as a name or the address; choose another")]
    Predictable,
    /// Guessed quickly.
    #[error("is easy to guess; add a few unrelated words")]
    Guessable,
    /// The temporary one, which is to be changed.
    #[error("is the temporary one that you were given; choose one of your own")]
    Temporary,
}

impl Refused {
    /// An input breaks a rule.
    pub fn invalid(pointer: &'static str, detail: impl Into<String>) -> Self {
        Self::Invalid { pointer, detail: detail.into() }
    }

    /// How the trail shows an attempt that ended so. `None` for what tells nothing of a guess or of missing leave:
    /// wrong input, a state that forbids it, a proof the client is asked for, trouble of ours.
    pub(crate) const fn audited_outcome(&self) -> Option<Outcome> {
        match self {
            Self::WrongCredentials | Self::InvalidOneTimeToken | Self::SpentLink(..) | Self::WrongCode => {
                Some(Outcome::Failure)
            }
            Self::SecondFactorNeeded
            | Self::PasswordChangeNeeded
            | Self::Forbidden
            | Self::ScopeMissing(_)
            | Self::PersonNeeded
            | Self::Missing(_)
            | Self::BeyondOwnRoles
            | Self::OwnAccount
            | Self::InvitationOfAnother => Some(Outcome::Denied),
            Self::Invalid { .. }
            | Self::Password(_)
            | Self::SecondFactorRequired
            | Self::InvalidToken
            | Self::StepUpRequired
            | Self::Stale
            | Self::LastOwner
            | Self::SlugTaken
            | Self::Quota(_)
            | Self::AlreadyMember
            | Self::AlreadyInvited
            | Self::SecondFactorExists
            | Self::NoSecondFactor
            | Self::SecondFactorDemanded
            | Self::AddressBanned { .. }
            | Self::Busy { .. }
            | Self::MailedOften { .. }
            | Self::Store(_)
            | Self::Fault(_) => None,
        }
    }
}

kernel::refusals! {
    Refused {
        own {
            Self::WrongCredentials => Unauthenticated, "identity.wrong_credentials",
                "Address, password or code do not fit, or too many attempts were made; the person tries again, \
                later if need be.";
            Self::SecondFactorRequired => Unauthenticated, "identity.second_factor_required",
                "The password is right; the client asks for a code and sends the sign-in again with it.";
            Self::InvalidToken => Unauthenticated, "identity.invalid_token",
                "The token or key is not, or no longer, good; the client refreshes once, then has the person sign \
                in.";
            Self::InvalidOneTimeToken => Invalid, "identity.invalid_one_time_token",
                "The link is none of ours, or was forgotten since; the person opens it from the mail again, or asks for a \
                new one.";
            Self::SpentLink(Spent::Used, _) => Conflict, "identity.link_used",
                "The link was used, or what it was for is done: the detail says what the person does, such as signing in.";
            Self::SpentLink(Spent::Expired, _) => Conflict, "identity.link_expired",
                "The link's time is over, or the account has changed since it was written; the person asks for another.";
            Self::SpentLink(Spent::Replaced, _) => Conflict, "identity.link_replaced",
                "A newer letter was accepted by the mail server more than 24 hours ago; the person opens the link in that.";
            Self::SpentLink(Spent::Withdrawn, _) => Conflict, "identity.link_withdrawn",
                "The invitation was taken back, or whoever invited may not invite any more; the person asks them.";
            Self::StepUpRequired => Forbidden, "identity.step_up_required",
                "The proof of identity is older than five minutes; the client asks for the password, calls \
                /v1/auth/step-up and repeats the call.";
            Self::SecondFactorNeeded => Forbidden, "identity.second_factor_needed",
                "The call, or the organisation, demands a session with a second factor; the person sets one up and \
                signs in with it.";
            Self::PasswordChangeNeeded => Forbidden, "identity.password_change_needed",
                "The password is temporary; the person changes it with /v1/auth/change-password before anything else.";
            Self::Forbidden => Forbidden, "identity.forbidden",
                "The role, or that of the key's maker, does not allow it; an owner or admin can change that.";
            Self::ScopeMissing(_) => Forbidden, "identity.scope_missing",
                "The API key lacks the scope that the detail names; its maker may do this, and can make a key that has it.";
            Self::PersonNeeded => Forbidden, "identity.person_needed",
                "An API key cannot do this; a person has to.";
            Self::BeyondOwnRoles => Forbidden, "identity.beyond_own_roles",
                "Nobody gives or takes roles that allow more than their own; someone with those roles has to.";
            Self::LastOwner => Conflict, "identity.last_owner",
                "An organisation needs an owner; make someone else an owner first, or close it.";
            Self::SlugTaken => Conflict, "identity.slug_taken",
                "Another organisation has this slug; choose another.";
            Self::AlreadyMember => Conflict, "identity.already_member",
                "The person is a member already; nothing is to be done.";
            Self::AlreadyInvited => Conflict, "identity.already_invited",
                "There is an open invitation; send that one again.";
            Self::SecondFactorExists => Conflict, "identity.second_factor_exists",
                "There is a second factor; remove it first.";
            Self::NoSecondFactor => Conflict, "identity.no_second_factor",
                "There is no second factor; set one up first.";
            Self::WrongCode => Invalid, "identity.wrong_code",
                "The code is not right or was used; the person waits for the next one and checks the device's clock.";
            Self::SecondFactorDemanded => Conflict, "identity.second_factor_demanded",
                "An organisation demands a second factor; leave it first, or keep the factor.";
            Self::OwnAccount => Conflict, "identity.own_account",
                "Administrators cannot do this to themselves; another one has to.";
            Self::InvitationOfAnother => Forbidden, "identity.invitation_of_another",
                "The invitation is for another address; the person signs in with the account it was sent to.";
            Self::AddressBanned { .. } => Limited, "identity.address_banned",
                "Sign-ins to too many accounts failed from the client's network; the client tries again after \
                Retry-After. Known devices are let through; an operator can lift it.";
            Self::MailedOften { .. } => Limited, "identity.mailed_often",
                "The address was sent as many invitations as may be within an hour, by whichever organisations; the client \
                tries again after Retry-After.";
            Self::Busy { .. } => Unavailable, "service.busy",
                "Too many sign-ins at once; the client tries again after Retry-After.";
        }
        shared {
            Self::Invalid { .. } => Invalid, "request.invalid";
            Self::Missing(_) => Missing, "request.not_found";
            Self::Stale => Stale, "request.stale";
            Self::Fault(_) => Fault, "service.fault";
        }
        nested { Password, Quota, Store }
        at {
            Self::Invalid { pointer, .. } => *pointer;
            Self::WrongCode => "/code";
            Self::InvalidOneTimeToken => "/token";
        }
        retry_after {
            Self::AddressBanned { retry_after }
            | Self::Busy { retry_after }
            | Self::MailedOften { seconds: retry_after } => *retry_after;
        }
    }
}

kernel::refusals! {
    PasswordRefused {
        own {
            Self::TooShort { .. } => Invalid, "identity.password_too_short",
                "The person chooses a longer password.";
            Self::TooLong => Invalid, "identity.password_too_long",
                "At most 128 characters and 512 bytes.";
            Self::Common => Invalid, "identity.password_common",
                "The password is in a list of common or leaked ones; the person chooses another.";
            Self::Predictable => Invalid, "identity.password_predictable",
                "The password consists of words that stand near the account; the person chooses another.";
            Self::Guessable => Invalid, "identity.password_guessable",
                "The password is easy to guess; the person adds unrelated words.";
            Self::Temporary => Invalid, "identity.password_temporary",
                "The password is the temporary one; the person chooses one of their own.";
        }
        at { _ => "/password"; }
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Stale => Self::Stale,
            StoreError::Duplicate(unit::ORGANIZATION_SLUG) => Self::SlugTaken,
            StoreError::Duplicate(unit::OPEN_INVITATION) => Self::AlreadyInvited,
            StoreError::Duplicate(unit::MEMBERSHIP) => Self::AlreadyMember,
            StoreError::Duplicate(unit::SECOND_FACTOR) => Self::SecondFactorExists,
            other => Self::Store(other),
        }
    }
}

impl From<HashingError> for Refused {
    fn from(error: HashingError) -> Self {
        match error {
            HashingError::Busy { retry_after } => Self::Busy { retry_after },
            HashingError::Fault(cause) => Self::Fault(cause),
        }
    }
}

impl From<Unsealable> for Refused {
    fn from(error: Unsealable) -> Self {
        Self::Fault(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use kernel::Refusal as _;

    use super::*;

    #[test]
    fn every_code_of_the_domain_carries_its_name_and_stands_once() {
        let codes: Vec<_> =
            Refused::CODES.iter().chain(PasswordRefused::CODES).map(|note| note.code).collect();
        for code in &codes {
            assert!(code.starts_with("identity.") || *code == "service.busy", "{code}");
        }
        assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), codes.len());
    }

    #[test]
    fn a_refused_password_is_pointed_at() {
        let refused = Refused::from(PasswordRefused::Common);
        let sentence = "is in a list of common or leaked passwords; choose another".to_owned();
        assert_eq!(refused.to_string(), format!("the password {sentence}"));
        assert_eq!(refused.errors(), [("/password".to_owned(), sentence)]);
    }
}
