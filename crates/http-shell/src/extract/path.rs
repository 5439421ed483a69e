//! Path parameters.

use std::{
    future::{Ready, ready},
    ops::Deref,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use serde::de::DeserializeOwned;

use super::super::problem::Problem;

/// What the path names: `PathParams<OrganizationId>`, or a tuple in the order of the path.
///
/// A text that is no id answers 404, as an unknown id does. (It is not called `Path`, because utoipa's macro
/// takes that word for its own and then demands `IntoParams` of every id; the parameters are described by
/// [`super::super::openapi`] instead.)
#[derive(Debug, Clone, Copy)]
pub struct PathParams<T>(pub T);

impl<T> Deref for PathParams<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned> FromRequest for PathParams<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let found = web::Path::<T>::from_request(req, payload).into_inner();
        ready(found.map(|path| Self(path.into_inner())).map_err(|_| Problem::not_found()))
    }
}
