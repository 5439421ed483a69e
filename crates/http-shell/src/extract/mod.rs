//! What handlers take: bodies, path and query parameters, preconditions. All are strict, and all refuse with a
//! [`Problem`](super::Problem).

mod body;
mod depth;
mod document;
mod field;
mod if_match;
mod json;
mod path;
mod query;
mod strict;
mod text;
mod wording;

pub use document::Document;
pub use field::Field;
pub use if_match::IfMatch;
pub use json::{Json, OptionalJson};
pub use path::PathParams;
pub use query::{ListQuery, PageQuery, Query};
pub use text::Text;
