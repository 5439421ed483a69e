//! What goes without saying: completes the collected document, so that handlers describe only what is their own.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use kernel::KeyScope;
use utoipa::{
    PartialSchema,
    openapi::{
        Components, Content, ContentBuilder, OpenApi, PathItem, Ref, RefOr, Required, Response,
        ResponseBuilder, Server,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn},
        schema::{ArrayItems, KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type},
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
        tag::TagBuilder,
    },
};

use super::schemas;
use crate::{
    Api, health,
    problem::{ProblemBody, ProblemError},
};

const MEDIA_TYPE: &str = "application/problem+json";

/// Adds what all operations have in common.
pub(crate) fn complete(document: &mut OpenApi, api: &Api) {
    document.info = api.info.clone();
    document.servers = Some(vec![Server::new("/")]);
    let (mut statuses, mut tags) = (BTreeSet::new(), BTreeSet::new());
    for (path, item) in &mut document.paths.paths {
        for operation in operations(item) {
            complete_parameters(path, operation);
            for parameter in operation.parameters.iter_mut().flatten() {
                if let RefOr::T(Parameter { schema: Some(schema), .. }) = parameter {
                    schemas::complete(schema);
                }
            }
            complete_forbidden(path, operation, api);
            complete_responses(path, operation, &mut statuses);
            tags.extend(operation.tags.iter().flatten().cloned());
        }
    }
    // In the order of the domains; a tag nobody uses is left out.
    let known = api.domains.iter().flat_map(|domain| domain.tags).chain([&health::TAG]);
    let used = known.filter(|tag| tags.contains(tag.name));
    let used = used.map(|tag| TagBuilder::new().name(tag.name).description(Some(tag.description)).build());
    document.tags = Some(used.collect());
    let components = document.components.get_or_insert_with(Components::new);
    name_key_scopes(components, api);
    components.schemas.insert("Problem".to_owned(), ProblemBody::schema());
    components.schemas.insert("ProblemError".to_owned(), ProblemError::schema());
    schemas::complete_all(components);
    for status in statuses {
        components.responses.insert(name(status), RefOr::T(shared(status)));
    }
    let scheme = |format: &str, text: &str| {
        let http = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format(format);
        SecurityScheme::Http(http.description(Some(text)).build())
    };
    components.add_security_scheme("bearer", scheme("JWT", "The access token that signing in returned"));
    components.add_security_scheme("api_key", scheme("tsk", "An API key of an organisation, `tsk_...`"));
    let pass = "The pass of a person without an account, `tsg_...`, that opening an invitation gave";
    components.add_security_scheme("pass", scheme("tsg", pass));
}

/// Only the domains know which scopes an API key can be given: a list that is described as `{key_scopes}` has those.
fn name_key_scopes(components: &mut Components, api: &Api) {
    let scopes = api.domains.iter().flat_map(|domain| domain.key_scopes);
    let names: Vec<&str> = scopes.map(KeyScope::name).collect();
    for schema in components.schemas.values_mut() {
        let RefOr::T(Schema::Object(object)) = schema else { continue };
        for property in object.properties.values_mut() {
            if let RefOr::T(Schema::Array(list)) = property
                && let Some(description) = &mut list.description
                && description.contains("`{key_scopes}`")
            {
                *description = description.replace("`{key_scopes}`", "What it may do");
                let names = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names.clone()));
                list.items = ArrayItems::RefOrSchema(Box::new(names.into()));
            }
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, patch, .. } = item;
    [get, put, post, delete, patch].into_iter().flatten()
}

/// Describes what the path names, where the handler did not: a UUID if it is called an id.
fn complete_parameters(path: &str, operation: &mut Operation) {
    let described = operation.parameters.get_or_insert_default();
    for part in path.split('{').skip(1) {
        let name = part.split('}').next().unwrap_or_default();
        if !known(described).any(|parameter| parameter.name == name) {
            described.push(RefOr::T(path_parameter(name)));
        }
    }
    if described.is_empty() {
        operation.parameters = None;
    }
}

fn known(parameters: &[RefOr<Parameter>]) -> impl Iterator<Item = &Parameter> {
    parameters.iter().filter_map(|parameter| match parameter {
        RefOr::T(parameter) => Some(parameter),
        RefOr::Ref(_) => None,
    })
}

fn path_parameter(name: &str) -> Parameter {
    let mut schema = ObjectBuilder::new().schema_type(Type::String);
    if name.ends_with("id") {
        schema = schema.format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)));
    }
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .schema(Some(schema))
        .build()
}

fn complete_responses(path: &str, operation: &mut Operation, used: &mut BTreeSet<u16>) {
    for (status, response) in &mut operation.responses.responses {
        if let (RefOr::T(response), Some('4' | '5')) = (response, status.chars().next())
            && response.content.is_empty()
        {
            response.content.insert(MEDIA_TYPE.to_owned(), RefOr::T(content()));
        }
    }
    for status in implied(path, operation) {
        used.insert(status);
        let reference = RefOr::Ref(Ref::from_response_name(name(status)));
        operation.responses.responses.entry(status.to_string()).or_insert(reference);
    }
}

/// Adds the codes the gate refuses with, before those that are the operation's own. An operation whose rule refuses
/// otherwise begins with the gate's codes itself.
fn complete_forbidden(path: &str, operation: &mut Operation, api: &Api) {
    let Some(gate) = refused_by_gate(path, operation, api) else { return };
    let responses = &mut operation.responses.responses;
    let own = responses.remove("403").and_then(|own| match own {
        RefOr::T(own) => Some(own.description),
        RefOr::Ref(_) => None,
    });
    let description = match own {
        Some(own) if GATE.iter().any(|code| own.trim_start_matches('`').starts_with(code)) => own,
        Some(own) => format!("{gate}; {own}"),
        None => gate,
    };
    let response = ResponseBuilder::new().description(description).build();
    responses.insert("403".to_owned(), RefOr::T(response));
}

/// The codes of the gate, which the identity domain keeps for all.
const GATE: [&str; 3] = ["identity.forbidden", "identity.person_needed", "identity.second_factor_needed"];
/// The code of the gate for an API key that lacks what its maker has.
pub(crate) const SCOPE_MISSING: &str = "identity.scope_missing";

/// How the gate refuses, which follows from the path and from who may call.
fn refused_by_gate(path: &str, operation: &Operation, api: &Api) -> Option<String> {
    let security = operation.security.as_deref().filter(|security| !security.is_empty())?;
    let takes_keys = security.contains(&SecurityRequirement::new::<_, [&str; 0], _>("api_key", []));
    if path.contains("{organization_id}") && takes_keys {
        let [forbidden, _, factor] = GATE;
        return Some(format!("`{forbidden}` or `{factor}`; `{SCOPE_MISSING}` with an API key"));
    }
    if path.contains("{organization_id}") {
        let codes = GATE.map(|code| format!("`{code}`"));
        return Some(format!("{}, {} or {}", codes[0], codes[1], codes[2]));
    }
    if path.starts_with("/v1/admin/") {
        let codes = "`identity.forbidden` or `identity.second_factor_needed`, or `identity.person_needed` with an API key";
        return Some(codes.to_owned());
    }
    if takes_keys {
        let [forbidden, _, factor] = GATE;
        return Some(format!("`{forbidden}`, `{factor}` or `{SCOPE_MISSING}` with an API key"));
    }
    // A domain that refuses keys itself has a code of its own for it.
    let own = format!("{}.person_needed", operation.operation_id.as_deref()?.split('.').next()?);
    let mut codes = api.domains.iter().flat_map(|domain| domain.codes.concat());
    let code = codes.find(|note| note.code == own).map_or(GATE[1], |note| note.code);
    Some(format!("`{code}` with an API key"))
}

/// The statuses an operation answers for what it takes.
fn implied(path: &str, operation: &Operation) -> BTreeSet<u16> {
    let mut statuses = BTreeSet::new();
    if !health::PATHS.contains(&path) {
        statuses.extend([429, 500, 503]);
    }
    if operation.security.as_ref().is_some_and(|security| !security.is_empty()) {
        statuses.insert(401);
    }
    if operation.request_body.is_some() {
        statuses.extend([400, 408, 413, 415, 422]);
    }
    for parameter in operation.parameters.iter().flat_map(|parameters| known(parameters)) {
        match (&parameter.parameter_in, parameter.name.as_str()) {
            (ParameterIn::Path, _) => statuses.extend([404]),
            (ParameterIn::Query, _) => statuses.extend([422]),
            (_, "If-Match") => statuses.extend([400, 412, 428]),
            (_, "Idempotency-Key") => statuses.extend([400, 409, 422]),
            _ => {}
        }
    }
    statuses
}

fn name(status: u16) -> String {
    let title =
        StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or("Error");
    title.split(' ').collect()
}

fn shared(status: u16) -> Response {
    let description = match status {
        400 => "The request cannot be read",
        401 => "Nobody proved who they are, or the token is no longer good",
        404 => "Not there, or not for you to see",
        408 => "The body took too long to arrive",
        409 => "The request with this `Idempotency-Key` is still running",
        412 => "It was changed since it was read",
        413 => "The body is too large",
        415 => "The body is of another media type",
        422 => "The input breaks a rule; `errors` names every place",
        428 => "`If-Match` is missing",
        429 => "Too many requests; see `Retry-After`",
        503 => "Not now; see `Retry-After`",
        _ => "A defect on our side",
    };
    ResponseBuilder::new().description(description).content(MEDIA_TYPE, content()).build()
}

fn content() -> Content {
    ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build()
}
