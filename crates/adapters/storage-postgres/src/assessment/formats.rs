//! How this domain's values are stored, once for all its tables, beside those of the kernel ([`crate::col`]).

use std::{fmt::Display, marker::PhantomData, sync::Arc};

use assessment_engine::{CampaignId, ExtraTime, Origin, OriginKind};
use assessment_format::{
    Definition, Score,
    session::{Minutes, Reason},
};
use kernel::{Id, StoreError};
use sea_orm::{
    TryGetable, Value,
    prelude::Json,
    sea_query::{Nullable, ValueType},
};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::col::{Col, Format, Plain, Unreadable};

/// The one text or number a value is sent as.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent<R>(PhantomData<R>);

/// A value that is sent as a text.
pub type Text<T> = Col<T, Sent<String>>;

/// A value that is sent as a number.
pub type Integer<T> = Col<T, Sent<i32>>;

/// A value that is sent as a number below 2^15.
pub type SmallInt<T> = Col<T, Sent<i16>>;

impl<T, R> Format<T> for Sent<R>
where
    T: Serialize + DeserializeOwned,
    R: Serialize + DeserializeOwned + Default + Into<Value> + TryGetable + ValueType + Nullable,
{
    type Raw = R;

    fn to_raw(value: T) -> R {
        serde_json::to_value(value).and_then(serde_json::from_value).unwrap_or_default()
    }

    fn from_raw(raw: R) -> Result<T, Unreadable> {
        Ok(serde_json::from_value(serde_json::to_value(raw)?)?)
    }
}

/// Hundredths.
impl Format<Score> for Plain {
    type Raw = i32;

    fn to_raw(score: Score) -> i32 {
        score.hundredths()
    }

    fn from_raw(hundredths: i32) -> Result<Score, Unreadable> {
        Ok(Score::of_hundredths(hundredths.into())?)
    }
}

/// An array of hundredths as PostgreSQL writes it, `{430,NULL,380}`: SeaORM keeps no array with gaps.
impl Format<Vec<Option<Score>>> for Plain {
    type Raw = String;

    fn to_raw(scores: Vec<Option<Score>>) -> String {
        let number = |score: Option<Score>| score.map_or("NULL".to_owned(), |s| s.hundredths().to_string());
        let numbers: Vec<String> = scores.into_iter().map(number).collect();
        format!("{{{}}}", numbers.join(","))
    }

    fn from_raw(array: String) -> Result<Vec<Option<Score>>, Unreadable> {
        let inner = array.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let numbers = inner.ok_or("it is no array")?.split(',').filter(|number| !number.is_empty());
        let score = |number| match number {
            "NULL" => Ok(None),
            number => Self::from_raw(number.parse::<i32>()?).map(Some),
        };
        numbers.map(score).collect()
    }
}

/// The canonical JSON.
impl Format<Arc<Definition>> for Plain {
    type Raw = Json;

    fn to_raw(definition: Arc<Definition>) -> Json {
        serde_json::to_value(definition.as_ref()).unwrap_or_default()
    }

    fn from_raw(json: Json) -> Result<Arc<Definition>, Unreadable> {
        Ok(Arc::new(serde_json::from_value(json)?))
    }
}

/// Columns that make no sense together.
pub(super) fn unreadable(column: &str, why: impl Display) -> StoreError {
    StoreError::Fault(format!("a row's {column} cannot be read: {why}"))
}

/// What a session belongs to, from its columns.
pub(super) fn origin(kind: OriginKind, id: Uuid, campaign: Option<CampaignId>) -> Result<Origin, StoreError> {
    match (kind, campaign) {
        (OriginKind::Campaign, Some(campaign)) => {
            Ok(Origin::Campaign { campaign, assignment: Id::from_uuid(id) })
        }
        (OriginKind::Coaching, None) => Ok(Origin::Coaching(Id::from_uuid(id))),
        _ => Err(unreadable("campaign_id", "it does not go with the kind of session")),
    }
}

/// The columns of time beyond everyone else's.
pub(super) type ExtraColumns = (Option<Integer<Minutes>>, Option<Text<Reason>>);

pub(super) fn extra_columns(extra: Option<ExtraTime>) -> ExtraColumns {
    extra.map(|extra| (Col::of(extra.minutes), Col::of(extra.reason))).unzip()
}

pub(super) fn extra((minutes, reason): ExtraColumns) -> Option<ExtraTime> {
    Some(ExtraTime { minutes: minutes?.0, reason: reason?.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_an_array_and_back() {
        for hundredths in [vec![], vec![None], vec![Some(430), None, Some(-7)]] {
            let score = |of: Option<i32>| of.map(|of| Plain::from_raw(of).expect("a score"));
            let scores: Vec<Option<Score>> = hundredths.into_iter().map(score).collect();
            let back: Vec<Option<Score>> = Plain::from_raw(Plain::to_raw(scores.clone())).expect("an array");
            assert_eq!(back, scores);
        }
        let read = <Plain as Format<Vec<Option<Score>>>>::from_raw;
        assert!(read("{10001}".to_owned()).is_err() && read("430".to_owned()).is_err());
    }
}
