//! The rules of the format, each with its stable name and its reason.

use std::fmt;

use serde::{Serialize, Serializer};

/// Declares the rules. A rule without a reason, or a name used twice, does not compile or fails a test.
macro_rules! codes {
    ($($(#[doc = $about:literal])+ $variant:ident = $name:literal, $why:literal;)+) => {
        /// A rule of the format, by the name that never changes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[doc = $about])+ $variant,)+
        }

        impl Code {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// Why it is a rule: a sentence.
            pub const fn why(self) -> &'static str {
                match self { $(Self::$variant => $why),+ }
            }
        }
    };
}

codes! {
    /// More than 256 KiB.
    TooLarge = "too-large", "An assessment has at most 256 KiB, so that reading it takes milliseconds, whoever wrote it.";
    /// Not UTF-8.
    NotUtf8 = "not-utf8", "The format is UTF-8 text.";
    /// A control character or a mark that changes the direction of text.
    ForbiddenCharacter = "forbidden-character", "Control characters and direction marks can make a text read other than it is.";
    /// Too many lists or quotations inside each other.
    TooDeep = "too-deep", "No person reads text that is nested this deep.";
    /// More faults than are told.
    TooManyFaults = "too-many-faults", "After this many the rest is more likely noise than help.";

    /// No front matter.
    FrontMatterMissing = "front-matter-missing", "The front matter says which format this is, and the name and version of the assessment.";
    /// Front matter without an end.
    FrontMatterOpen = "front-matter-open", "Without its closing `---` nobody can tell where the front matter ends.";
    /// Something YAML does not allow.
    YamlSyntax = "yaml-syntax", "The front matter is YAML.";
    /// Something JSON does not allow.
    JsonSyntax = "json-syntax", "A definition from a builder is JSON.";
    /// An alias, an anchor or a tag.
    YamlAlias = "yaml-alias", "Aliases make small files large, and a tag or an anchor has no meaning here.";
    /// A format this program does not know.
    UnknownSchema = "unknown-schema", "Rules differ between formats; guessing could score people wrongly.";
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
    OutOfRange = "out-of-range", "The format sets limits so that scores stay exact and results readable.";
    /// Text that is too long.
    TooLong = "too-long", "Texts are bounded so that they fit where they are shown.";
    /// Text that is empty where there must be some.
    EmptyText = "empty-text", "A person has to read something here.";
    /// Not `major.minor`.
    BadVersion = "bad-version", "Versions are compared, so they have one form.";
    /// Not a language tag.
    BadLanguage = "bad-language", "The language decides how the texts are read aloud, hyphenated and searched.";
    /// Not a slug.
    BadId = "bad-id", "Ids stand in conditions and addresses, so they have one plain form.";
    /// An id that is used twice.
    DuplicateId = "duplicate-id", "What is known by an id must be one thing.";
    /// A name that is used twice.
    DuplicateName = "duplicate-name", "Results name it, and a reader must know which one is meant.";

    /// HTML.
    RawHtml = "raw-html", "HTML could run in the reader's browser; an assessment is text only.";
    /// A link that is not https.
    LinkNotHttps = "link-not-https", "Other links can run code, reveal the reader or lead nowhere.";
    /// A code block without an end.
    UnclosedCode = "unclosed-code", "Everything after it would silently become code.";
    /// A title that contradicts the name, or a second one.
    Title = "title", "A file is one assessment, and it has one name.";
    /// A section that looks like a known one.
    UnknownSection = "unknown-section", "A section that is misspelt would otherwise be kept as prose and have no effect.";
    /// A section that is there twice.
    DuplicateSection = "duplicate-section", "A reader expects everything of one kind in one place.";
    /// A section that must be there, or is empty.
    MissingSection = "missing-section", "Without dimensions and result categories there is nothing to score and nothing to tell.";
    /// Something where the format has no place for it.
    Misplaced = "misplaced", "It would have no effect, or stand elsewhere when the file is printed.";
    /// A bullet among the keys that is none.
    NotAKey = "not-a-key", "The list under a heading is read by the program; prose comes after it.";
    /// Markup where plain text must be.
    MarkupInName = "markup-in-name", "Names stand in tables, mails and charts, where markup would show as signs.";
    /// A table of scores that has another shape.
    TableShape = "table-shape", "Raters read it as one line a score.";

    /// Weights that do not sum to 1.
    WeightSum = "weight-sum", "The overall score is the weighted mean of the dimensions: the shares make up the whole, give or take 0.01.";
    /// No dimension of this name or id.
    UnknownDimension = "unknown-dimension", "It would never have a score.";
    /// A single-outcome assessment with more than one outcome.
    SingleOutcome = "single-outcome", "Single-outcome means one dimension of weight 1; the overall score is its score.";
    /// A comparative assessment with nothing to compare, or with categories that do not match its dimensions.
    Comparative = "comparative", "A comparative assessment gives the category of its highest dimension, so each has exactly one.";
    /// A comparative assessment that does not say what a tie is, or another that does.
    TieRule = "tie-rule", "When two dimensions come out nearly equal, the result must not depend on chance.";

    /// No default category, more than one, or not last.
    DefaultCategory = "default-category", "Everybody gets a result: the last category takes whoever none before it took.";
    /// A category that has none of `when`, `default` and `dimension`, or more than one.
    CategoryRule = "category-rule", "A category is given for one reason.";
    /// A condition that cannot be read.
    Condition = "condition", "Conditions compare `overall` or a dimension's id with a number.";
    /// A number in a condition that no score can be.
    ConditionScale = "condition-scale", "Scores lie on the scale and have two decimal places; the comparison always comes out the same.";
    /// Two categories that fit the same scores.
    CategoryOverlap = "category-overlap", "Of two that fit, the one that stands first is given.";
    /// A category that is never given.
    CategoryDead = "category-dead", "Nobody would ever get it.";
    /// Scores between two categories that only the default takes.
    CategoryGap = "category-gap", "A hole this narrow is more often a slip than a decision.";
    /// Conditions too many to be looked at together.
    CategoriesUnchecked = "categories-unchecked", "Overlaps and dead categories are looked for exactly, or not at all.";

    /// A dimension nothing asks about.
    DimensionWithoutQuestion = "dimension-without-question", "An interview that follows the plan would never cover it.";
    /// An answer that names options, or a key, that its form does not have.
    AnswerForm = "answer-form", "The form of an answer says which keys it has; another would have no effect.";
    /// Options of which none, or too many, are right.
    CorrectOptions = "correct-options", "An answer that is scored needs options that differ.";
    /// Options that are worth different kinds of things.
    MixedOptions = "mixed-options", "Right and wrong, points, and dimensions cannot be weighed against each other.";
    /// Labels that do not fit the steps.
    LabelCount = "label-count", "Every step has a label, or only the two ends have.";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
