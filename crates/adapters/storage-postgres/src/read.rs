//! Reading rows and saying what they mean.
//!
//! A table the scope's role may not read holds nothing for it: the statement is not even sent, because PostgreSQL would
//! refuse it and end the transaction.

use kernel::StoreError;
use sea_orm::{
    DbErr, EntityTrait, FromQueryResult, IdenStatic as _, PartialModelTrait, QueryFilter, QueryResult,
    QuerySelect as _, Select, SelectA, SelectB, SelectTwo,
    sea_query::{Alias, Expr, ExprTrait as _},
};

use crate::{
    classes::{self, TableClass},
    driver::Query,
    tx::Tx,
};

/// What a row means.
pub(crate) trait FromRow<R>: Sized {
    fn from_row(row: R) -> Result<Self, StoreError>;
}

/// A row by itself.
impl<R> FromRow<R> for R {
    fn from_row(row: R) -> Result<Self, StoreError> {
        Ok(row)
    }
}

impl Tx {
    /// Whether the role may read the table.
    pub(crate) fn can_read(&self, schema: &str, table: &str) -> bool {
        classes::of(schema, table).is_none_or(|class| class.can_be_read_by(self.role()))
    }

    /// Whether the role may read the entity's table.
    pub(crate) fn can_read_entity<E: EntityTrait>(&self) -> bool {
        let entity = E::default();
        self.can_read(entity.schema_name().unwrap_or_default(), entity.table_name())
    }

    /// Names the organisation in a statement on a tenant's table. Policies prove that it sees no other; naming it finds
    /// the rows by their indexes, and the node they lie on where tenants are spread.
    pub(crate) fn of_tenant<E: EntityTrait, Q: QueryFilter>(&self, statement: Q) -> Q {
        let entity = E::default();
        let class = classes::of(entity.schema_name().unwrap_or_default(), entity.table_name());
        match (self.tenant(), class.and_then(TableClass::tenant_column)) {
            (Some(tenant), Some(column)) => {
                statement.filter(Expr::col((entity, Alias::new(column))).eq(tenant))
            }
            _ => statement,
        }
    }

    /// The row, if there is one for this scope.
    pub(crate) async fn find_one<E: EntityTrait, A: FromRow<E::Model>>(
        &self,
        select: Select<E>,
    ) -> Result<Option<A>, StoreError> {
        Ok(self.find_all(select.limit(1)).await?.pop())
    }

    /// All rows there are for this scope.
    pub(crate) async fn find_all<E: EntityTrait, A: FromRow<E::Model>>(
        &self,
        select: Select<E>,
    ) -> Result<Vec<A>, StoreError> {
        self.ensure_open()?;
        if !self.can_read_entity::<E>() {
            return Ok(Vec::new());
        }
        let found = self.records(Query::of(&self.of_tenant::<E, _>(select))).await?;
        #[cfg(feature = "testing")]
        types::ensure_columns_are_of::<E>(&found, "");
        self.restored(&found, |row| E::Model::from_query_result(row, ""))
    }

    /// All rows with what they belong to; both must be there for this scope.
    pub(crate) async fn find_pairs<E: EntityTrait, F: EntityTrait, A: FromRow<(E::Model, F::Model)>>(
        &self,
        select: SelectTwo<E, F>,
    ) -> Result<Vec<A>, StoreError> {
        self.ensure_open()?;
        if !self.can_read_entity::<E>() || !self.can_read_entity::<F>() {
            return Ok(Vec::new());
        }
        let select = self.of_tenant::<F, _>(self.of_tenant::<E, _>(select));
        let mut found = self.records(Query::of(&select)).await?;
        let (one, other) = (SelectA.as_str(), SelectB.as_str());
        let is_there =
            |row: &QueryResult| F::Model::from_query_result_optional(row, other).is_ok_and(|it| it.is_some());
        found.retain(is_there);
        #[cfg(feature = "testing")]
        {
            types::ensure_columns_are_of::<E>(&found, one);
            types::ensure_columns_are_of::<F>(&found, other);
        }
        self.restored(&found, |row| {
            Ok((E::Model::from_query_result(row, one)?, F::Model::from_query_result(row, other)?))
        })
    }

    /// Some columns of all rows there are for this scope.
    pub(crate) async fn find_partial<E: EntityTrait, P: PartialModelTrait, A: FromRow<P>>(
        &self,
        select: Select<E>,
    ) -> Result<Vec<A>, StoreError> {
        self.ensure_open()?;
        if !self.can_read_entity::<E>() {
            return Ok(Vec::new());
        }
        let select = P::select_cols(self.of_tenant::<E, _>(select).select_only());
        let found = self.records(Query::of(&select)).await?;
        #[cfg(feature = "testing")]
        types::ensure_columns_are_of::<E>(&found, "");
        self.restored(&found, |row| P::from_query_result(row, ""))
    }

    /// All rows of a statement of our own.
    pub(crate) async fn find_rows<R: FromQueryResult>(&self, query: Query<'_>) -> Result<Vec<R>, StoreError> {
        let found = self.records(query).await?;
        self.restored(&found, |row| R::from_query_result(row, ""))
    }

    /// Whether the statement has a row.
    pub(crate) async fn exists<E: EntityTrait>(&self, select: Select<E>) -> Result<bool, StoreError> {
        self.ensure_open()?;
        if !self.can_read_entity::<E>() {
            return Ok(false);
        }
        let found = self.of_tenant::<E, _>(select).select_only().expr(Expr::cust("1")).limit(1);
        Ok(self.fetch_optional(Query::of(&found)).await?.is_some())
    }

    /// How many rows there are for this scope.
    pub(crate) async fn count<E: EntityTrait>(&self, select: Select<E>) -> Result<u64, StoreError> {
        self.ensure_open()?;
        if !self.can_read_entity::<E>() {
            return Ok(0);
        }
        let count = self.of_tenant::<E, _>(select).select_only().expr_as(Expr::cust("count(*)"), "count");
        let found = self.records(Query::of(&count)).await?;
        let counted: Vec<i64> = self.restored(&found, |row| row.try_get("", "count"))?;
        Ok(counted.first().map_or(0, |count| count.unsigned_abs()))
    }

    /// What a row means; one that cannot be read is the transaction's last.
    fn restored<R, A: FromRow<R>>(
        &self,
        rows: &[QueryResult],
        read: impl Fn(&QueryResult) -> Result<R, DbErr>,
    ) -> Result<Vec<A>, StoreError> {
        let row = |row: &QueryResult| {
            A::from_row(
                read(row).map_err(|error| StoreError::Fault(format!("a row cannot be read: {error}")))?,
            )
        };
        rows.iter().map(row).collect::<Result<_, _>>().map_err(|error| self.fail(error))
    }
}

/// Holds the types of entities against those of the database, in tests: SeaORM reads an optional value of another type
/// than the column's as none.
#[cfg(feature = "testing")]
mod types {
    use sea_orm::{
        ColumnTrait as _, ColumnType as T, EntityTrait, IdenStatic as _, Iterable as _, QueryResult,
        Value as V,
    };

    pub(super) fn ensure_columns_are_of<E: EntityTrait>(rows: &[QueryResult], prefix: &str) {
        let Some(row) = rows.first().and_then(QueryResult::try_as_proxy_row) else { return };
        for column in E::Column::iter() {
            let (name, of) = (column.as_str(), column.def().get_column_type().clone());
            let Some(value) = row.values.get(&format!("{prefix}{name}")) else { continue };
            let same = matches!(
                (value, &of),
                (V::Bool(_), T::Boolean)
                    | (V::SmallInt(_), T::SmallInteger)
                    | (V::Int(_), T::Integer)
                    | (V::BigInt(_), T::BigInteger)
                    | (V::Double(_), T::Double)
                    | (V::String(_), T::String(_) | T::Text)
                    | (V::Bytes(_), T::Binary(_) | T::VarBinary(_) | T::Blob)
                    | (V::Json(_), T::Json | T::JsonBinary)
                    | (V::Uuid(_), T::Uuid)
                    | (V::TimeDate(_), T::Date)
                    | (V::TimeDateTimeWithTimeZone(_), T::TimestampWithTimeZone)
                    | (V::Array(..), T::Array(_))
            );
            assert!(same, "{}.{name} is read as {of:?}, and is another type", E::default().as_str());
        }
    }
}
