//! What the program says on standard output: results, and the greeting. Everything else is a log on standard error.

use std::io::{self, IsTerminal as _, Write as _};

/// Writes one line. A reader that went away is not an error worth ending for.
pub fn line(text: impl std::fmt::Display) {
    let mut stdout = io::stdout().lock();
    let _ = writeln!(stdout, "{text}").and_then(|()| stdout.flush());
}

/// Writes one line for a person waiting at the terminal to standard error.
pub fn notice(text: impl std::fmt::Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Whether a person is watching standard error.
pub fn is_watched() -> bool {
    io::stderr().is_terminal()
}
