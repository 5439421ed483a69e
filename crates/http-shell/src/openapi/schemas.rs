//! What utoipa leaves out of schemas: the ranges of integers, and which fields go together.

use serde_json::Value;
use utoipa::{
    Number,
    openapi::{
        Components, RefOr,
        schema::{
            AdditionalProperties, ArrayItems, KnownFormat, Object, ObjectBuilder, OneOfBuilder, Schema,
            SchemaFormat, SchemaType, Type,
        },
    },
};

/// Says of a struct which fields go together: a list of objects, of which each names fields. `true` stands for a
/// field that is there, `false` for one that is not, a list for one that has one of these values. What a variant
/// does not name is optional in it. utoipa takes it on a field, of which the first is a good place:
///
/// `#[schema(extensions(("x-one-of" = json!([{ "id": true, "token": false }, { "id": false, "token": true }]))))]`
const ONE_OF: &str = "x-one-of";

/// Beyond it readers of JSON may take a number for another (RFC 7493, section 2.2).
const EXACT: u64 = (1 << 53) - 1;

pub(super) fn complete_all(components: &mut Components) {
    for schema in components.schemas.values_mut() {
        complete(schema);
        let RefOr::T(Schema::Object(object)) = schema else { continue };
        if let Some(variants) = object.properties.values_mut().find_map(take_variants) {
            *schema = RefOr::T(one_of(object, &variants));
        }
    }
}

fn take_variants(property: &mut RefOr<Schema>) -> Option<Value> {
    let RefOr::T(Schema::Object(object)) = property else { return None };
    let variants = object.extensions.as_mut()?.remove(ONE_OF)?;
    object.extensions = None;
    Some(variants)
}

/// Adds the range of every integer in a schema.
pub(super) fn complete(schema: &mut RefOr<Schema>) {
    let RefOr::T(schema) = schema else { return };
    match schema {
        Schema::Object(object) => {
            range(object);
            object.properties.values_mut().for_each(complete);
            if let Some(AdditionalProperties::RefOr(inner)) = object.additional_properties.as_deref_mut() {
                complete(inner);
            }
        }
        Schema::Array(array) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                complete(items);
            }
        }
        Schema::OneOf(of) => of.items.iter_mut().for_each(complete),
        Schema::AllOf(of) => of.items.iter_mut().for_each(complete),
        Schema::AnyOf(of) => of.items.iter_mut().for_each(complete),
        _ => {}
    }
}

/// The range that the type of an integer leaves, under the names that the OpenAPI registry of formats has.
fn range(object: &mut Object) {
    let Some(SchemaFormat::KnownFormat(format)) = &object.format else { return };
    let (name, most) = match format {
        KnownFormat::UInt8 => ("uint8", u64::from(u8::MAX)),
        KnownFormat::UInt16 => ("uint16", u64::from(u16::MAX)),
        KnownFormat::UInt32 => ("uint32", u64::from(u32::MAX)),
        KnownFormat::UInt64 => ("uint64", EXACT),
        _ => return,
    };
    object.format = Some(SchemaFormat::Custom(name.to_owned()));
    if object.maximum.is_none() {
        object.maximum = usize::try_from(most).ok().map(Number::UInt);
    }
}

/// One object for each variant, and no other.
fn one_of(object: &Object, variants: &Value) -> Schema {
    let variants = variants.as_array().map(Vec::as_slice).unwrap_or_default();
    let items = variants.iter().filter_map(Value::as_object).map(|fields| {
        let mut variant = object.clone();
        (variant.description, variant.example) = (None, None);
        for (name, is_there) in fields {
            let Some(property) = variant.properties.get_mut(name) else { continue };
            variant.required.retain(|required| required != name);
            match is_there {
                Value::Bool(false) => *property = ObjectBuilder::new().schema_type(Type::Null).into(),
                Value::Array(names) => {
                    let of = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names.clone()));
                    *property = of.into();
                    variant.required.push(name.clone());
                }
                _ => {
                    not_null(property);
                    variant.required.push(name.clone());
                }
            }
        }
        RefOr::T(Schema::Object(variant))
    });
    let whole = OneOfBuilder::new().description(object.description.clone()).examples(object.example.clone());
    Schema::OneOf(items.fold(whole, OneOfBuilder::item).build())
}

fn not_null(property: &mut RefOr<Schema>) {
    match property {
        RefOr::T(Schema::Object(object)) => {
            if let SchemaType::Array(types) = &object.schema_type
                && let Some(own) = types.iter().find(|own| **own != Type::Null)
            {
                object.schema_type = SchemaType::Type(own.clone());
            }
        }
        RefOr::T(Schema::OneOf(of)) => {
            let is_null = |item: &RefOr<Schema>| matches!(item, RefOr::T(Schema::Object(null)) if null.schema_type == SchemaType::Type(Type::Null));
            of.items.retain(|item| !is_null(item));
            if let [only] = of.items.as_slice() {
                *property = only.clone();
            }
        }
        _ => {}
    }
}
