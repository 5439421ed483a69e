//! The rules of a type of document, each with a name that never changes and its reason.

use std::fmt;

/// A rule, as diagnostics name it. [`codes!`](crate::codes) makes the enumeration of a type of document: the rules that
/// all types share ([`Rule`]), and those of its own.
pub trait Code: Copy + PartialEq + fmt::Debug + fmt::Display + From<Rule> {
    /// The name that never changes: `unknown-key`.
    fn as_str(self) -> &'static str;

    /// Why it is a rule: a sentence.
    fn why(self) -> &'static str;
}

/// Declares the rules of a type of document: an enumeration with a variant for each [`Rule`], in their order, and for
/// each rule of its own. After `why`, a rule that all types share can have a reason in the type's own words.
///
/// ```
/// prose::codes! {
///     /// A rule of agendas.
///     pub enum Code {
///         /// A topic without minutes.
///         NoTime = "no-time", "A topic that takes no time is no topic.";
///     }
///     why {
///         RawHtml = "HTML could run in the reader's browser; an agenda is text only.";
///     }
/// }
/// assert_eq!(Code::NoTime.as_str(), "no-time");
/// assert_eq!(Code::from(prose::Rule::RawHtml), Code::RawHtml);
/// assert!(Code::RawHtml.why().ends_with("an agenda is text only."));
/// ```
#[macro_export]
macro_rules! codes {
    ($(#[$meta:meta])* $vis:vis enum $Code:ident { $($own:tt)* } $(why { $($why:tt)* })?) => {
        $crate::shared_rules! { @code { $(#[$meta])* $vis $Code } { $($own)* } { $($($why)*)? } }
    };
    (
        @code { $(#[$meta:meta])* $vis:vis $Code:ident }
        { $($(#[$own_about:meta])+ $own:ident = $own_name:literal, $own_why:literal;)* }
        { $($told:ident = $told_why:literal;)* }
        { $($(#[$about:meta])+ $shared:ident = $name:literal, $why:literal;)+ }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(clippy::enum_variant_names, reason = "`UnclosedCode` is about code in a document")]
        $vis enum $Code {
            $($(#[$about])+ $shared,)+
            $($(#[$own_about])+ $own,)*
        }

        impl $Code {
            /// All of them.
            $vis const ALL: &'static [Self] = &[$(Self::$shared,)+ $(Self::$own,)*];

            /// The name.
            $vis const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$shared => $name,)+
                    $(Self::$own => $own_name,)*
                }
            }

            /// Why it is a rule: a sentence.
            #[allow(unreachable_patterns, reason = "a type's own words stand before the shared ones")]
            $vis const fn why(self) -> &'static str {
                match self {
                    $(Self::$told => $told_why,)*
                    $(Self::$shared => $why,)+
                    $(Self::$own => $own_why,)*
                }
            }
        }

        impl $crate::Code for $Code {
            fn as_str(self) -> &'static str {
                Self::as_str(self)
            }

            fn why(self) -> &'static str {
                Self::why(self)
            }
        }

        impl From<$crate::Rule> for $Code {
            fn from(rule: $crate::Rule) -> Self {
                match rule { $($crate::Rule::$shared => Self::$shared,)+ }
            }
        }

        impl $crate::serde::Serialize for $Code {
            fn serialize<S: $crate::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl std::fmt::Display for $Code {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
    (@rule { $($(#[$about:meta])+ $shared:ident = $name:literal, $why:literal;)+ }) => {
        /// A rule that all types of documents share, because what breaks it is found by this crate.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Rule { $($(#[$about])+ $shared,)+ }
    };
}

/// The rules that all types of documents share: one list, for [`Rule`] and for what [`codes!`](crate::codes) declares.
#[doc(hidden)]
#[macro_export]
macro_rules! shared_rules {
    ($($for:tt)*) => {
        $crate::codes! { $($for)* {
            /// A file of more bytes than are read.
            TooLarge = "too-large", "A file has a largest size, so that reading it takes milliseconds, whoever wrote it.";
            /// Not UTF-8.
            NotUtf8 = "not-utf8", "The format is UTF-8 text.";
            /// A control character or a mark that changes the direction of text.
            ForbiddenCharacter = "forbidden-character", "Control characters and direction marks can make a text read other than it is.";
            /// Too many lists or quotations inside each other.
            TooDeep = "too-deep", "No person reads text that is nested this deep.";
            /// More faults than are told.
            TooManyFaults = "too-many-faults", "After this many the rest is more likely noise than help.";

            /// No front matter.
            FrontMatterMissing = "front-matter-missing", "The front matter says which format this is, and the name of the document.";
            /// Front matter without an end.
            FrontMatterOpen = "front-matter-open", "Without its closing `---` nobody can tell where the front matter ends.";
            /// Something YAML does not allow.
            YamlSyntax = "yaml-syntax", "The front matter is YAML.";
            /// Something JSON does not allow.
            JsonSyntax = "json-syntax", "A definition from a builder is JSON.";
            /// An alias, an anchor or a tag.
            YamlAlias = "yaml-alias", "Aliases make small files large, and a tag or an anchor has no meaning here.";
            /// A format this program does not know.
            UnknownSchema = "unknown-schema", "Rules differ between formats, so that the format is never guessed.";
            /// A key the format does not know.
            UnknownKey = "unknown-key", "A key that is misspelt would otherwise be ignored without a word.";
            /// A key that is given twice.
            DuplicateKey = "duplicate-key", "Of two values nobody can tell which one is meant.";
            /// A key that must be there.
            MissingKey = "missing-key", "There is no sensible default for it.";
            /// A value of another kind.
            WrongType = "wrong-type", "A value of another kind cannot be understood.";
            /// None of the values that are known.
            UnknownValue = "unknown-value", "Only the listed values have a meaning.";
            /// A number or a list that is too large, too small or too exact.
            OutOfRange = "out-of-range", "The format sets limits so that numbers stay exact and lists readable.";
            /// Text that is too long.
            TooLong = "too-long", "Texts are bounded so that they fit where they are shown.";
            /// Text that is empty where there must be some.
            EmptyText = "empty-text", "A person has to read something here.";
            /// Not a language tag.
            BadLanguage = "bad-language", "The language decides how the texts are read aloud, hyphenated and searched.";
            /// Not a slug.
            BadId = "bad-id", "Ids stand in references and addresses, so they have one plain form.";
            /// An id that is used twice.
            DuplicateId = "duplicate-id", "What is known by an id must be one thing.";
            /// A name that is used twice.
            DuplicateName = "duplicate-name", "A reader must know which one is meant.";

            /// HTML.
            RawHtml = "raw-html", "HTML could run in the reader's browser; a document is text only.";
            /// A link that is not https.
            LinkNotHttps = "link-not-https", "Other links can run code, reveal the reader or lead nowhere.";
            /// A code block without an end.
            UnclosedCode = "unclosed-code", "Everything after it would silently become code.";
            /// A title that contradicts the name, or a second one.
            Title = "title", "A file is one document, and it has one name.";
            /// A section that looks like a known one.
            UnknownSection = "unknown-section", "A section that is misspelt would otherwise be kept as prose and have no effect.";
            /// A section that is there twice.
            DuplicateSection = "duplicate-section", "A reader expects everything of one kind in one place.";
            /// A section that must be there, or is empty.
            MissingSection = "missing-section", "Without it the document says too little to be of use.";
            /// Something where the format has no place for it.
            Misplaced = "misplaced", "It would have no effect, or stand elsewhere when the file is printed.";
            /// A bullet among the keys that is none.
            NotAKey = "not-a-key", "The list under a heading is read by the program; prose comes after it.";
            /// Markup where plain text must be.
            MarkupInName = "markup-in-name", "Names stand in tables, mails and charts, where markup would show as signs.";
        } }
    };
}

crate::shared_rules! { @rule }
