//! The texts of notices: which there are, what each shows, and how one becomes a title and a message.

use std::collections::BTreeMap;

use kernel::{NoticeText, NoticeTextError};
use minijinja::Value as TemplateValue;
use serde_json::Value;

use crate::{templates::environment, values};

const TITLE_LENGTH: usize = 120;
const MESSAGE_LENGTH: usize = 1_000;

pub(crate) struct NoticeTemplate {
    pub(crate) name: &'static str,
    values: &'static [&'static str],
    /// Where the environment has it, and its source: the title in the first line, the message after it.
    pub(crate) part: (&'static str, &'static str),
}

macro_rules! notices {
    ($($name:literal $(, $value:literal)*)*) => {
        /// Every text of a notice there is.
        pub const NOTICES: &[&str] = &[$($name),*];

        pub(crate) const NOTICE_TEMPLATES: &[NoticeTemplate] = &[$(NoticeTemplate {
            name: $name,
            values: &[$($value),*],
            part: (
                concat!("notices/", $name, ".txt"),
                include_str!(concat!("../templates/notices/", $name, ".txt")),
            ),
        }),*];
    };
}

// Each also takes `organization`, which is null where the notice comes from none.
notices! {
    "assessment/assigned", "title", "closes_at"
    "assessment/coaching-arranged", "title", "scheduled_at"
    "assessment/coaching-reminded", "title", "scheduled_at"
    "assessment/rating-due", "title"
    "assessment/reminded", "title", "closes_at"
    "assessment/result-released", "title"
    "document/rejected", "found"
    "identity/api-key-created", "key_name"
    "identity/api-key-expires", "key_name", "at"
    "identity/member-joined", "person", "roles"
    "task/failed", "task"
    "task/succeeded", "task"
    "webhook/endpoint-disabled", "host", "reason"
}

/// Renders the text of a notice with the templates beside those of letters. Values are made harmless in the same way:
/// each is one short line without anything that a client would link, but for the name of a host, which is shown as it
/// is.
pub fn render_notice(template: &str, values: &Value) -> Result<NoticeText, NoticeTextError> {
    let fail = |why: String| NoticeTextError { template: template.to_owned(), why };
    let found = NOTICE_TEMPLATES.iter().find(|known| known.name == template);
    let found = found.ok_or_else(|| fail("there is no such template".to_owned()))?;
    let organization = values.get("organization").filter(|name| name.is_string());
    let organization = values::template_value("organization", organization);
    // One that was closed has no name any more.
    let organization = organization.unwrap_or_else(|| TemplateValue::from("an organisation"));
    let mut shown = BTreeMap::from([("organization", organization)]);
    for key in found.values.iter().copied() {
        let value = values::template_value(key, values.get(key));
        shown.insert(key, value.ok_or_else(|| fail(format!("`{key}` is missing or cannot be shown")))?);
    }
    let (part, _) = found.part;
    let rendered = environment().and_then(|environment| {
        let text = environment.get_template(part).and_then(|text| text.render(TemplateValue::from(shown)));
        text.map_err(|error| error.kind().to_string())
    });
    let text = rendered.map_err(fail)?;
    let (title, message) = text.split_once('\n').unwrap_or((&text, ""));
    Ok(NoticeText {
        title: values::shortened(&values::one_line(title), TITLE_LENGTH),
        message: values::shortened(message.trim(), MESSAGE_LENGTH),
    })
}
