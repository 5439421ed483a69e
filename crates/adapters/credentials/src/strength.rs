//! How hard a password is to guess.

use std::sync::Arc;

use async_trait::async_trait;
use identity::credentials::{PasswordStrength, Weakness};
use tokio::task::spawn_blocking;
use zeroize::Zeroizing;
use zxcvbn::{Score, zxcvbn};

use crate::breach::{BreachList, digest};

/// Common passwords of 8 characters and more, and long ones: those that leaked most often, and what people make to
/// reach a length. `tests/credentials/long_passwords.rs` is the recipe of the long ones.
const COMMON: [&str; 3] = [
    include_str!("../data/common-passwords.txt"),
    include_str!("../data/long-passwords-seen.txt"),
    include_str!("../data/long-passwords-made.txt"),
];

/// How much must be left of a password without the words that stand near it.
const LEAST_OF_ITS_OWN: usize = 8;
/// Shorter words are in too many others.
const SHORTEST_WORD: usize = 4;
/// What comes after is not estimated.
const LONGEST_ESTIMATE: usize = 100;
/// As much as zxcvbn is given at a time: a hundred characters that stand for letters cost it most of a second,
/// 24 at worst some 15 ms. A part that is hard to guess makes the whole hard to guess.
const PART: usize = 24;

/// Judges by a list of common passwords, a list of leaked ones if there is one, the words near the account, and
/// zxcvbn's estimate. Clones share the lists.
#[derive(Clone)]
pub struct Strength {
    common: Arc<[&'static str]>,
    product_words: Arc<[String]>,
    breaches: Option<Arc<dyn BreachList>>,
}

impl Strength {
    /// `product_words` stand near every account: what the product is called, and where it lives.
    pub fn new(product_words: &[&str]) -> Self {
        let lines = COMMON.into_iter().flat_map(str::lines);
        let mut common: Vec<_> = lines.filter(|line| !line.starts_with('#')).collect();
        common.sort_unstable();
        let product_words = product_words.iter().map(|word| (*word).to_owned()).collect();
        Self { common: common.into(), product_words, breaches: None }
    }

    /// Looks into a list of leaked passwords too.
    pub fn with_breaches(self, list: impl BreachList + 'static) -> Self {
        Self { breaches: Some(Arc::new(list)), ..self }
    }

    /// An unreadable list does not keep anyone from signing up: the other judgements remain.
    fn has_leaked(&self, password: &str) -> bool {
        let Some(list) = &self.breaches else { return false };
        list.contains(&digest(password)).unwrap_or_else(|error| {
            tracing::error!(%error, "the list of leaked passwords cannot be read");
            false
        })
    }
}

#[async_trait]
impl PasswordStrength for Strength {
    async fn weakness(&self, password: &str, words: &[&str]) -> Option<Weakness> {
        let (judge, password) = (self.clone(), Zeroizing::new(password.to_owned()));
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let judged = spawn_blocking(move || {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            judge.judge(&password, &words)
        });
        judged.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
    }
}

impl Strength {
    /// The same at once, where blocking for some milliseconds does no harm.
    pub fn judge(&self, password: &str, words: &[&str]) -> Option<Weakness> {
        let folded = password.to_lowercase();
        if self.common.binary_search(&folded.as_str()).is_ok() || self.has_leaked(password) {
            return Some(Weakness::Common);
        }
        let near = near_words(self.product_words.iter().map(String::as_str).chain(words.iter().copied()));
        if left_without(&folded, &near) < LEAST_OF_ITS_OWN {
            return Some(Weakness::Predictable);
        }
        let beginning: Vec<_> = password.chars().take(LONGEST_ESTIMATE).collect();
        let inputs: Vec<_> = near.iter().map(String::as_str).collect();
        let weak = |part: &[char]| zxcvbn(&part.iter().collect::<String>(), &inputs).score() < Score::Three;
        beginning.chunks(PART).all(weak).then_some(Weakness::Guessable)
    }
}

/// Each text as a whole, run together, and in its parts; the local part of an address likewise. In lower case,
/// longest first.
fn near_words<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut words = Vec::new();
    for text in texts.map(str::to_lowercase) {
        let local = text.split_once('@').map(|(local, _)| local);
        for whole in [Some(text.as_str()), local].into_iter().flatten() {
            let parts = || whole.split(|c: char| !c.is_alphanumeric());
            words.push(whole.to_owned());
            words.push(parts().collect());
            words.extend(parts().map(str::to_owned));
        }
    }
    words.retain(|word| word.chars().count() >= SHORTEST_WORD);
    words.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
    words.dedup();
    words
}

/// How many characters remain when the words are taken out.
fn left_without(password: &str, words: &[String]) -> usize {
    // A gap stays where a word was, lest the halves around it make another.
    const GAP: &str = "\0";
    let left = words.iter().fold(password.to_owned(), |left, word| left.replace(word, GAP));
    left.chars().filter(|c| *c != '\0').count()
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    fn strength() -> Strength {
        Strength::new(&["Touchstone", "touchstone.example"])
    }

    const WORDS: [&str; 3] = ["ann.berger@northwind.example", "Ann Berger", "North Wind Traders"];

    #[test]
    fn common_passwords_are_refused_in_any_case() {
        for password in [
            "password",
            "PassWord",
            "iloveyou",
            "1234567890qwerty",
            "MichaelJackson",
            "passwordstandard",
            "MomsAnaLAdventure",
            "Administrator2024",
        ] {
            assert_eq!(strength().judge(password, &[]), Some(Weakness::Common), "{password}");
        }
        assert!(strength().common.len() > 10_000);
        let reach =
            |least| strength().common.iter().filter(|password| password.chars().count() >= least).count();
        assert!(reach(15) >= 3_000, "OWASP ASVS 5.0, 6.2.4");
        assert!(strength().common.iter().all(|password| password.chars().count() >= 8));
    }

    #[test]
    fn a_password_is_more_than_the_words_near_it() {
        let weak = [
            "touchstone12345",
            "TouchStone-Berger-1",
            "northwindtraders!",
            "ann.berger@northwind.example",
            "North Wind Traders 1",
            "annbergerannberger",
            "TOUCHSTONEtouchstone",
        ];
        for password in weak {
            assert_eq!(strength().judge(password, &WORDS), Some(Weakness::Predictable), "{password}");
        }
    }

    #[test]
    fn what_is_guessed_quickly_is_refused() {
        for password in
            ["tabletabletabletable", "abcdabcdabcdabcd", "20012001200120012001", "correctcorrectcorrect"]
        {
            assert_eq!(strength().judge(password, &WORDS), Some(Weakness::Guessable), "{password}");
        }
    }

    #[test]
    fn hard_ones_pass() {
        for password in ["correct horse battery staple", "tQ7#vw-92.kzLp!", "wärme über den dächern von 1887"]
        {
            assert_eq!(strength().judge(password, &WORDS), None, "{password}");
        }
        let long: String = (0..128_u32).map(|i| char::from_u32(33 + i * 37 % 94).unwrap()).collect();
        assert_eq!(strength().judge(&long, &WORDS), None);
    }

    #[test]
    fn one_hard_part_within_the_first_hundred_characters_is_enough() {
        let hard = "tQ7#vw-92.kzLp!";
        assert_eq!(strength().judge(&format!("{}{hard}", "a".repeat(72)), &WORDS), None);
        let late = format!("{}{hard}", "a".repeat(100));
        assert_eq!(strength().judge(&late, &WORDS), Some(Weakness::Guessable));
    }

    #[test]
    fn short_words_and_torn_ones_do_not_count() {
        assert_eq!(near_words(["Ann", "ann@b.org"].into_iter()), ["ann@b.org", "annborg"]);
        let words = near_words(["berg", "bergberger"].into_iter());
        assert_eq!(left_without("bebergrg", &words), 4, "the halves around a word make no other");
    }

    struct Leaked(io::Result<[u8; 20]>);
    impl BreachList for Leaked {
        fn contains(&self, sha1: &[u8; 20]) -> io::Result<bool> {
            self.0.as_ref().map(|leaked| leaked == sha1).map_err(|error| error.kind().into())
        }
    }

    #[test]
    fn leaked_passwords_are_refused() {
        let password = "correct horse battery staple";
        let leaked = Leaked(Ok(digest(password)));
        assert_eq!(strength().with_breaches(leaked).judge(password, &[]), Some(Weakness::Common));
        let broken = Leaked(Err(io::ErrorKind::NotFound.into()));
        assert_eq!(strength().with_breaches(broken).judge(password, &[]), None);
    }
}
