//! Counts and times requests, by method, route pattern and status, and refusals by their code.

use std::{borrow::Cow, time::Instant};

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, StatusCode},
    middleware::Next,
};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

use super::super::{
    connections,
    problem::{Problem, fallback},
};

const REQUESTS: &str = "http_requests_total";
const REFUSALS: &str = "http_refusals_total";
const DURATION: &str = "http_request_duration_seconds";
const BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Installs the process-wide recorder and returns what [`super::super::admin::serve`] renders. Once a process.
pub fn install() -> Result<PrometheusHandle, BuildError> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full(DURATION.to_owned()), &BUCKETS)?
        .install_recorder()?;
    metrics::describe_counter!(REQUESTS, "Requests answered, by method, route pattern and status");
    metrics::describe_counter!(REFUSALS, "Requests refused with a status of 400 to 499, by code");
    connections::describe();
    metrics::describe_histogram!(DURATION, metrics::Unit::Seconds, "Time to the head of the answer");
    Ok(handle)
}

pub(crate) async fn measure<B: MessageBody>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let begun = Instant::now();
    let method = name(req.method());
    let route = req.match_pattern().unwrap_or_else(|| "none".to_owned());
    let outcome = next.call(req).await;
    let status = match &outcome {
        Ok(answer) => answer.status(),
        Err(error) => error.as_response_error().status_code(),
    };
    let elapsed = begun.elapsed();
    metrics::counter!(REQUESTS, "method" => method, "route" => route.clone(), "status" => status.as_u16().to_string())
        .increment(1);
    metrics::histogram!(DURATION, "method" => method, "route" => route).record(elapsed.as_secs_f64());
    let code = status.is_client_error().then(|| code(&outcome, status));
    if let Some(code) = code.clone() {
        metrics::counter!(REFUSALS, "code" => code).increment(1);
    }
    tracing::info!(
        status = status.as_u16(),
        code = code.as_deref(),
        elapsed_us = elapsed.as_micros(),
        "answered"
    );
    outcome
}

/// Why a request was refused, as its client is told: a code of the table, and nothing a client could invent.
fn code<B>(outcome: &Result<ServiceResponse<B>, Error>, status: StatusCode) -> Cow<'static, str> {
    let error = match outcome {
        Ok(answer) => answer.response().error(),
        Err(error) => Some(error),
    };
    match error.and_then(Error::as_error::<Problem>) {
        Some(problem) => problem.code.clone(),
        None => fallback(status).code,
    }
}

/// A client may invent methods, but not labels.
fn name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
