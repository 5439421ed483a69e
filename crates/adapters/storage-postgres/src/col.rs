//! Columns that hold what the domain holds: a row's field has the domain's type, and a format says how it is stored.
//!
//! Each value is formatted once, for all tables: those of the kernel here, a domain's own in the domain's module.
#![expect(
    unreachable_pub,
    reason = "SeaORM's macros make rows pub, and with them the types of their columns"
)]

use std::{error::Error, marker::PhantomData};

use kernel::{
    Digest, EmailAddress, Id, Role, Roles, Timestamp,
    text::{SingleLine, Slug, WebAddress},
};
use sea_orm::{
    ColIdx, DbErr, QueryResult, TryFromU64, TryGetError, TryGetable, Value,
    prelude::Json,
    sea_query::{ArrayType, ColumnType, Nullable, ValueType, ValueTypeErr},
};
use serde::{Serialize, de::DeserializeOwned};
use time::OffsetDateTime;
use uuid::Uuid;

/// Why a stored value cannot be read.
pub type Unreadable = Box<dyn Error + Send + Sync>;

/// How a `T` is stored.
pub trait Format<T> {
    /// What SeaORM stores instead of it.
    type Raw: Into<Value> + TryGetable + ValueType + Nullable;

    fn to_raw(value: T) -> Self::Raw;

    /// A stored value that the domain does not know is a defect, never a refusal.
    fn from_raw(raw: Self::Raw) -> Result<T, Unreadable>;
}

/// A column that holds a `T` in the format `F`.
#[derive(Debug, Clone, PartialEq)]
pub struct Col<T, F = Plain>(pub T, PhantomData<F>);

/// A value of an enumeration, stored by its name.
pub type Word<T> = Col<T, Named>;

/// A value stored as JSON.
pub type Doc<T> = Col<T, Document>;

/// The one format of a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Plain {}

/// The name of an enumeration's value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Named {}

/// The JSON a value is sent as.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Document {}

impl<T, F> Col<T, F> {
    pub fn of(value: T) -> Self {
        Self(value, PhantomData)
    }

    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T, F> From<T> for Col<T, F> {
    fn from(value: T) -> Self {
        Self::of(value)
    }
}

impl<T, F: Format<T>> From<Col<T, F>> for Value {
    fn from(column: Col<T, F>) -> Self {
        F::to_raw(column.0).into()
    }
}

impl<T, F: Format<T>> TryGetable for Col<T, F> {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        F::from_raw(F::Raw::try_get_by(row, index)?).map(Self::of).map_err(|error| {
            let column = index.as_str().unwrap_or("column");
            DbErr::Type(format!("a row's {column} cannot be read: {error}")).into()
        })
    }
}

impl<T, F: Format<T>> ValueType for Col<T, F> {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        F::from_raw(<F::Raw as ValueType>::try_from(value)?).map(Self::of).map_err(|_| ValueTypeErr)
    }

    fn type_name() -> String {
        F::Raw::type_name()
    }

    fn array_type() -> ArrayType {
        F::Raw::array_type()
    }

    fn column_type() -> ColumnType {
        F::Raw::column_type()
    }
}

impl<T, F: Format<T>> Nullable for Col<T, F> {
    fn null() -> Value {
        F::Raw::null()
    }
}

/// No key is counted by the database.
impl<T, F> TryFromU64 for Col<T, F> {
    fn try_from_u64(_: u64) -> Result<Self, DbErr> {
        Err(DbErr::ConvertFromU64("a column of the domain's own"))
    }
}

impl<T: kernel::Named> Format<T> for Named {
    type Raw = String;

    fn to_raw(value: T) -> String {
        value.name().to_owned()
    }

    fn from_raw(name: String) -> Result<T, Unreadable> {
        T::from_name(&name).ok_or_else(|| "no such name".into())
    }
}

/// A value that cannot be written is null, which checks refuse.
impl<T: Serialize + DeserializeOwned> Format<T> for Document {
    type Raw = Json;

    fn to_raw(value: T) -> Json {
        serde_json::to_value(value).unwrap_or_default()
    }

    fn from_raw(json: Json) -> Result<T, Unreadable> {
        Ok(serde_json::from_value(json)?)
    }
}

impl<X> Format<Id<X>> for Plain {
    type Raw = Uuid;

    fn to_raw(id: Id<X>) -> Uuid {
        id.uuid()
    }

    fn from_raw(uuid: Uuid) -> Result<Id<X>, Unreadable> {
        Ok(Id::from_uuid(uuid))
    }
}

impl Format<Timestamp> for Plain {
    type Raw = OffsetDateTime;

    fn to_raw(at: Timestamp) -> OffsetDateTime {
        at.to_offset_date_time()
    }

    fn from_raw(at: OffsetDateTime) -> Result<Timestamp, Unreadable> {
        Ok(Timestamp::new(at))
    }
}

impl<const MAX: usize> Format<SingleLine<MAX>> for Plain {
    type Raw = String;

    fn to_raw(line: SingleLine<MAX>) -> String {
        line.to_string()
    }

    fn from_raw(text: String) -> Result<SingleLine<MAX>, Unreadable> {
        Ok(SingleLine::new(&text)?)
    }
}

impl Format<EmailAddress> for Plain {
    type Raw = String;

    fn to_raw(address: EmailAddress) -> String {
        address.to_string()
    }

    fn from_raw(text: String) -> Result<EmailAddress, Unreadable> {
        Ok(EmailAddress::new(&text)?)
    }
}

impl Format<WebAddress> for Plain {
    type Raw = String;

    fn to_raw(address: WebAddress) -> String {
        address.as_str().to_owned()
    }

    fn from_raw(text: String) -> Result<WebAddress, Unreadable> {
        Ok(WebAddress::new(&text)?)
    }
}

impl Format<Slug> for Plain {
    type Raw = String;

    fn to_raw(slug: Slug) -> String {
        slug.as_str().to_owned()
    }

    fn from_raw(text: String) -> Result<Slug, Unreadable> {
        Ok(Slug::new(&text)?)
    }
}

impl Format<Digest> for Plain {
    type Raw = Vec<u8>;

    fn to_raw(digest: Digest) -> Vec<u8> {
        digest.0.to_vec()
    }

    fn from_raw(octets: Vec<u8>) -> Result<Digest, Unreadable> {
        Ok(Digest(octets.as_slice().try_into()?))
    }
}

impl Format<Roles> for Plain {
    type Raw = Vec<String>;

    fn to_raw(roles: Roles) -> Vec<String> {
        roles.iter().map(|role| role.name().to_owned()).collect()
    }

    fn from_raw(names: Vec<String>) -> Result<Roles, Unreadable> {
        let roles: Result<Vec<Role>, _> = names.iter().map(|name| name.parse()).collect();
        Ok(Roles::new(roles?)?)
    }
}

/// Numbers as PostgreSQL keeps them; none comes near the limit.
impl Format<u64> for Plain {
    type Raw = i64;

    fn to_raw(number: u64) -> i64 {
        number.try_into().unwrap_or(i64::MAX)
    }

    fn from_raw(number: i64) -> Result<u64, Unreadable> {
        Ok(number.try_into()?)
    }
}

impl Format<u8> for Plain {
    type Raw = i16;

    fn to_raw(number: u8) -> i16 {
        number.into()
    }

    fn from_raw(number: i16) -> Result<u8, Unreadable> {
        Ok(number.try_into()?)
    }
}

impl Format<u32> for Plain {
    type Raw = i32;

    fn to_raw(number: u32) -> i32 {
        number.try_into().unwrap_or(i32::MAX)
    }

    fn from_raw(number: i32) -> Result<u32, Unreadable> {
        Ok(number.try_into()?)
    }
}
