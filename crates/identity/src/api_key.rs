//! The API key: made and revoked, for programs that act for an organisation.

mod aggregate;
mod service;

pub use self::{
    aggregate::{ApiKey, ApiKeyId, ApiKeyState},
    service::{ApiKeyService, NewApiKey},
};
