//! What a file is told to be, what is read in it, and what becomes of those that were made to do harm.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the finding")]

mod archives;
mod child;
mod corpus;
mod images;
mod mutations;
mod office;
mod pages;
mod pdfs;
mod ports;
mod rtf;
mod sniffing;
mod support;
