//! Every no of the identity domain.

use kernel::{Kind, Refusal, StoreError};

use crate::{
    credentials::{HashingError, Unsealable},
    unit,
};

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
    /// The one-time token is unknown, used, replaced by a newer one, or expired.
    #[error("the link is not valid or no longer valid; ask for a new one")]
    InvalidOneTimeToken,
    /// The proof of identity is older than five minutes.
    #[error("prove who you are again: POST /v1/auth/step-up, then repeat this with the new access token")]
    StepUpRequired,
    /// The session was begun without a second factor, and this needs one.
    #[error(
        "this needs a session with a second factor: set one up under /v1/me/second-factors/totp and sign in again"
    )]
    SecondFactorNeeded,
    /// The role does not allow it.
    #[error("your role does not allow this")]
    Forbidden,
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
    #[error("nobody gives roles that allow more than his own")]
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
    /// An administrator cannot do this to himself.
    #[error("administrators cannot do this to their own account")]
    OwnAccount,
    /// The invitation is bound to another address.
    #[error("this invitation is for another address; sign in with the account it was sent to")]
    InvitationOfAnother,
    /// Too many sign-ins at once.
    #[error("too many sign-ins at once; try again in {retry_after} s")]
    Busy {
        /// In how many seconds.
        retry_after: u64,
    },
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
}

impl Refused {
    /// An input breaks a rule.
    pub fn invalid(pointer: &'static str, detail: impl Into<String>) -> Self {
        Self::Invalid { pointer, detail: detail.into() }
    }
}

impl Refusal for Refused {
    fn kind(&self) -> Kind {
        match self {
            Self::Invalid { .. } | Self::Password(_) | Self::InvalidOneTimeToken | Self::WrongCode => {
                Kind::Invalid
            }
            Self::WrongCredentials | Self::SecondFactorRequired | Self::InvalidToken => Kind::Unauthenticated,
            Self::StepUpRequired
            | Self::SecondFactorNeeded
            | Self::Forbidden
            | Self::PersonNeeded
            | Self::BeyondOwnRoles
            | Self::InvitationOfAnother => Kind::Forbidden,
            Self::Missing(_) => Kind::Missing,
            Self::Stale => Kind::Stale,
            Self::LastOwner
            | Self::SlugTaken
            | Self::AlreadyMember
            | Self::AlreadyInvited
            | Self::SecondFactorExists
            | Self::NoSecondFactor
            | Self::SecondFactorDemanded
            | Self::OwnAccount => Kind::Conflict,
            Self::Busy { .. } => Kind::Unavailable,
            Self::Store(error) => error.kind(),
            Self::Fault(_) => Kind::Fault,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => "request.invalid",
            Self::Password(refused) => refused.code(),
            Self::WrongCredentials => "identity.wrong_credentials",
            Self::SecondFactorRequired => "identity.second_factor_required",
            Self::InvalidToken => "identity.invalid_token",
            Self::InvalidOneTimeToken => "identity.invalid_one_time_token",
            Self::StepUpRequired => "identity.step_up_required",
            Self::SecondFactorNeeded => "identity.second_factor_needed",
            Self::Forbidden => "identity.forbidden",
            Self::PersonNeeded => "identity.person_needed",
            Self::Missing(_) => "request.not_found",
            Self::Stale => "request.stale",
            Self::BeyondOwnRoles => "identity.beyond_own_roles",
            Self::LastOwner => "identity.last_owner",
            Self::SlugTaken => "identity.slug_taken",
            Self::AlreadyMember => "identity.already_member",
            Self::AlreadyInvited => "identity.already_invited",
            Self::SecondFactorExists => "identity.second_factor_exists",
            Self::NoSecondFactor => "identity.no_second_factor",
            Self::WrongCode => "identity.wrong_code",
            Self::SecondFactorDemanded => "identity.second_factor_demanded",
            Self::OwnAccount => "identity.own_account",
            Self::InvitationOfAnother => "identity.invitation_of_another",
            Self::Busy { .. } => "service.busy",
            Self::Store(error) => error.code(),
            Self::Fault(_) => "service.fault",
        }
    }

    fn errors(&self) -> Vec<(String, String)> {
        match self {
            Self::Invalid { pointer, detail } => vec![((*pointer).to_owned(), detail.clone())],
            Self::Password(refused) => vec![("/password".to_owned(), refused.to_string())],
            Self::WrongCode => vec![("/code".to_owned(), self.to_string())],
            Self::InvalidOneTimeToken => vec![("/token".to_owned(), self.to_string())],
            _ => Vec::new(),
        }
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Busy { retry_after } => Some(*retry_after),
            Self::Store(error) => error.retry_after(),
            _ => None,
        }
    }
}

impl PasswordRefused {
    const fn code(&self) -> &'static str {
        match self {
            Self::TooShort { .. } => "identity.password_too_short",
            Self::TooLong => "identity.password_too_long",
            Self::Common => "identity.password_common",
            Self::Predictable => "identity.password_predictable",
            Self::Guessable => "identity.password_guessable",
        }
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
    use super::*;
    use crate::CODES;

    /// One of each; the match makes a new variant fail to compile here.
    fn all() -> Vec<Refused> {
        use PasswordRefused as P;
        use Refused as R;
        let every = vec![
            R::invalid("/x", "is wrong"),
            R::Password(P::TooShort { found: 1, least: 15 }),
            R::Password(P::TooLong),
            R::Password(P::Common),
            R::Password(P::Predictable),
            R::Password(P::Guessable),
            R::WrongCredentials,
            R::SecondFactorRequired,
            R::InvalidToken,
            R::InvalidOneTimeToken,
            R::StepUpRequired,
            R::SecondFactorNeeded,
            R::Forbidden,
            R::PersonNeeded,
            R::Missing("thing"),
            R::Stale,
            R::BeyondOwnRoles,
            R::LastOwner,
            R::SlugTaken,
            R::AlreadyMember,
            R::AlreadyInvited,
            R::SecondFactorExists,
            R::NoSecondFactor,
            R::WrongCode,
            R::SecondFactorDemanded,
            R::OwnAccount,
            R::InvitationOfAnother,
            R::Busy { retry_after: 2 },
            R::Store(StoreError::Failed),
            R::Fault("broken".to_owned()),
        ];
        for refused in &every {
            match refused {
                R::Invalid { .. }
                | R::Password(_)
                | R::WrongCredentials
                | R::SecondFactorRequired
                | R::InvalidToken
                | R::InvalidOneTimeToken
                | R::StepUpRequired
                | R::SecondFactorNeeded
                | R::Forbidden
                | R::PersonNeeded
                | R::Missing(_)
                | R::Stale
                | R::BeyondOwnRoles
                | R::LastOwner
                | R::SlugTaken
                | R::AlreadyMember
                | R::AlreadyInvited
                | R::SecondFactorExists
                | R::NoSecondFactor
                | R::WrongCode
                | R::SecondFactorDemanded
                | R::OwnAccount
                | R::InvitationOfAnother
                | R::Busy { .. }
                | R::Store(_)
                | R::Fault(_) => {}
            }
        }
        every
    }

    #[test]
    fn every_code_of_the_domain_is_explained_with_its_kind() {
        let refusals = all();
        for refused in &refusals {
            let code = refused.code();
            let own = code.starts_with("identity.") || code == "service.busy";
            let explained = CODES.iter().any(|note| note.code == code && note.kind == refused.kind());
            assert_eq!(own, explained, "{code}");
        }
        for note in CODES {
            assert!(
                refusals.iter().any(|refused| refused.code() == note.code),
                "{} is never answered",
                note.code
            );
        }
    }
}
