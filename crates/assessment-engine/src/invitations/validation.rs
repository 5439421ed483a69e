//! What can be set about a campaign or a coaching session.

use kernel::Timestamp;

use crate::{campaigns::campaign::Plan, invitations::delivery::DeliverySettings, refusal::Refused};

const MESSAGE: usize = 2_000;
const WEEK: u16 = 7 * 24 * 60;
const MONTH: u16 = 30 * 24;

fn invalid(pointer: &str, detail: &str) -> Refused {
    Refused::Invalid { pointer: pointer.to_owned(), detail: detail.to_owned() }
}

fn require(holds: bool, pointer: &str, detail: &str) -> Result<(), Refused> {
    if holds { Ok(()) } else { Err(invalid(pointer, detail)) }
}

/// The words of an invitation: none, or up to 2,000 characters without control characters but line breaks.
pub(crate) fn check_message(message: &str) -> Result<(), Refused> {
    let detail = "takes at most 2,000 characters, and no control characters but line breaks";
    let sound = message.chars().count() <= MESSAGE && !message.chars().any(|c| c.is_control() && c != '\n');
    require(sound, "/message", detail)
}

/// The ranges of the time limit and the pauses.
pub(crate) fn check_delivery(delivery: &DeliverySettings) -> Result<(), Refused> {
    let sound = |minutes: u16| (1..=WEEK).contains(&minutes);
    require(
        delivery.minutes.is_none_or(sound),
        "/terms/time_limit_minutes",
        "is from 1 to 10,080 minutes, a week",
    )?;
    let Some(pauses) = &delivery.pauses else { return Ok(()) };
    require(
        pauses.most >= 1,
        "/terms/pauses/most",
        "is at least 1; leave `pauses` out where nobody may pause",
    )?;
    require(sound(pauses.minutes), "/terms/pauses/minutes", "is from 1 to 10,080 minutes in all")
}

/// A window ends after it opens; people can be reminded before an end there is.
pub(crate) fn check_window(
    opens_at: Option<Timestamp>,
    closes_at: Option<Timestamp>,
    remind_hours: Option<u16>,
) -> Result<(), Refused> {
    let in_order = opens_at.zip(closes_at).is_none_or(|(opens_at, closes_at)| opens_at < closes_at);
    require(in_order, "/closes_at", "must be later than `opens_at`")?;
    let Some(hours) = remind_hours else { return Ok(()) };
    require((1..=MONTH).contains(&hours), "/remind_hours", "is from 1 to 720 hours before the end")?;
    require(closes_at.is_some(), "/remind_hours", "counts back from `closes_at`; set that too")
}

/// An end that is set lies in the future.
pub(crate) fn check_end(closes_at: Option<Timestamp>, now: Timestamp) -> Result<(), Refused> {
    require(closes_at.is_none_or(|at| now < at), "/closes_at", "must lie in the future")
}

/// Of an active campaign the name, the message, the end and the reminder may change: whoever was asked was told the
/// rest.
pub(crate) fn check_active(before: &Plan, after: &Plan, chooses: bool) -> Result<(), Refused> {
    let fixed = !chooses
        && before.chosen == after.chosen
        && before.delivery == after.delivery
        && before.opens_at == after.opens_at;
    let why =
        "of an active campaign only the name, the message, `closes_at` and `remind_hours` can be changed";
    if fixed { Ok(()) } else { Err(Refused::Closed(why)) }
}
