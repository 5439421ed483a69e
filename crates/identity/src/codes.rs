//! Every code of the domain, with who reacts how.

use kernel::{CodeNote, Kind};

const fn note(kind: Kind, code: &'static str, note: &'static str) -> CodeNote {
    CodeNote { code, kind, note }
}

/// The codes of [`crate::Refused`] that are this domain's own.
pub const CODES: &[CodeNote] = &[
    note(
        Kind::Unauthenticated,
        "identity.wrong_credentials",
        "Address, password or code do not fit, or too many attempts were made; the person tries again, later if need be.",
    ),
    note(
        Kind::Unauthenticated,
        "identity.second_factor_required",
        "The password is right; the client asks for a code and sends the sign-in again with it.",
    ),
    note(
        Kind::Unauthenticated,
        "identity.invalid_token",
        "The token or key is not, or no longer, good; the client refreshes once, then has the person sign in.",
    ),
    note(
        Kind::Forbidden,
        "identity.step_up_required",
        "The proof of identity is older than five minutes; the client asks for the password, calls /v1/auth/step-up and repeats the call.",
    ),
    note(
        Kind::Forbidden,
        "identity.second_factor_needed",
        "The call, or the organisation, demands a session with a second factor; the person sets one up and signs in with it.",
    ),
    note(
        Kind::Forbidden,
        "identity.forbidden",
        "The role, or the key's scopes, do not allow it; an owner or admin can change that.",
    ),
    note(Kind::Forbidden, "identity.person_needed", "An API key cannot do this; a person has to."),
    note(
        Kind::Forbidden,
        "identity.beyond_own_roles",
        "Nobody gives or takes roles that allow more than his own; someone with those roles has to.",
    ),
    note(
        Kind::Forbidden,
        "identity.invitation_of_another",
        "The invitation is for another address; the person signs in with the account it was sent to.",
    ),
    note(
        Kind::Invalid,
        "identity.invalid_one_time_token",
        "The link is unknown, used, replaced by a newer one or expired; the person asks for a new one.",
    ),
    note(
        Kind::Invalid,
        "identity.wrong_code",
        "The code is not right or was used; the person waits for the next one and checks the device's clock.",
    ),
    note(Kind::Invalid, "identity.password_too_short", "The person chooses a longer password."),
    note(Kind::Invalid, "identity.password_too_long", "At most 128 characters and 512 bytes."),
    note(
        Kind::Invalid,
        "identity.password_common",
        "The password is in a list of common or leaked ones; the person chooses another.",
    ),
    note(
        Kind::Invalid,
        "identity.password_predictable",
        "The password consists of words that stand near the account; the person chooses another.",
    ),
    note(
        Kind::Invalid,
        "identity.password_guessable",
        "The password is easy to guess; the person adds unrelated words.",
    ),
    note(
        Kind::Conflict,
        "identity.last_owner",
        "An organisation needs an owner; make someone else an owner first, or close it.",
    ),
    note(Kind::Conflict, "identity.slug_taken", "Another organisation has this slug; choose another."),
    note(Kind::Conflict, "identity.already_member", "The person is a member already; nothing is to be done."),
    note(Kind::Conflict, "identity.already_invited", "There is an open invitation; send that one again."),
    note(Kind::Conflict, "identity.second_factor_exists", "There is a second factor; remove it first."),
    note(Kind::Conflict, "identity.no_second_factor", "There is no second factor; set one up first."),
    note(
        Kind::Conflict,
        "identity.second_factor_demanded",
        "An organisation demands a second factor; leave it first, or keep the factor.",
    ),
    note(
        Kind::Conflict,
        "identity.own_account",
        "Administrators cannot do this to themselves; another one has to.",
    ),
    note(
        Kind::Unavailable,
        "service.busy",
        "Too many sign-ins at once; the client tries again after Retry-After.",
    ),
];
