//! `If-Match`: the version a change was made for.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::{StatusCode, header::IF_MATCH},
};
use utoipa::{
    IntoParams,
    openapi::{
        ObjectBuilder, Type,
        path::{Parameter, ParameterBuilder, ParameterIn},
    },
};

use super::super::problem::Problem;

/// The version the client read, from `If-Match: "<version>"`. Without the header the call answers 428; `*`, weak
/// tags and lists are refused with 400.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfMatch(pub i64);

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(req))
    }
}

fn read(req: &HttpRequest) -> Result<IfMatch, Problem> {
    let mut lines = req.headers().get_all(IF_MATCH);
    let Some(line) = lines.next() else {
        return Err(Problem::new(
            StatusCode::PRECONDITION_REQUIRED,
            "request.if_match_required",
            "send the ETag of the version you read as If-Match, so that nobody's change is overwritten",
        ));
    };
    let digits = line.to_str().ok().and_then(|tag| tag.strip_prefix('"')?.strip_suffix('"'));
    let digits = digits.filter(|digits| lines.next().is_none() && digits.bytes().all(|o| o.is_ascii_digit()));
    digits.and_then(|digits| digits.parse().ok()).map(IfMatch).ok_or_else(|| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "request.if_match_malformed",
            "If-Match takes exactly one strong entity tag, such as \"3\", as ETag gave it",
        )
    })
}

impl IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let tag = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^\"[0-9]{1,18}\"$"));
        vec![
            ParameterBuilder::new()
                .name("If-Match")
                .parameter_in(ParameterIn::Header)
                .required(utoipa::openapi::Required::True)
                .description(Some("The ETag of the version the change was made for"))
                .schema(Some(tag))
                .example(Some(serde_json::json!("\"3\"")))
                .build(),
        ]
    }
}
