//! The layers around every handler, from the outside in: envelope, tracing, metrics, CORS, compression, guard,
//! admission. [`super::server::app`] stacks them.
//!
//! None keeps a clone of the `HttpRequest` while the inner service is called: actix's router panics then. So what
//! goes wrong after that point travels as an `Err`, which the envelope renders.

mod admission;
mod cors;
mod envelope;
mod guard;
mod limiter;
pub mod metrics;
mod tracing;

pub(crate) use admission::admit;
pub(crate) use cors::cors;
pub(crate) use envelope::envelop;
pub use guard::Deadline;
pub(crate) use guard::guard;
pub(crate) use limiter::Limiter;
pub(crate) use metrics::measure;
pub(crate) use tracing::Root;

use actix_web::{Error, body::EitherBody, dev::ServiceRequest, dev::ServiceResponse, web::Data};

use super::{problem::Problem, state::AppState};

pub(crate) fn state(req: &ServiceRequest) -> Result<Data<AppState>, Error> {
    let state = req.app_data::<Data<AppState>>().cloned();
    state.ok_or_else(|| Problem::fault(&"the state of the shell is not in place").into())
}

/// Answers a request without the inner service.
pub(crate) fn refuse<B>(req: ServiceRequest, problem: Problem) -> ServiceResponse<EitherBody<B>> {
    req.error_response(problem).map_into_right_body()
}
