//! A bar for whoever waits at a terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output;

/// Shorter logs are read before anyone wonders.
const WORTH_IT: u64 = 20_000;

/// A bar over so many events; invisible when nobody watches, or when it is quickly done.
pub(super) fn over_events(events: u64, quiet: bool) -> ProgressBar {
    over(
        Some(events),
        events >= WORTH_IT && !quiet,
        "{wide_bar} {human_pos} of {human_len} events, {eta} left",
    )
}

/// A bar over so many bytes.
pub(super) fn over_bytes(bytes: u64, quiet: bool) -> ProgressBar {
    over(Some(bytes), bytes >= WORTH_IT * 1_000 && !quiet, "{wide_bar} {bytes} of {total_bytes}, {eta} left")
}

/// Counts documents, whose number nobody knows.
pub(super) fn counting_documents(quiet: bool) -> ProgressBar {
    over(None, !quiet, "{spinner} {human_pos} documents")
}

fn over(length: Option<u64>, shown: bool, template: &str) -> ProgressBar {
    if !shown || !output::is_watched() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(length, ProgressDrawTarget::stderr()).with_style(style)
}
