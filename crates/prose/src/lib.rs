//! Documents that people write in markdown and programs read: what every type of them needs, and nothing of any one.
//!
//! A document has **front matter**, an **outline** of headings whose sections a format knows, **lists of keys** under
//! them, and prose. A type of document is a [`Format`], its [`Section`]s and its rules ([`codes!`]). It is read,
//! checked and printed in four steps:
//!
//! 1. [`parse`] reads a file; [`document`] takes it apart, and a [`Reader`] makes a tree ([`Node`]) of each section.
//!    [`json::check`] makes the same tree of JSON.
//! 2. A [`Check`] turns the tree into values, and notes in the [`Log`] whatever breaks a rule: all of it in one pass.
//! 3. [`render`] shows what was noted as [`Diagnostic`]s, each with its place, why it is one, and how to mend it.
//! 4. A [`Page`] prints the values, so that they read back as the same.
//!
//! Reading a file of any bytes ends, soon and without a panic.
//!
//! ```
//! use prose::{Check, Dialect, Format, Log, Page, Section, render, yaml};
//!
//! prose::codes! {
//!     /// A rule of agendas.
//!     pub enum Code {
//!         /// An agenda without topics.
//!         NoTopic = "no-topic", "People prepare for what is on the agenda.";
//!     }
//! }
//!
//! #[derive(Clone, Copy, PartialEq)]
//! struct Topics;
//!
//! impl Section for Topics {
//!     const ALL: &'static [Self] = &[Topics];
//!     fn heading(self) -> &'static str { "Topics" }
//! }
//!
//! const FORMAT: Format = Format::new("agenda/1", "agenda");
//! const KEYS: &[&str] = &["schema", "name", "minutes"];
//!
//! fn read(text: &str, log: &mut Log<Code>) -> Option<(String, u16, Vec<String>)> {
//!     let mut topics = Vec::new();
//!     let document = prose::document(text, &FORMAT, KEYS, log, |_, _: Topics, group| {
//!         topics.extend(group.pieces.iter().map(|piece| piece.name_node()));
//!     })?;
//!     let mut check = Check { dialect: Dialect::Markdown, log, format: &FORMAT };
//!     let settings = check.map(&document.settings, KEYS)?;
//!     check.schema(&settings, &document.settings);
//!     let (name, _) = check.names(&settings, &document.settings, None);
//!     let minutes = check.required(&settings, "minutes", &document.settings);
//!     let minutes = minutes.and_then(|node| check.whole(node, 1, 480));
//!     let topics: Vec<String> = topics.iter().filter_map(|topic| check.name(topic)).collect();
//!     if topics.is_empty() {
//!         check.log.error(Code::NoTopic, &document.at, "there is no topic", "add `### ` and its name");
//!     }
//!     Some((name?, minutes?, topics)).filter(|_| !check.log.has_errors())
//! }
//!
//! let file = "---\nschema: agenda/1\nname: Monday\nminutes: 500\n---\n# Monday\n## Topics\n### Hiring\n";
//! let (agenda, faults) = prose::parse(file.as_bytes(), &FORMAT, read);
//! assert_eq!((agenda, faults[0].to_string().as_str()), (None, "4:10: error[out-of-range]: 500 is too large"));
//! assert!(render(&faults, "monday.md", file).contains("= help: write a whole number from 1 to 480"));
//!
//! let (agenda, faults) = prose::parse(file.replace("500", "50").as_bytes(), &FORMAT, read);
//! let ((name, minutes, topics), []) = (agenda.unwrap(), &faults[..]) else { panic!("it keeps all rules") };
//! let mut page = Page::new();
//! page.line("---");
//! page.setting("schema", FORMAT.schema);
//! page.setting("name", yaml(&name));
//! page.setting("minutes", minutes);
//! page.line("---");
//! page.heading(1, &name);
//! page.heading(2, Topics.heading());
//! topics.iter().for_each(|topic| page.heading(3, topic));
//! assert!(page.finish().ends_with("minutes: 50\n---\n\n# Monday\n\n## Topics\n\n### Hiring\n"));
//! ```
#![deny(missing_docs)]

#[cfg(test)]
mod agenda;
mod blank_lines;
mod check;
mod code;
mod comments;
mod diagnostic;
mod format;
mod front;
mod headings;
pub mod json;
mod lists;
mod log;
mod outline;
mod print;
mod reader;
pub mod slug;
mod source;
mod text;
mod tree;

#[doc(hidden)]
pub use serde;

pub use check::{Bounds, Check, Fields, MOST, number, percent};
pub use code::{Code, Rule};
pub use comments::with_comments;
pub use diagnostic::{Diagnostic, Faults, Place, Severity, render};
pub use format::Format;
pub use headings::{Section, is_same};
pub use log::{Fault, Log};
pub use outline::{Block, Kind, outline};
pub use print::{Page, bullet_before, cell, heading, yaml};
pub use reader::{Document, Group, Piece, Reader, document};
pub use slug::Slug;
pub use source::parse;
pub use text::{did_you_mean, is_forbidden, listed, on_one_line};
pub use tree::{At, Dialect, Field, Node, Value};
