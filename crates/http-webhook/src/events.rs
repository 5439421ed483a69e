//! The description of what is sent: `webhooks` in the OpenAPI document, and the page of events.

use std::iter::once;

use kernel::{Formed as _, PublicEvent};
use utoipa::{
    PartialSchema as _, ToSchema,
    openapi::{
        Components, ContentBuilder, HttpMethod, OpenApi, PathItem, Paths, Ref, RefOr, Required, Response,
        path::{Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn},
        request_body::RequestBodyBuilder,
        schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type},
    },
};
use uuid::Uuid;
use webhook::{
    EventCatalogue, MOST_ATTEMPTS, PING,
    signing::{ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER},
};

use super::schemas::Filter;

const RECEIVED: &str = "WebhookReceived";
const GONE: &str = "WebhookGone";
const FAILED: &str = "WebhookFailed";

/// What it happened to. Fields may be added: ignore those you do not know.
#[derive(ToSchema)]
#[schema(as = webhook::EventData, example = json!({
    "organization_id": "0192f3c4-5a6b-7c8d-9e0f-0123456789ab", "kind": "membership",
    "id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f9"
}))]
#[expect(dead_code, reason = "the domain writes it; here it is described")]
struct EventData {
    /// Where it happened.
    organization_id: Uuid,
    /// The kind of thing.
    kind: String,
    /// Which one: read it with an API key, under the permissions of that.
    id: Uuid,
    /// The version it had then, where that is known.
    #[schema(nullable = false)]
    version: Option<i64>,
}

/// Describes what is sent to endpoints, for [`http_shell::Api::describe`]: an entry of `webhooks` for each public event
/// and one for the ping, and the names that endpoints ask for.
pub fn describe(document: &mut OpenApi, catalogue: &EventCatalogue) {
    let components = document.components.get_or_insert_default();
    describe_filters(components, catalogue);
    components.schemas.insert(EventData::name().into_owned(), EventData::schema());
    let headers = headers().map(|header| (header.name.clone(), RefOr::T(header)));
    components.parameters.extend(headers);
    components
        .responses
        .extend(responses().map(|(name, text)| (name.to_owned(), Response::new(text).into())));
    let events = catalogue.events().chain(once(&PING));
    let entries =
        events.map(|event| (event.name.to_owned(), PathItem::new(HttpMethod::Post, request(event))));
    let mut webhooks = Paths::new();
    webhooks.paths.extend(entries);
    document.webhooks = Some(webhooks);
}

fn describe_filters(components: &mut Components, catalogue: &EventCatalogue) {
    let names = catalogue.events().map(|event| event.name.to_owned()).chain(catalogue.prefixes());
    let filter = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names));
    components.schemas.insert(Filter::NAME.to_owned(), filter.into());
}

fn request(event: &PublicEvent) -> Operation {
    let text = |format| {
        ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(format)))
    };
    let name = ObjectBuilder::new().schema_type(Type::String).enum_values(Some([event.name]));
    let payload = ObjectBuilder::new()
        .schema_type(Type::Object)
        .property("type", name)
        .required("type")
        .property("timestamp", text(KnownFormat::DateTime).description(Some("When it happened")))
        .required("timestamp")
        .property("data", Ref::from_schema_name(EventData::name()))
        .required("data");
    let body = ContentBuilder::new().schema(Some(payload)).build();
    let body =
        RequestBodyBuilder::new().content("application/json", body).required(Some(Required::True)).build();
    let operation = OperationBuilder::new()
        .operation_id(Some(format!("webhook.on_{}", event.name.replace('.', "_"))))
        .tag("webhooks")
        .summary(Some(event.meaning))
        .request_body(Some(body));
    let answers = ["2XX", "410", "default"].into_iter().zip(responses());
    let operation = answers.fold(operation, |operation, (status, (name, _))| {
        operation.response(status, Ref::from_response_name(name))
    });
    let header = |header: Parameter| Ref::new(format!("#/components/parameters/{}", header.name));
    let parameters = headers().into_iter().map(|named| RefOr::Ref(header(named))).collect();
    let mut operation = operation.build();
    operation.parameters = Some(parameters);
    operation
}

/// What goes with every request, as Standard Webhooks 1.0.0 names it.
fn headers() -> [Parameter; 3] {
    let string = || ObjectBuilder::new().schema_type(Type::String);
    let seconds = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .minimum(Some(0));
    let all = [
        (
            ID_HEADER,
            string().format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid))),
            "The event's id, the same whenever it is sent: by it a receiver knows what came already",
        ),
        (
            TIMESTAMP_HEADER,
            seconds,
            "When the attempt was made, in seconds since 1970-01-01T00:00:00Z: refuse what is more than 300 away",
        ),
        (
            SIGNATURE_HEADER,
            string().pattern(Some("^v1a?,[A-Za-z0-9+/]+={0,2}( v1a?,[A-Za-z0-9+/]+={0,2})*$")),
            "A signature for each key that is live, with a space between: `v1,` and HMAC-SHA256, or `v1a,` and \
             Ed25519, in base64, over `{webhook-id}.{webhook-timestamp}.{body}`",
        ),
    ];
    all.map(|(name, schema, text)| {
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Header)
            .required(Required::True)
            .description(Some(text))
            .schema(Some(schema))
            .build()
    })
}

/// What an answer means.
fn responses() -> [(&'static str, String); 3] {
    let failed = format!(
        "It was not received, nor is it where no answer comes within 15 seconds. Redirects are not followed. It is \
         tried up to {MOST_ATTEMPTS} times within about three days; after 429 and 503 not before `Retry-After`, of \
         which an hour counts at most"
    );
    [
        (RECEIVED, "It was received".to_owned()),
        (GONE, "Nobody wants to be told here any more: the endpoint is disabled".to_owned()),
        (FAILED, failed),
    ]
}

const PAGE_HEAD: &str = "\
# Events

What programs are told of by [webhooks](webhooks.md). An endpoint asks for events by these names, or for all that begin
alike with `prefix.*`; each is described in the OpenAPI document under `webhooks`. A name never changes.

This page is generated: `UPDATE_DOCS=1 cargo test -p touchstone events_page` writes it anew.

| event | what happened |
|---|---|
";

/// All events there are, as the page `docs/events.md`.
pub fn events_page(catalogue: &EventCatalogue) -> String {
    let all = catalogue.events().chain([&PING]);
    let rows = all.map(|event| format!("| `{}` | {} |\n", event.name, event.meaning));
    format!("{PAGE_HEAD}{}", rows.collect::<String>())
}

#[cfg(test)]
mod tests;
