//! The rules of the format, each with its stable name and its reason.

prose::codes! {
    /// A rule of the format, by the name that never changes.
    pub enum Code {
        /// Not `major.minor`.
        BadVersion = "bad-version", "Versions are compared, so they have one form.";
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
        Condition = "condition", "Conditions compare `overall`, a dimension's id or a function of several, such as `min(a, b)`, with a number.";
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

        /// Nothing to answer: neither an item nor a question.
        NothingAsked = "nothing-asked", "People answer numbered items, or are asked in an interview; anything else they only read.";
        /// A dimension nothing asks about.
        DimensionWithoutQuestion = "dimension-without-question", "An interview that follows the plan would never cover it.";
        /// A choice that must be made where no option may be true.
        NoWayOut = "no-way-out", "An answer that somebody was forced to give says nothing about them.";
        /// An answer that names options, or a key, that its form does not have.
        AnswerForm = "answer-form", "The form of an answer says which keys it has; another would have no effect.";
        /// Options of which none, or too many, are right.
        CorrectOptions = "correct-options", "An answer that is scored needs options that differ.";
        /// Options that are worth different kinds of things.
        MixedOptions = "mixed-options", "Right and wrong, points, and dimensions cannot be weighed against each other.";
        /// Labels that do not fit the steps.
        LabelCount = "label-count", "Every step has a label, or only the two ends have.";
    }
    why {
        TooLarge = "An assessment has at most 256 KiB, so that reading it takes milliseconds, whoever wrote it.";
        FrontMatterMissing = "The front matter says which format this is, and the name and version of the assessment.";
        UnknownSchema = "Rules differ between formats; guessing could score people wrongly.";
        OutOfRange = "The format sets limits so that scores stay exact and results readable.";
        BadId = "Ids stand in conditions and addresses, so they have one plain form.";
        DuplicateName = "Results name it, and a reader must know which one is meant.";
        RawHtml = "HTML could run in the reader's browser; an assessment is text only.";
        Title = "A file is one assessment, and it has one name.";
        MissingSection = "Without dimensions and result categories there is nothing to score and nothing to tell.";
    }
}
