//! Public keys of P-256 as JSON Web Keys (RFC 7517, RFC 7518 section 6.2).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// A point of P-256: the bytes of `x`, then those of `y`.
pub(crate) struct Point<'a> {
    x: &'a [u8],
    y: &'a [u8],
}

impl<'a> Point<'a> {
    /// From its uncompressed form: 4, `x`, `y` (SEC 1, section 2.3.3).
    pub(crate) fn from_uncompressed(bytes: &'a [u8]) -> Option<Self> {
        let (x, y) = bytes.strip_prefix(&[4]).filter(|rest| rest.len() == 64)?.split_at(32);
        Some(Self { x, y })
    }

    /// Its thumbprint (RFC 7638): the name of the key, which no other key can bear.
    pub(crate) fn thumbprint(&self) -> String {
        let [x, y] = self.encoded();
        let members = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        URL_SAFE_NO_PAD.encode(Sha256::digest(members))
    }

    /// As a key that verifies ES256 signatures.
    pub(crate) fn to_jwk(&self) -> Value {
        let [x, y] = self.encoded();
        let kid = self.thumbprint();
        json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": kid, "use": "sig", "alg": "ES256" })
    }

    /// `x` and `y` in Base64url.
    pub(crate) fn encoded(&self) -> [String; 2] {
        [self.x, self.y].map(|coordinate| URL_SAFE_NO_PAD.encode(coordinate))
    }
}
