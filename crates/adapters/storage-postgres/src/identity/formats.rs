//! How this domain's own values are stored, beside those every domain has ([`crate::col`]).

use std::{collections::BTreeSet, net::IpAddr};

use identity::{KeyScope, PasswordHash, Preferences};
use sea_orm::prelude::Json;

use crate::col::{Format, Plain, Unreadable};

impl Format<PasswordHash> for Plain {
    type Raw = String;

    fn to_raw(hash: PasswordHash) -> String {
        hash.0
    }

    fn from_raw(hash: String) -> Result<PasswordHash, Unreadable> {
        Ok(PasswordHash(hash))
    }
}

impl Format<Preferences> for Plain {
    type Raw = Json;

    fn to_raw(preferences: Preferences) -> Json {
        preferences.to_json()
    }

    fn from_raw(json: Json) -> Result<Preferences, Unreadable> {
        Preferences::restore(json).ok_or_else(|| "it is no JSON object".into())
    }
}

impl Format<IpAddr> for Plain {
    type Raw = String;

    fn to_raw(address: IpAddr) -> String {
        address.to_string()
    }

    fn from_raw(text: String) -> Result<IpAddr, Unreadable> {
        Ok(text.parse()?)
    }
}

impl Format<BTreeSet<KeyScope>> for Plain {
    type Raw = Vec<String>;

    fn to_raw(scopes: BTreeSet<KeyScope>) -> Vec<String> {
        scopes.iter().map(|scope| scope.name().to_owned()).collect()
    }

    fn from_raw(names: Vec<String>) -> Result<BTreeSet<KeyScope>, Unreadable> {
        let scope = |name: &String| KeyScope::from_name(name).ok_or_else(|| "no name of a scope".into());
        names.iter().map(scope).collect()
    }
}
