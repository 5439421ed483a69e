//! What the domain knows of values, as the description tells it: see [`http_shell::schema`].

use std::borrow::Cow;

use http_shell::{NamedSchema, TextSchema};
use kernel::{Form, Formed, outbound::CheckedUrl};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{ObjectBuilder, Schema, Type},
    },
};
use webhook::EndpointStatus;

pub(crate) type DeliveryStatus = NamedSchema<webhook::DeliveryStatus>;
pub(crate) type DisabledReason = NamedSchema<webhook::DisabledReason>;
pub(crate) type Signature = NamedSchema<webhook::signing::SignatureScheme>;
pub(crate) type Status = NamedSchema<EndpointStatus>;

pub(crate) type Description = TextSchema<webhook::Description>;
pub(crate) type EndpointUrl = TextSchema<Url>;
pub(crate) type EventFilter = TextSchema<Filter>;

/// A URL that requests may be sent to. What it leads to, no form says.
pub(crate) enum Url {}

impl Formed for Url {
    const NAME: &'static str = "EndpointUrl";
    const FORM: Form = Form::of(9, CheckedUrl::MOST, r"^https://\S+$");
}

/// The name of an event, or a prefix of names; [`describe`](crate::describe) lists those there are.
pub(crate) enum Filter {}

impl Formed for Filter {
    const NAME: &'static str = "EventFilter";
    const FORM: Form = Form::of(3, 120, r"^[a-z_]+(\.[a-z_]+)*(\.\*)?$");
}

/// What people set an endpoint to: nobody disables their own.
pub(crate) struct SettableStatus;

impl SettableStatus {
    const ALL: [EndpointStatus; 2] = [EndpointStatus::Enabled, EndpointStatus::Paused];

    pub(crate) fn read(name: &str) -> Result<EndpointStatus, &'static str> {
        Self::ALL.into_iter().find(|status| status.name() == name).ok_or("must be enabled or paused")
    }
}

impl PartialSchema for SettableStatus {
    fn schema() -> RefOr<Schema> {
        let names = Self::ALL.map(EndpointStatus::name);
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).into()
    }
}

impl ToSchema for SettableStatus {
    fn name() -> Cow<'static, str> {
        "webhook.SettableStatus".into()
    }
}
