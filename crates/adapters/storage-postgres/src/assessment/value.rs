//! Values of this domain as columns keep them, and back; beside those every domain has ([`crate::value`]).

use assessment_engine::{
    CampaignId, CustomAssessmentId, Origin, OriginKind, PublishedVersionId,
    invitations::{
        ExtraTime,
        delivery::{AssessmentRef, AssessmentType},
    },
};
use assessment_format::{
    Score, Slug, Version,
    scoring::Outcome,
    session::{Minutes, Reason},
};
use kernel::{
    AccountId, EmailAddress, Id, StoreError, Timestamp,
    invitation::{Invitee, Token},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

pub(super) use crate::value::{digest, email, instant, name, named, optional, signed, unreadable, unsigned};

/// The name an enumeration is sent under.
pub(super) fn enum_name(value: impl Serialize) -> String {
    let word = serde_json::to_value(value).ok();
    word.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// What is sent under this name.
pub(super) fn enum_value<T: DeserializeOwned>(column: &str, word: String) -> Result<T, StoreError> {
    of_json(column, Value::String(word))
}

/// A value as JSON. One that cannot be written is null, which checks refuse.
pub(super) fn json(value: impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

pub(super) fn of_json<T: DeserializeOwned>(column: &str, json: Value) -> Result<T, StoreError> {
    serde_json::from_value(json).map_err(|error| unreadable(column, error))
}

pub(super) fn slug(column: &str, text: &str) -> Result<Slug, StoreError> {
    Slug::new(text).map_err(|error| unreadable(column, error))
}

pub(super) fn version(column: &str, text: &str) -> Result<Version, StoreError> {
    text.parse().map_err(|error| unreadable(column, error))
}

/// A number of a version or of minutes; all are below 2^15.
pub(super) fn small(number: u16) -> i16 {
    i16::try_from(number).unwrap_or(i16::MAX)
}

/// A number that fits, unless somebody altered it.
pub(super) fn fitting<T, N: TryFrom<T>>(column: &str, number: T) -> Result<N, StoreError> {
    N::try_from(number).map_err(|_| unreadable(column, "it is out of range"))
}

pub(super) fn score(column: &str, hundredths: i32) -> Result<Score, StoreError> {
    Score::of_hundredths(hundredths.into()).map_err(|error| unreadable(column, error))
}

/// An outcome in numbers.
pub(super) struct Scores {
    /// The dimensions' scores in hundredths, as PostgreSQL writes an array: `{430,NULL,380}`.
    pub(super) dimensions: String,
    pub(super) overall: Option<i32>,
    pub(super) category: Option<i16>,
}

impl Scores {
    pub(super) fn of(outcome: &Outcome) -> Self {
        let Outcome { dimensions, overall, category } = outcome;
        let number = |score: &Option<Score>| score.map_or("NULL".to_owned(), |s| s.hundredths().to_string());
        let dimensions: Vec<String> = dimensions.iter().map(number).collect();
        Self {
            dimensions: format!("{{{}}}", dimensions.join(",")),
            overall: overall.map(Score::hundredths),
            category: category.map(|place| i16::try_from(place).unwrap_or(i16::MAX)),
        }
    }

    pub(super) fn outcome(self) -> Result<Outcome, StoreError> {
        const COLUMN: &str = "dimension_hundredths";
        let inner = self.dimensions.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let inner = inner.ok_or_else(|| unreadable(COLUMN, "it is no array"))?;
        let number = |text: &str| match text {
            "NULL" => Ok(None),
            text => text.parse().map(Some).map_err(|error| unreadable(COLUMN, error)),
        };
        let numbers = inner.split(',').filter(|text| !text.is_empty()).map(number);
        outcome(numbers.collect::<Result<_, _>>()?, self.overall, self.category)
    }
}

/// An outcome from its numbers.
pub(super) fn outcome(
    dimensions: Vec<Option<i32>>,
    overall: Option<i32>,
    category: Option<i16>,
) -> Result<Outcome, StoreError> {
    let dimension = |of: Option<i32>| of.map(|of| score("dimension_hundredths", of)).transpose();
    Ok(Outcome {
        dimensions: dimensions.into_iter().map(dimension).collect::<Result<_, _>>()?,
        overall: overall.map(|of| score("overall_hundredths", of)).transpose()?,
        category: category.map(|place| fitting("category_place", place)).transpose()?,
    })
}

/// Where a session belongs, from its columns.
pub(super) fn origin(kind: &str, id: Uuid, campaign: Option<Uuid>) -> Result<Origin, StoreError> {
    match (named("session_type", kind, OriginKind::ALL.iter().copied(), OriginKind::name)?, campaign) {
        (OriginKind::Campaign, Some(campaign)) => {
            Ok(Origin::Campaign { campaign: Id::from_uuid(campaign), assignment: Id::from_uuid(id) })
        }
        (OriginKind::Coaching, None) => Ok(Origin::Coaching(Id::from_uuid(id))),
        _ => Err(unreadable("campaign_id", "it does not go with the kind of session")),
    }
}

/// The campaign of an origin.
pub(super) fn campaign_of(origin: Origin) -> Option<Uuid> {
    origin.campaign().map(CampaignId::uuid)
}

/// What is taken, from its columns.
pub(super) fn chosen(
    kind: &str,
    assessment: Uuid,
    published: Uuid,
    called: &str,
) -> Result<AssessmentRef, StoreError> {
    let all = AssessmentType::ALL.iter().copied();
    Ok(AssessmentRef {
        kind: named("assessment_type", kind, all, AssessmentType::name)?,
        assessment: CustomAssessmentId::from_uuid(assessment),
        published: PublishedVersionId::from_uuid(published),
        version: version("assessment_version", called)?,
    })
}

/// Time beyond everyone else's, as columns.
pub(super) fn extra_columns(extra: Option<&ExtraTime>) -> (Option<i32>, Option<String>) {
    let columns =
        |ExtraTime { minutes, reason }: &ExtraTime| (i32::from(minutes.get()), reason.as_str().to_owned());
    extra.map(columns).unzip()
}

pub(super) fn extra(minutes: Option<i32>, reason: Option<&String>) -> Result<Option<ExtraTime>, StoreError> {
    let (Some(minutes), Some(reason)) = (minutes, reason) else { return Ok(None) };
    let minutes = Minutes::new(fitting("extra_minutes", minutes)?);
    Ok(Some(ExtraTime {
        minutes: minutes.map_err(|error| unreadable("extra_minutes", error))?,
        reason: Reason::new(reason).map_err(|error| unreadable("extra_reason", error))?,
    }))
}

/// Whoever is asked, as columns.
pub(super) struct InviteeColumns {
    pub(super) account_id: Option<Uuid>,
    pub(super) email: Option<String>,
    pub(super) email_normalized: Option<String>,
    pub(super) full_name: Option<String>,
    pub(super) token_digest: Option<Vec<u8>>,
    pub(super) token_expires_at: Option<OffsetDateTime>,
    pub(super) invited_at: Option<OffsetDateTime>,
    pub(super) reminded_at: Option<OffsetDateTime>,
}

impl InviteeColumns {
    pub(super) fn of(invitee: &Invitee) -> Self {
        let Invitee { account, email, name, token, invited_at, reminded_at } = invitee;
        Self {
            account_id: account.map(Id::uuid),
            email: email.as_ref().map(ToString::to_string),
            email_normalized: email.as_ref().map(EmailAddress::normalized),
            full_name: name.as_ref().map(ToString::to_string),
            token_digest: token.map(|token| token.digest.0.to_vec()),
            token_expires_at: token.map(|token| instant(token.expires_at)),
            invited_at: invited_at.map(instant),
            reminded_at: reminded_at.map(instant),
        }
    }

    pub(super) fn invitee(self) -> Result<Invitee, StoreError> {
        let token = match (self.token_digest, self.token_expires_at) {
            (Some(octets), Some(expires_at)) => {
                let expires_at = Timestamp::new(expires_at);
                Some(Token { digest: digest("token_digest", &octets)?, expires_at })
            }
            _ => None,
        };
        Ok(Invitee {
            account: self.account_id.map(AccountId::from_uuid),
            email: optional("email", self.email.as_ref(), email)?,
            name: optional("full_name", self.full_name.as_ref(), name)?,
            token,
            invited_at: self.invited_at.map(Timestamp::new),
            reminded_at: self.reminded_at.map(Timestamp::new),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_is_an_array_and_back() {
        for dimensions in [vec![], vec![None], vec![Some(430), None, Some(-7)]] {
            let there = outcome(dimensions, Some(-10_000), Some(0)).expect("scores");
            let scores = Scores::of(&there);
            assert_eq!(scores.outcome().expect("an array"), there);
        }
        assert!(outcome(vec![Some(10_001)], None, None).is_err());
    }
}
