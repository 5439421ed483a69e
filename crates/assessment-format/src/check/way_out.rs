//! What a person can choose of whom no option is true.

use prose::Fields;

use super::Check;
use crate::{
    definition::{Answer, Choice, OptionScore, Settings},
    diagnostic::Code,
};

/// Words of options that are true where no other is, or that complete a choice, by language (ISO 639-1). In other
/// languages nothing is said, because nobody can tell.
const WORDS: [(&str, &[&str]); 6] = [
    (
        "en",
        &[
            "none",
            "neither",
            "nothing",
            "no one",
            "nobody",
            "never",
            "other",
            "else",
            "different",
            "depends",
            "not applicable",
            "n/a",
            "not sure",
            "unsure",
            "don't know",
            "do not know",
            "can't say",
            "not say",
            "prefer not",
            "rather not",
            "no answer",
            "yes",
            "no",
        ],
    ),
    (
        "de",
        &[
            "kein",
            "nichts",
            "niemand",
            "niemals",
            "nie",
            "ander",
            "sonst",
            "weder",
            "weiß nicht",
            "weiss nicht",
            "trifft nicht zu",
            "keine angabe",
            "unsicher",
            "kommt darauf an",
            "ja",
            "nein",
        ],
    ),
    (
        "fr",
        &[
            "aucun",
            "rien",
            "personne",
            "jamais",
            "autre",
            "ni l'un",
            "sais pas",
            "sans objet",
            "préfère ne pas",
            "sans réponse",
            "oui",
            "non",
        ],
    ),
    (
        "es",
        &[
            "ningun",
            "ningún",
            "nada",
            "nadie",
            "nunca",
            "otr",
            "no sé",
            "no lo sé",
            "no aplica",
            "prefiero no",
            "sin respuesta",
            "sí",
            "no",
        ],
    ),
    ("nb", &["ingen", "ikke", "aldri", "annet", "andre", "vet ikke", "usikker", "ja", "nei"]),
    ("no", &["ingen", "ikke", "aldri", "annet", "andre", "vet ikke", "usikker", "ja", "nei"]),
];

impl Check<'_> {
    /// Warns where somebody must choose among options that count for nothing, and none is for those of whom no other
    /// is true. Options that count are the author's to weigh: right or wrong, points, a dimension.
    pub(super) fn way_out(
        &mut self,
        fields: &Fields<'_>,
        answer: &Answer,
        required: bool,
        settings: &Settings,
    ) {
        let (options, least) = match answer {
            Answer::SingleChoice { options } => (options, 1),
            Answer::MultipleChoice { options, least, .. } => (options, *least),
            _ => return,
        };
        let language = settings.language.as_str().split('-').next().unwrap_or_default();
        let words = WORDS.iter().find(|(of, _)| *of == language).map(|(_, words)| *words);
        let (Some(words), Some(node), true, 1..) = (words, fields.get("options"), required, least) else {
            return;
        };
        let counts = |choice: &Choice| choice.worth != OptionScore::Nothing;
        let is_way_out =
            |choice: &Choice| words.iter().any(|word| has_word(&choice.text.to_lowercase(), word));
        if !options.iter().any(|choice| counts(choice) || is_way_out(choice)) {
            let hint = match answer {
                Answer::SingleChoice { .. } => {
                    "add an option such as `[ ] None of these`, or `required: false`"
                }
                _ => {
                    "add an option such as `[ ] None of these`, `required: false`, or `choose: 0..` and the most"
                }
            };
            let what = "whoever finds no option true of them must choose one all the same";
            self.log.warn(Code::NoWayOut, &node.at, what, hint);
        }
    }
}

/// Whether a text has a word. One of less than four letters stands alone, others may be a beginning: `kein`, `keine`.
fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let begins = !text[..at].ends_with(char::is_alphanumeric);
        let ends = !text[at + word.len()..].starts_with(char::is_alphanumeric);
        begins && (ends || word.chars().count() >= 4)
    })
}
