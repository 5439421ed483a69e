//! The API key: made and revoked, for programs that act for an organisation.

mod aggregate;
mod expiry;
mod service;

pub use self::{
    aggregate::{ApiKey, ApiKeyId, ApiKeyState},
    expiry::ApiKeyExpiry,
    service::{ApiKeyService, NewApiKey},
};
