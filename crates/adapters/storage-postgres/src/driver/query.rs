//! Statements with what is bound to them.

use std::{borrow::Cow, error::Error, fmt::Write as _};

use bytes::BytesMut;
use sea_orm::{
    DbBackend, QueryTrait, Statement, Value,
    sea_query::{ArrayType, QueryStatementWriter},
};
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

/// A statement with its parameters.
#[derive(Debug)]
pub(crate) struct Query<'q> {
    sql: Cow<'q, str>,
    parameters: Vec<Parameter<'q>>,
}

/// A statement of our own. PostgreSQL says of which types its parameters are.
pub(crate) fn query(sql: &str) -> Query<'_> {
    Query { sql: Cow::Borrowed(sql), parameters: Vec::new() }
}

impl<'q> Query<'q> {
    /// A statement of SeaORM's.
    pub(crate) fn of<Q: QueryTrait<QueryStatement: QueryStatementWriter>>(said: &Q) -> Self {
        let Statement { sql, values, .. } = said.build(DbBackend::Postgres);
        let values = values.map(|values| values.0).unwrap_or_default();
        Self { sql: Cow::Owned(sql), parameters: values.into_iter().map(Parameter::Orm).collect() }
    }

    /// Binds the next parameter.
    pub(crate) fn bind(mut self, value: impl ToSql + Send + Sync + 'q) -> Self {
        self.parameters.push(Parameter::Own(Box::new(value)));
        self
    }

    /// Adds text, and a parameter behind it.
    pub(crate) fn and(&mut self, text: &str, value: impl ToSql + Send + Sync + 'q) {
        self.parameters.push(Parameter::Own(Box::new(value)));
        let number = self.parameters.len();
        let _ = write!(self.sql.to_mut(), "{text}${number}");
    }

    /// Adds text.
    pub(crate) fn push(&mut self, text: &str) {
        self.sql.to_mut().push_str(text);
    }

    /// The same change, which fails with a division by zero where it touches no row, so that what follows in its flight
    /// comes to nothing.
    pub(crate) fn of_some_row(mut self) -> Self {
        self.sql = format!("WITH saved AS ({} RETURNING 1) SELECT 1 / count(*) FROM saved", self.sql).into();
        self
    }

    pub(crate) fn sql(&self) -> &str {
        &self.sql
    }

    /// The types its parameters are declared with.
    pub(super) fn types(&self) -> Vec<Type> {
        let declared = |parameter: &Parameter<'_>| match parameter {
            Parameter::Own(_) => Type::UNKNOWN,
            Parameter::Orm(value) => declared(value),
        };
        self.parameters.iter().map(declared).collect()
    }

    pub(super) fn parameters(&self) -> impl ExactSizeIterator<Item = &Parameter<'q>> {
        self.parameters.iter()
    }
}

/// What is bound.
#[derive(Debug)]
pub(super) enum Parameter<'q> {
    Own(Box<dyn ToSql + Send + Sync + 'q>),
    Orm(Value),
}

impl ToSql for Parameter<'_> {
    fn to_sql(&self, of: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            // Checked: PostgreSQL chose the type.
            Self::Own(value) => value.to_sql_checked(of, out),
            Self::Orm(value) => OrmValue(value).to_sql(of, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A value of SeaORM's; its type was declared.
#[derive(Debug)]
struct OrmValue<'v>(&'v Value);

impl ToSql for OrmValue<'_> {
    fn to_sql(&self, of: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self.0 {
            Value::Bool(value) => value.to_sql(of, out),
            Value::SmallInt(value) => value.to_sql(of, out),
            Value::Int(value) => value.to_sql(of, out),
            Value::BigInt(value) => value.to_sql(of, out),
            Value::BigUnsigned(value) => value.map(i64::try_from).transpose()?.to_sql(of, out),
            Value::Double(value) => value.to_sql(of, out),
            Value::String(value) => value.as_deref().to_sql(of, out),
            Value::Bytes(value) => value.as_deref().to_sql(of, out),
            Value::Json(value) => value.as_deref().to_sql(of, out),
            Value::Uuid(value) => value.to_sql(of, out),
            Value::TimeDate(value) => value.to_sql(of, out),
            Value::TimeDateTimeWithTimeZone(value) => value.to_sql(of, out),
            Value::Array(_, values) => {
                let values = values.as_ref().map(|values| values.iter().map(OrmValue).collect::<Vec<_>>());
                values.to_sql(of, out)
            }
            _ => Err("a value of a type that no statement binds".into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn declared(value: &Value) -> Type {
    match value {
        Value::Bool(_) => Type::BOOL,
        Value::SmallInt(_) => Type::INT2,
        Value::Int(_) => Type::INT4,
        Value::BigInt(_) | Value::BigUnsigned(_) => Type::INT8,
        Value::Double(_) => Type::FLOAT8,
        Value::String(_) => Type::TEXT,
        Value::Bytes(_) => Type::BYTEA,
        Value::Json(_) => Type::JSONB,
        Value::Uuid(_) => Type::UUID,
        Value::TimeDate(_) => Type::DATE,
        Value::TimeDateTimeWithTimeZone(_) => Type::TIMESTAMPTZ,
        Value::Array(ArrayType::String, _) => Type::TEXT_ARRAY,
        Value::Array(ArrayType::Uuid, _) => Type::UUID_ARRAY,
        Value::Array(ArrayType::SmallInt, _) => Type::INT2_ARRAY,
        Value::Array(ArrayType::Int, _) => Type::INT4_ARRAY,
        Value::Array(ArrayType::BigInt, _) => Type::INT8_ARRAY,
        Value::Array(ArrayType::Bytes, _) => Type::BYTEA_ARRAY,
        _ => Type::UNKNOWN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_is_added_counts_its_parameters_on() {
        let mut all = query("SELECT * FROM t WHERE a = $1").bind(1_i64);
        all.and(" AND b = ", "two");
        all.push(" ORDER BY b LIMIT ");
        all.and("", 3_i64);
        assert_eq!(all.sql(), "SELECT * FROM t WHERE a = $1 AND b = $2 ORDER BY b LIMIT $3");
        assert_eq!(all.parameters().len(), 3);
    }

    #[test]
    fn a_value_of_another_type_than_postgresql_says_is_not_sent() {
        let mut out = BytesMut::new();
        let text = query("SELECT $1").bind("text");
        let bound = text.parameters().next().expect("it was bound");
        assert!(bound.to_sql_checked(&Type::INT8, &mut out).is_err());
        let large = Parameter::Orm(Value::BigUnsigned(Some(u64::MAX)));
        assert!(large.to_sql_checked(&Type::INT8, &mut out).is_err());
    }
}
