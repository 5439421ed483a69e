//! Answers as a file holds them: `{"s1": {"step": 4}, ..}`.

use std::{collections::BTreeSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::Value;

use super::{Answers, Reply};
use crate::definition::Definition;

/// Why answers were not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", faults.join("\n"))]
pub struct AnswersRefused {
    /// A sentence for each reply that does not fit, or one for a text that is no JSON object; never empty.
    pub faults: Vec<String>,
}

impl Answers {
    /// Reads a JSON object with a reply for each item, such as `{"s1": {"step": 4}, "x1": {"option": 2}}`; `null` is
    /// no answer.
    ///
    /// # Errors
    /// [`AnswersRefused`], with all that does not fit.
    pub fn read(json: impl AsRef<[u8]>, definition: &Definition) -> Result<Self, AnswersRefused> {
        let members: Members = serde_json::from_slice(json.as_ref())
            .map_err(|error| AnswersRefused { faults: vec![error.to_string()] })?;
        let (mut replies, mut faults, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
        for (id, json) in &members.0 {
            let mut refuse = |why: &dyn fmt::Display| faults.push(format!("{}: {why}", id.escape_debug()));
            if !seen.insert(id) {
                refuse(&"it is answered twice");
                continue;
            }
            match definition.items.iter().find(|item| item.id.as_str() == id) {
                None => refuse(&"the assessment has no such item"),
                Some(_) if json.is_null() => (),
                Some(item) => match Reply::read(json, item) {
                    Ok(reply) => replies.extend(reply.map(|reply| (item.id.clone(), reply))),
                    Err(why) => refuse(&why),
                },
            }
        }
        if faults.is_empty() { Ok(replies.into_iter().collect()) } else { Err(AnswersRefused { faults }) }
    }
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
