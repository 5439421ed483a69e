//! Answers as a file holds them: `{"s1": {"step": 4}, ..}`.

use std::{collections::BTreeSet, fmt};

use assessment_format::{Answers, Definition, Reply, session::StoredAnswer};
use kernel::Timestamp;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::Value;

/// Reads answers; where a reply does not fit, every one that does not.
pub(super) fn read(bytes: &[u8], definition: &Definition) -> Result<Answers, Vec<String>> {
    let members: Members = serde_json::from_slice(bytes).map_err(|error| vec![error.to_string()])?;
    let (mut kept, mut refused, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (id, json) in &members.0 {
        let mut refuse = |why: &dyn fmt::Display| refused.push(format!("{}: {why}", id.escape_debug()));
        if !seen.insert(id) {
            refuse(&"it is answered twice");
            continue;
        }
        match definition.items.iter().find(|item| item.id.as_str() == id) {
            None => refuse(&"the assessment has no such item"),
            Some(_) if json.is_null() => (),
            Some(item) => match Reply::read(json, item) {
                Ok(reply) => {
                    kept.push((
                        item.id.clone(),
                        StoredAnswer { sequence: 0, reply: Some(reply), at: Timestamp::EPOCH },
                    ));
                }
                Err(why) => refuse(&why),
            },
        }
    }
    if refused.is_empty() { Ok(kept.into_iter().collect()) } else { Err(refused) }
}

/// An object as it is written: one that names an item twice does so here, too.
struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Collector)
    }
}

struct Collector;

impl<'de> Visitor<'de> for Collector {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a reply for each item, such as {\"s1\": {\"step\": 4}}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}
