//! Rows as SeaORM reads them.

use std::error::Error;

use kernel::StoreError;
use sea_orm::{
    ProxyRow, QueryResult, Value,
    prelude::{Json, Uuid},
    sea_query::ArrayType,
};
use time::{Date, OffsetDateTime};
use tokio_postgres::{
    Row,
    types::{FromSql, Kind, Type},
};

/// A row by the names of its columns.
pub(crate) fn record(row: &Row) -> Result<QueryResult, StoreError> {
    let columns = row.columns().iter().enumerate();
    let values = columns.map(|(at, column)| Ok((column.name().to_owned(), value(row, at, column.type_())?)));
    let values: Result<_, Box<dyn Error + Send + Sync>> = values.collect();
    let values = values.map_err(|error| StoreError::Fault(format!("a row cannot be read: {error}")))?;
    Ok(ProxyRow { values }.into())
}

fn value(row: &Row, at: usize, of: &Type) -> Result<Value, Box<dyn Error + Send + Sync>> {
    if let Kind::Domain(of) = of.kind() {
        return value(row, at, of);
    }
    Ok(match *of {
        Type::BOOL => Value::Bool(row.try_get(at)?),
        Type::INT2 => Value::SmallInt(row.try_get(at)?),
        Type::INT4 => Value::Int(row.try_get(at)?),
        Type::INT8 => Value::BigInt(row.try_get(at)?),
        Type::FLOAT8 => Value::Double(row.try_get(at)?),
        Type::BYTEA => Value::Bytes(row.try_get(at)?),
        Type::JSON | Type::JSONB => Value::Json(row.try_get::<_, Option<Json>>(at)?.map(Box::new)),
        Type::UUID => Value::Uuid(row.try_get(at)?),
        Type::DATE => Value::TimeDate(row.try_get::<_, Option<Date>>(at)?),
        Type::TIMESTAMPTZ => Value::TimeDateTimeWithTimeZone(row.try_get::<_, Option<OffsetDateTime>>(at)?),
        Type::TEXT_ARRAY => array::<String>(row, at, ArrayType::String)?,
        Type::UUID_ARRAY => array::<Uuid>(row, at, ArrayType::Uuid)?,
        Type::INT4_ARRAY => array::<i32>(row, at, ArrayType::Int)?,
        ref text if <String as FromSql<'_>>::accepts(text) => Value::String(row.try_get(at)?),
        ref other => return Err(format!("{} is of type {other}", row.columns()[at].name()).into()),
    })
}

fn array<'r, T: FromSql<'r> + Into<Value>>(
    row: &'r Row,
    at: usize,
    of: ArrayType,
) -> Result<Value, tokio_postgres::Error> {
    let values: Option<Vec<T>> = row.try_get(at)?;
    Ok(Value::Array(of, values.map(|values| Box::new(values.into_iter().map(Into::into).collect()))))
}
