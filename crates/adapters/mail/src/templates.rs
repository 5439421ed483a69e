//! The letters: which there are, what each shows, and how one becomes subject, text and HTML.

use std::{collections::BTreeMap, sync::LazyLock};

use kernel::{CalendarWriter, Mail, MailError};
use minijinja::{Environment, Error, UndefinedBehavior, Value as TemplateValue, syntax::SyntaxConfig};

use crate::{notices::NOTICE_TEMPLATES, values};

const SUBJECT_LENGTH: usize = 150;

/// A letter as its reader sees it. It may hold a one-time link and must not be logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line without control characters, at most 150 characters long.
    pub subject: String,
    /// The letter as plain text, lines ending in LF.
    pub text: String,
    /// The same letter as an HTML document that loads nothing.
    pub html: String,
}

/// Whether a letter shows a link.
#[derive(Clone, Copy, PartialEq)]
enum Link {
    None,
    /// If it has one.
    Optional,
    /// It is nothing without one.
    Needed,
}

struct Letter {
    name: &'static str,
    values: &'static [&'static str],
    link: Link,
    /// Name and source of subject, text and HTML.
    parts: [(&'static str, &'static str); 3],
}

macro_rules! letters {
    ($($name:literal $(, $value:literal)* $(; $link:ident)?)*) => {
        /// Every template there is.
        pub const TEMPLATES: &[&str] = &[$($name),*];

        const LETTERS: &[Letter] = &[$(Letter {
            name: $name,
            values: &[$($value),*],
            link: letters!(@link $($link)?),
            parts: [
                letters!(@part $name, ".subject"),
                letters!(@part $name, ".txt"),
                letters!(@part $name, ".html"),
            ],
        }),*];
    };
    (@link) => { Link::None };
    (@link link) => { Link::Needed };
    (@link any_link) => { Link::Optional };
    (@part $name:literal, $kind:literal) => {
        (concat!($name, $kind), include_str!(concat!("../templates/", $name, $kind)))
    };
}

// Each also takes `name`, which may be absent or null. Plain text takes `message` as lines, HTML as text.
letters! {
    "assessment/campaign-invitation", "organization", "inviter", "title", "assessment", "message", "minutes", "closes_at"; link
    "assessment/campaign-reminder", "organization", "title", "assessment", "message", "closes_at"; link
    "assessment/coaching-invitation",
        "organization", "inviter", "title", "assessment", "message", "minutes", "scheduled_at", "closes_at"; link
    "assessment/coaching-reminder",
        "organization", "inviter", "title", "assessment", "message", "scheduled_at", "closes_at"; link
    "assessment/result-released", "organization", "title", "assessment", "days"; link
    "assessment/session-reopened", "organization", "title", "assessment", "deadline"; link
    "identity/account-erased"
    "identity/account-exists"
    "identity/account-reinstated"
    "identity/account-suspended"
    "identity/api-key-created", "organization", "key_name", "at"
    "identity/email-change-confirm"; link
    "identity/email-change-requested", "new_email_masked"
    "identity/email-changed", "new_email_masked"
    "identity/invitation", "organization", "inviter", "roles"; link
    "identity/membership-removed", "organization"
    "identity/new-device", "at", "device", "address"
    "identity/password-changed", "at"
    "identity/password-reset-started-by-admin"; link
    "identity/recovery-code-used", "at"
    "identity/recovery-codes-made", "at"
    "identity/reset-password"; link
    "identity/second-factor-added", "at"
    "identity/second-factor-removed", "at"
    "identity/session-reused", "at", "device", "address"
    "identity/verify-email"; link
    "notification/digest", "count", "sections", "more"
    "notification/notice", "title", "message"; any_link
}

static ENVIRONMENT: LazyLock<Result<Environment<'static>, Error>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_debug(false); // errors must not quote what was to be shown
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.add_template("layout.txt", include_str!("../templates/layout.txt"))?;
    environment.add_template("layout.html", include_str!("../templates/layout.html"))?;
    let notices = NOTICE_TEMPLATES.iter().map(|notice| notice.part);
    for (name, source) in LETTERS.iter().flat_map(|letter| letter.parts).chain(notices) {
        environment.add_template(name, source)?;
    }
    Ok(environment)
});

/// All templates, or what is wrong with them.
pub(crate) fn environment() -> Result<&'static Environment<'static>, String> {
    ENVIRONMENT.as_ref().map_err(|error| error.kind().to_string())
}

/// Renders a letter.
///
/// Values may come from strangers: each is shown as one short line without control, bidirectional or invisible
/// characters and without anything a mail client would link, apart from `message`, which keeps its lines and is
/// shown as a quotation. Moments may be RFC 3339 and are then shown in words; `device`, `address`, `minutes`,
/// `days`, `deadline`, `scheduled_at` and `closes_at` may be null; values the template does not know are ignored.
///
/// [`MailError::Permanent`] names a template that does not exist, a missing value, or a link that is not an
/// absolute http(s) address, also that to unsubscribe; or says that the name or media type of a file cannot be sent.
pub fn render(mail: &Mail) -> Result<Rendered, MailError> {
    check_parts(mail)?;
    let letter = LETTERS
        .iter()
        .find(|letter| letter.name == mail.template)
        .ok_or_else(|| permanent(mail.template, "there is no such template"))?;
    let mut shown = BTreeMap::from([("name", name(mail))]);
    for key in letter.values.iter().copied() {
        let value = values::template_value(key, mail.values.get(key))
            .ok_or_else(|| permanent(letter.name, &format!("`{key}` is missing or cannot be shown")))?;
        shown.insert(key, value);
    }
    let mut shown_in_html = shown.clone();
    if letter.values.contains(&"message") {
        let message = values::message(mail.values.get("message"));
        shown.insert("message", TemplateValue::from(values::wrapped(&message)));
        shown_in_html.insert("message", TemplateValue::from(message));
    }
    if letter.link != Link::None {
        let link = mail.link.as_ref().map(kernel::Secret::expose);
        if link.is_none() && letter.link == Link::Needed {
            return Err(permanent(letter.name, "the link is missing"));
        }
        if link.is_some_and(|link| !values::is_link(link)) {
            return Err(permanent(letter.name, "the link is not an absolute http(s) address"));
        }
        shown.insert("link", TemplateValue::from(link));
        shown_in_html.insert("link", in_html(link));
    }
    let unsubscribe = mail.unsubscribe.as_ref().map(kernel::Secret::expose);
    shown.insert("unsubscribe", TemplateValue::from(unsubscribe));
    shown_in_html.insert("unsubscribe", in_html(unsubscribe));
    let [subject, text, html] = letter.parts.map(|(part, _)| part);
    Ok(Rendered {
        subject: values::shortened(&values::one_line(&part(subject, shown.clone())?), SUBJECT_LENGTH),
        text: part(text, shown)?,
        html: part(html, shown_in_html)?,
    })
}

/// Of what `is_link` lets through, `&` alone needs escaping; minijinja would also escape every slash.
fn in_html(link: Option<&str>) -> TemplateValue {
    let escaped = link.map(|link| TemplateValue::from_safe_string(link.replace('&', "&amp;")));
    escaped.unwrap_or_else(|| TemplateValue::from(()))
}

fn name(mail: &Mail) -> TemplateValue {
    let name = mail.values.get("name").filter(|name| name.is_string());
    values::template_value("name", name).unwrap_or_else(|| TemplateValue::from(()))
}

fn part(name: &'static str, shown: BTreeMap<&'static str, TemplateValue>) -> Result<String, MailError> {
    environment()
        .map_err(|why| permanent(name, &why))?
        .get_template(name)
        .and_then(|template| template.render(TemplateValue::from(shown)))
        .map_err(|error| permanent(name, &error.kind().to_string()))
}

/// Refuses what would be no header, or another one than it seems.
fn check_parts(mail: &Mail) -> Result<(), MailError> {
    if mail.unsubscribe.as_ref().is_some_and(|link| !values::is_link(link.expose())) {
        return Err(permanent(mail.template, "the link to unsubscribe is not an absolute http(s) address"));
    }
    if !mail.attached.iter().all(|file| values::is_file_name(&file.name)) {
        return Err(permanent(mail.template, "the name of an attached file cannot be sent"));
    }
    if !mail.attached.iter().all(|file| values::is_media_type(&file.media_type)) {
        return Err(permanent(mail.template, "the media type of an attached file cannot be sent"));
    }
    Ok(())
}

/// The letter's appointment as calendars read it, if it has one.
pub(crate) fn appointment(
    mail: &Mail,
    writer: Option<&dyn CalendarWriter>,
    organizer: &str,
    attendee: &str,
) -> Result<Option<String>, MailError> {
    let Some(part) = &mail.calendar else { return Ok(None) };
    let writer = writer.ok_or_else(|| permanent(mail.template, "nothing here writes appointments"))?;
    Ok(Some(writer.write(part, organizer, attendee)))
}

/// Names the template, never what is in the letter.
pub(crate) fn permanent(template: &str, what: &str) -> MailError {
    MailError::Permanent(format!("{template}: {what}"))
}
