//! Access tokens: JSON Web Tokens signed with ES256, in the profile of RFC 9068.

use std::{
    borrow::Cow,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use identity::credentials::{AccessClaims, AccessTokens};
use kernel::{AccountId, Assurance, Ids, Secret, SessionId, Timestamp};
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::signing::{KeySet, TYPE};

/// Longer tokens are not even read.
const LONGEST: usize = 4096;
/// How far ahead the clock of whoever issued a token may be, in seconds.
const AHEAD: i64 = 60;
/// A verified token is not remembered for longer; its `exp` is checked each time besides.
const CACHED_FOR: Duration = Duration::from_secs(15 * 60);

/// Issues and checks access tokens of one issuer for one audience.
pub struct JwtTokens {
    issuer: String,
    audience: String,
    ids: Arc<dyn Ids>,
    keys: RwLock<Arc<KeySet>>,
    verified: Option<Cache<[u8; 32], Arc<Verified>>>,
}

/// A token whose signature was found good.
struct Verified {
    kid: String,
    claims: AccessClaims,
}

impl JwtTokens {
    /// Checks every signature anew.
    pub fn new(
        issuer: impl Into<String>,
        audience: impl Into<String>,
        keys: KeySet,
        ids: Arc<dyn Ids>,
    ) -> Self {
        let keys = RwLock::new(Arc::new(keys));
        Self { issuer: issuer.into(), audience: audience.into(), ids, keys, verified: None }
    }

    /// Remembers up to so many verified tokens by their SHA-256. For them the signature is not computed again;
    /// all else is checked each time.
    pub fn with_cache(self, tokens: u64) -> Self {
        let verified = Cache::builder().max_capacity(tokens).time_to_live(CACHED_FOR).build();
        Self { verified: Some(verified), ..self }
    }

    /// From now on these keys sign and verify.
    pub fn replace_keys(&self, keys: KeySet) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
    }

    fn keys(&self) -> Arc<KeySet> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Checks all but the times.
    fn read(&self, token: &str, keys: &KeySet, now: Timestamp) -> Option<Verified> {
        let (message, signature) = token.rsplit_once('.')?;
        let (header, payload) = message.split_once('.')?;
        let header = URL_SAFE_NO_PAD.decode(header).ok()?;
        let header: Header<'_> = serde_json::from_slice(&header).ok()?;
        if header.alg != "ES256" || !is_access_token(&header.typ) || header.crit.is_some() {
            return None;
        }
        if !keys.verifying(&header.kid, now)?.signed(message, signature) {
            return None;
        }
        let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
        let claims: Claims<'_> = serde_json::from_slice(&payload).ok()?;
        if claims.iss != self.issuer || claims.aud != self.audience {
            return None;
        }
        Some(Verified { kid: header.kid.into_owned(), claims: claims.into_access_claims()? })
    }
}

impl AccessTokens for JwtTokens {
    fn issue(&self, claims: &AccessClaims) -> Secret {
        let keys = self.keys();
        let pair = keys.signing(claims.issued_at);
        let claims = Claims {
            iss: Cow::Borrowed(&self.issuer),
            aud: Cow::Borrowed(&self.audience),
            sub: claims.account,
            sid: claims.session,
            jti: Cow::Owned(self.ids.opaque().to_string()),
            iat: claims.issued_at.unix_seconds(),
            exp: claims.expires_at.unix_seconds(),
            auth_time: claims.authenticated_at.unix_seconds(),
            amr: methods(claims.assurance).iter().copied().map(Cow::Borrowed).collect(),
            aal: claims.assurance,
            epoch: claims.epoch,
        };
        // The key was read when it was opened and the claims are plain values.
        jsonwebtoken::encode(&pair.header, &claims, &pair.private).expect("a P-256 key signs").into()
    }

    fn verify(&self, token: &str, now: Timestamp) -> Option<AccessClaims> {
        if token.len() > LONGEST {
            return None;
        }
        let keys = self.keys();
        let Some(cache) = &self.verified else {
            return self
                .read(token, &keys, now)
                .map(|read| read.claims)
                .filter(|claims| in_time(claims, now));
        };
        let digest: [u8; 32] = Sha256::digest(token).into();
        if let Some(verified) = cache.get(&digest) {
            // A key is named by its thumbprint: a key of this name is the one that signed.
            keys.verifying(&verified.kid, now)?;
            return Some(verified.claims.clone()).filter(|claims| in_time(claims, now));
        }
        let verified = self.read(token, &keys, now).filter(|read| in_time(&read.claims, now))?;
        let claims = verified.claims.clone();
        cache.insert(digest, Arc::new(verified));
        Some(claims)
    }

    fn jwks(&self) -> Value {
        self.keys().jwks()
    }
}

/// What is read of a header. Keys and addresses of keys that a token brings along (`jwk`, `jku`, `x5c`, `x5u`) are
/// not.
#[derive(Deserialize)]
struct Header<'a> {
    #[serde(borrow)]
    alg: Cow<'a, str>,
    #[serde(borrow)]
    typ: Cow<'a, str>,
    #[serde(borrow)]
    kid: Cow<'a, str>,
    /// Names what must be understood; nothing is (RFC 7515, section 4.1.11).
    #[serde(default, deserialize_with = "present")]
    crit: Option<()>,
}

/// Present, whatever it holds: even `null`.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<()>, D::Error> {
    serde::de::IgnoredAny::deserialize(deserializer).map(|_| Some(()))
}

#[derive(Serialize, Deserialize)]
struct Claims<'a> {
    #[serde(borrow)]
    iss: Cow<'a, str>,
    #[serde(borrow)]
    aud: Cow<'a, str>,
    sub: AccountId,
    sid: SessionId,
    #[serde(borrow)]
    jti: Cow<'a, str>,
    iat: i64,
    exp: i64,
    auth_time: i64,
    amr: Vec<Cow<'a, str>>,
    aal: Assurance,
    epoch: i64,
}

impl Claims<'_> {
    /// `None` for times that are none.
    fn into_access_claims(self) -> Option<AccessClaims> {
        Some(AccessClaims {
            account: self.sub,
            session: self.sid,
            authenticated_at: Timestamp::from_unix_seconds(self.auth_time)?,
            assurance: self.aal,
            epoch: self.epoch,
            issued_at: Timestamp::from_unix_seconds(self.iat)?,
            expires_at: Timestamp::from_unix_seconds(self.exp)?,
        })
    }
}

/// With or without its prefix, in any case (RFC 9068, section 4; RFC 7515, section 4.1.9).
fn is_access_token(typ: &str) -> bool {
    let prefix = "application/";
    let bare = match typ.get(..prefix.len()) {
        Some(start) if start.eq_ignore_ascii_case(prefix) => &typ[prefix.len()..],
        _ => typ,
    };
    bare.eq_ignore_ascii_case(TYPE)
}

/// How its person was recognised (RFC 8176).
const fn methods(assurance: Assurance) -> &'static [&'static str] {
    match assurance {
        Assurance::Aal1 => &["pwd"],
        Assurance::Aal2 => &["pwd", "otp", "mfa"],
    }
}

fn in_time(claims: &AccessClaims, now: Timestamp) -> bool {
    now < claims.expires_at && claims.issued_at.unix_seconds() <= now.unix_seconds().saturating_add(AHEAD)
}
