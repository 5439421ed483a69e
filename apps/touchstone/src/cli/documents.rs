//! Documents on the command line.

use clap::Subcommand;

/// Documents.
#[derive(Debug, Subcommand)]
pub enum Documents {
    /// Open every file that a document names, and hold it against its size and digest; ends with 1 if one is not sound
    Verify {
        /// Print nothing but what is wrong
        #[arg(long, short)]
        quiet: bool,
    },
}
