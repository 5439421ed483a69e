//! Query parameters, read strictly, and pages.

use std::{
    future::{Ready, ready},
    ops::Deref,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use kernel::{Cursor, Limit, PageRequest};
use serde::{Deserialize, de::DeserializeOwned};
use utoipa::IntoParams;

use super::{super::problem::Problem, strict::Strict};

/// The query as a `T`; unknown and repeated parameters are refused with 422.
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

/// Which page of a list is wanted, where the list has no filter. For the description: `params(PageQuery)`.
#[derive(Debug, Clone, Default)]
pub struct PageQuery(pub PageRequest);

/// Which page of a list is wanted, and of what. For the description: `params(PageQuery, F)`.
#[derive(Debug, Clone, Default)]
pub struct ListQuery<F> {
    /// The page.
    pub page: PageRequest,
    /// Whether the query said anything about it.
    pub is_paged: bool,
    /// The filter.
    pub filter: F,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Paging {
    /// How many items, 1 to 100; 25 unless told.
    #[param(value_type = u8, minimum = 1, maximum = 100, default = 25, required = false)]
    limit: Option<String>,
    /// The `next` of the page before.
    #[param(value_type = String, required = false)]
    after: Option<String>,
}

impl IntoParams for PageQuery {
    fn into_params(
        provider: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
    ) -> Vec<utoipa::openapi::path::Parameter> {
        Paging::into_params(provider)
    }
}

#[derive(Deserialize)]
struct NoFilter {}

fn parse<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    match web::Query::<Strict<T>>::from_query(query).map(web::Query::into_inner) {
        Ok(Strict(Ok(value))) => Ok(value),
        Ok(Strict(Err(errors))) => Err(Problem::invalid(errors)),
        Err(_) => Err(Problem::invalid(vec![(String::new(), "the query cannot be read".to_owned())])),
    }
}

fn listing<F: DeserializeOwned>(query: &str) -> Result<ListQuery<F>, Problem> {
    let of_page = |parameter: &&str| {
        let name = parameter.split('=').next().unwrap_or_default();
        name == "limit" || name == "after"
    };
    let (page, filter): (Vec<&str>, Vec<&str>) =
        query.split('&').filter(|parameter| !parameter.is_empty()).partition(of_page);
    let is_paged = !page.is_empty();
    let Paging { limit, after } = parse(&page.join("&"))?;
    let limit = limit.map(|limit| read_limit(&limit)).transpose()?.unwrap_or_default();
    let page = PageRequest { limit, after: after.map(Cursor::from_client) };
    Ok(ListQuery { page, is_paged, filter: parse(&filter.join("&"))? })
}

fn read_limit(text: &str) -> Result<Limit, Problem> {
    let number = text.parse().map_err(|_| {
        Problem::invalid(vec![("/limit".to_owned(), "must be a whole number from 1 to 100".to_owned())])
    });
    Ok(Limit::new(number?)?)
}

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse(req.query_string()).map(Self))
    }
}

impl<F: DeserializeOwned> FromRequest for ListQuery<F> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(listing(req.query_string()))
    }
}

impl FromRequest for PageQuery {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(listing::<NoFilter>(req.query_string()).map(|listing| Self(listing.page)))
    }
}

impl<T> Deref for Query<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl Deref for PageQuery {
    type Target = PageRequest;

    fn deref(&self) -> &PageRequest {
        &self.0
    }
}
