//! How the description tells what a domain knows of a value: the names of an enumeration, the form of a text.
//!
//! utoipa looks at how a type is written, and asks each parameter of a generic one for a schema of its own. So a crate
//! of routes gives each a name, and says it in `value_type`:
//!
//! ```
//! kernel::named! {
//!     /// How far an invoice has come.
//!     pub enum InvoiceStatus {
//!         /// The invoice can be changed.
//!         Draft = "draft",
//!         /// The invoice was sent and never changes.
//!         Issued = "issued",
//!     }
//! }
//! type InvoiceStatusSchema = http_shell::NamedSchema<InvoiceStatus>;
//! type NameSchema = http_shell::TextSchema<kernel::Name>;
//!
//! /// An invoice.
//! #[derive(serde::Deserialize, utoipa::ToSchema)]
//! struct Invoice {
//!     #[schema(value_type = InvoiceStatusSchema)]
//!     status: InvoiceStatus,
//!     #[schema(value_type = Option<NameSchema>)]
//!     note: Option<String>,
//! }
//! let schema = serde_json::to_value(http_shell::NamedSchema::<InvoiceStatus>::describe()).unwrap();
//! assert_eq!(schema["enum"], serde_json::json!(["draft", "issued"]));
//! ```

use std::{borrow::Cow, marker::PhantomData};

use kernel::{Form, Formed, Named};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{Object, ObjectBuilder, Schema, SchemaFormat, Type},
    },
};

/// The schema of an enumeration that [`kernel::named!`] made.
#[derive(Debug)]
pub struct NamedSchema<T>(PhantomData<fn() -> T>);

/// The schema of a text that a `T` is read from.
#[derive(Debug)]
pub struct TextSchema<T>(PhantomData<fn() -> T>);

impl<T: Named> NamedSchema<T> {
    /// The names of its values.
    pub fn describe() -> Object {
        let names = T::ALL.iter().map(|value| value.name());
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).build()
    }
}

impl<T: Formed> TextSchema<T> {
    /// The form of the text.
    pub fn describe() -> Object {
        let Form { least, most, pattern, format } = T::FORM;
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(least))
            .max_length(Some(most))
            .pattern(pattern)
            .format(format.map(|format| SchemaFormat::Custom(format.to_owned())))
            .build()
    }
}

impl<T: Named> PartialSchema for NamedSchema<T> {
    fn schema() -> RefOr<Schema> {
        Self::describe().into()
    }
}

impl<T: Formed> PartialSchema for TextSchema<T> {
    fn schema() -> RefOr<Schema> {
        Self::describe().into()
    }
}

impl<T: Named> ToSchema for NamedSchema<T> {
    /// After the domain and the type, such as `identity.AccountStatus`.
    fn name() -> Cow<'static, str> {
        let name = T::TYPE.rsplit("::").next().unwrap_or(T::TYPE);
        let domain = T::TYPE.split([':', '_']).next().unwrap_or_default();
        if domain == "kernel" { name.into() } else { format!("{domain}.{name}").into() }
    }
}

impl<T: Formed> ToSchema for TextSchema<T> {
    /// Such as `Line120`, where lengths are a part of the type.
    fn name() -> Cow<'static, str> {
        if T::NAME == "Line" { format!("Line{}", T::FORM.most).into() } else { T::NAME.into() }
    }
}
