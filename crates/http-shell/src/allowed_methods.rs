//! Which methods a path has: actix answers 404 to another method, because each handler guards its own resource, and
//! hands `/teams/import` on to `/teams/{team_id}`, where that has the method. This table makes both 405 with `Allow`.

use actix_web::{
    Error, HttpRequest,
    body::{EitherBody, MessageBody},
    dev::{ResourceDef, ServiceRequest, ServiceResponse},
    http::StatusCode,
    middleware::Next,
    web,
};
use utoipa::openapi::{OpenApi, PathItem};

use super::{
    layers::{refuse, state},
    openapi,
    problem::{Problem, fallback},
    response::HandlerResult,
    state::AppState,
};

/// Every path with its methods; of paths that fit a request the one with the fewest parameters stands first.
pub(crate) struct AllowedMethods {
    all: Vec<Path>,
    /// How many of them, from the first on, are fixed where others that fit have a parameter.
    beside_parameters: usize,
}

struct Path {
    definition: ResourceDef,
    methods: Vec<&'static str>,
}

impl Path {
    fn new(pattern: &str, methods: Vec<&'static str>) -> Self {
        Self { definition: ResourceDef::new(pattern), methods }
    }

    fn parameters(&self) -> usize {
        self.definition.pattern().map_or(0, |pattern| pattern.matches('{').count())
    }

    /// Whether what fits this path fits the other, too, which has more parameters.
    fn is_beside(&self, other: &Self) -> bool {
        let pattern = self.definition.pattern().unwrap_or_default();
        self.parameters() < other.parameters() && other.definition.is_match(pattern)
    }

    fn refused(&self) -> Problem {
        fallback(StatusCode::METHOD_NOT_ALLOWED).allow(self.methods.join(", "))
    }
}

impl AllowedMethods {
    /// The methods of the documented operations and of the pages.
    pub(crate) fn of(document: &OpenApi, pages: &[&str]) -> Self {
        let operations = document.paths.paths.iter().map(|(path, item)| Path::new(path, methods(item)));
        let pages = pages.iter().chain(&openapi::PATHS).map(|path| Path::new(path, vec!["GET", "HEAD"]));
        let all: Vec<Path> = operations.chain(pages).collect();
        let beside = |path: &Path| all.iter().any(|other| path.is_beside(other));
        let beside: Vec<bool> = all.iter().map(beside).collect();
        let beside_parameters = beside.iter().filter(|is_beside| **is_beside).count();
        let mut all: Vec<(Path, bool)> = all.into_iter().zip(beside).collect();
        all.sort_by_key(|(path, is_beside)| (!is_beside, path.parameters()));
        Self { all: all.into_iter().map(|(path, _)| path).collect(), beside_parameters }
    }

    fn beside_parameters(&self, path: &str) -> Option<&Path> {
        self.all[..self.beside_parameters].iter().find(|known| known.definition.is_match(path))
    }

    fn path(&self, path: &str) -> Option<&Path> {
        self.all.iter().find(|known| known.definition.is_match(path))
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

/// Keeps a fixed path from being read as the parameter of another.
pub(crate) async fn beside_parameters<B: MessageBody>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let state = state(&req)?;
    let fixed = state.allowed_methods().beside_parameters(req.path());
    if let Some(fixed) = fixed.filter(|fixed| !fixed.methods.contains(&req.method().as_str())) {
        let problem = fixed.refused();
        return Ok(refuse(req, problem));
    }
    next.call(req).await.map(ServiceResponse::map_into_left_body)
}

/// Answers whatever no route takes.
pub(crate) async fn no_route(req: HttpRequest, state: web::Data<AppState>) -> HandlerResult {
    Err(state.allowed_methods().path(req.path()).map_or_else(Problem::unknown_path, Path::refused))
}
