//! Which methods a path has: actix answers 404 to another method, because each handler guards its own resource;
//! this table makes it 405 with `Allow`.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, dev::ResourceDef, web};
use utoipa::openapi::{OpenApi, PathItem};

use super::{openapi, problem::Problem, response::HandlerResult, state::AppState};

/// Every path with its methods.
pub(crate) struct AllowedMethods(Vec<(ResourceDef, Vec<&'static str>)>);

impl AllowedMethods {
    /// The methods of the documented operations and of the pages.
    pub(crate) fn of(document: &OpenApi, pages: &[&str]) -> Self {
        let operations = document.paths.paths.iter().map(|(path, item)| (path.as_str(), methods(item)));
        let pages = pages.iter().chain(&openapi::PATHS).map(|path| (*path, vec!["GET", "HEAD"]));
        Self(operations.chain(pages).map(|(path, methods)| (ResourceDef::new(path), methods)).collect())
    }

    fn methods(&self, path: &str) -> BTreeSet<&'static str> {
        let matching = self.0.iter().filter(|(pattern, _)| pattern.is_match(path));
        matching.flat_map(|(_, methods)| methods.iter().copied()).collect()
    }
}

fn methods(item: &PathItem) -> Vec<&'static str> {
    let all = [
        ("DELETE", item.delete.is_some()),
        ("GET", item.get.is_some()),
        ("HEAD", item.get.is_some() || item.head.is_some()),
        ("PATCH", item.patch.is_some()),
        ("POST", item.post.is_some()),
        ("PUT", item.put.is_some()),
    ];
    all.into_iter().filter_map(|(name, there)| there.then_some(name)).collect()
}

/// Answers whatever no route takes.
pub(crate) async fn no_route(req: HttpRequest, state: web::Data<AppState>) -> HandlerResult {
    let methods: Vec<_> = state.allowed_methods().methods(req.path()).into_iter().collect();
    if methods.is_empty() {
        return Err(Problem::unknown_path());
    }
    let methods = methods.join(", ");
    Err(super::problem::fallback(actix_web::http::StatusCode::METHOD_NOT_ALLOWED).allow(methods))
}
