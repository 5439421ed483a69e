//! The recipe of the embedded lists of passwords that reach 15 characters, which files in `data` hold:
//!
//! - `long-passwords-seen.txt`: those that leaked most often, from a list of `SecLists` that the file names;
//! - `long-passwords-made.txt`: what people make to reach a length, such as a word twice or a walk over the keyboard.
//!
//! `UPDATE_DOCS=1 SECLISTS=FILE cargo test -p credentials long_passwords` writes both anew.

use std::{collections::BTreeSet, env, fs, path::PathBuf};

use unicode_normalization::is_nfc;

/// The least and the most characters of a password where nothing else is set.
const LENGTHS: std::ops::RangeInclusive<usize> = 15..=128;
/// OWASP ASVS 5.0 asks for the 3,000 that are most common (6.2.4).
const SEEN: usize = 5000;

/// What passwords are made of most often.
const WORDS: &str = "\
    abc123 admin administrator america angel baby baseball batman butterfly charlie chocolate computer default \
    diamond dragon family flower football forever freedom friends hello iloveyou internet jesus jordan letmein \
    liverpool login love lovely manager master michael million monkey mustang passw0rd password password1 \
    pokemon princess purple qwerty samsung secret server shadow sunshine superman superuser system temporary \
    test trustno1 united welcome whatever winter zaq12wsx";
const TIMES: &str = "\
    january february march april may june july august september october november december spring summer autumn \
    fall winter";
const ENDS: &str = "\
    0 1 12 123 1234 12345 123456 1234567 12345678 123456789 1234567890 007 ! !! !!! 123! 1234! qwerty";
/// The rows of English, German and French keyboards.
const KEYBOARDS: [&str; 3] = [
    "1234567890 qwertyuiop asdfghjkl zxcvbnm",
    "1234567890 qwertzuiop asdfghjkl yxcvbnm",
    "1234567890 azertyuiop qsdfghjklm wxcvbn",
];
const WALKS: &str = "\
    1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p 1qa2ws3ed4rf5tg6yh7uj8ik9ol0p 1q2w3e4r5t6y7u8i9o0p q1w2e3r4t5y6u7i8o9p0 \
    qazwsxedcrfvtgbyhnujmikolp qwaszxerdfcvtyghbnuijkm zaq1xsw2cde3vfr4bgt5nhy6mju7ki8lo9p0 \
    zxcvasdfqwer1234567890 qweasdzxcrtyfghvbnuiojklm 1234qwerasdfzxcv5678tyuighjkbnm asdf1234qwerzxcv \
    7894561230147258369";
const PHRASES: &str = "\
    allyouneedislove changemechangeme changethispassword correcthorsebatterystaple donttellanyone \
    enterpassword123 forgotmypassword winteriscoming1 godisgoodallthetime helloworld12345 idontknowmypassword \
    idontknowwhatitis iforgotmypassword iloveyouforever iloveyousomuch1 iloveyouverymuch itsnotapassword \
    jesuslovesyou123 justletmeinplease letmeinletmeinplease liverpoolfootballclub maytheforcebewithyou \
    mynameisnobody1 mypasswordissecret mysecretpassword neverforgetthispassword newpassword12345 \
    nopasswordneeded notmypassword123 opensesameopensesame passwordpassword123 pleaseletmein123 thequickbrownfox \
    thequickbrownfoxjumpsoverthelazydog thisismypassword thisisapassword thisisnotmypassword \
    tobeornottobethatisthequestion toinfinityandbeyond youshallnotpass1";

/// Whatever of a text, from its beginning, reaches the length.
fn beginnings(text: &str) -> impl Iterator<Item = String> {
    (*LENGTHS.start()..=text.len()).map(|length| text[..length].to_owned())
}

/// The text over and over, in every length up to 32.
fn rounds(text: &str) -> impl Iterator<Item = String> {
    let long = text.repeat(32_usize.div_ceil(text.len()));
    (*LENGTHS.start()..=32).map(move |length| long[..length].to_owned())
}

fn backwards(text: &str) -> String {
    text.chars().rev().collect()
}

/// A word twice or oftener, until it is long enough, and once more.
fn repeated(word: &str) -> [String; 2] {
    let times = LENGTHS.start().div_ceil(word.len()).max(2);
    [word.repeat(times), word.repeat(times + 1)]
}

/// Each with each.
fn pairs<T: Copy>(all: &[T]) -> impl Iterator<Item = (T, T)> {
    all.iter().flat_map(move |one| all.iter().map(move |other| (*one, *other)))
}

fn made() -> BTreeSet<String> {
    const DIGITS: &str = "1234567890";
    const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz";
    let words = |list: &'static str| list.split_whitespace().collect::<Vec<_>>();
    let mut made: BTreeSet<String> = words(PHRASES).into_iter().map(str::to_owned).collect();
    made.extend(pairs(&words(WORDS)).map(|(one, other)| format!("{one}{other}")));
    for word in words(WORDS).into_iter().chain(words(PHRASES)) {
        made.extend(words(ENDS).into_iter().map(|end| format!("{word}{end}")));
    }
    for word in words(WORDS) {
        made.extend(repeated(word));
        made.extend((1950..=2030).flat_map(|year| [format!("{word}{year}"), format!("{word}{year}!")]));
    }
    for time in words(TIMES) {
        made.extend((2000..=2030).flat_map(|year| repeated(&format!("{time}{year}"))));
    }
    for letter in LETTERS.chars().chain(DIGITS.chars()) {
        made.extend(rounds(&letter.to_string()));
    }
    for (one, other) in pairs(&DIGITS.chars().collect::<Vec<_>>()) {
        made.extend([8, 10].map(|times| format!("{one}{other}").repeat(times)));
    }
    for (round, start) in
        [DIGITS, LETTERS].into_iter().flat_map(|all| (0..all.len()).map(move |at| (all, at)))
    {
        let turned = format!("{}{}", &round[start..], &round[..start]);
        made.extend(rounds(&turned).chain(rounds(&backwards(&turned))));
    }
    for keyboard in KEYBOARDS {
        let rows: Vec<_> =
            words(keyboard).into_iter().flat_map(|row| [row.to_owned(), backwards(row)]).collect();
        for (one, other) in pairs(&rows.iter().map(String::as_str).collect::<Vec<_>>()) {
            made.extend(beginnings(&format!("{one}{other}")));
            made.extend(beginnings(&format!("{other}{one}{other}")));
        }
        made.extend(beginnings(&rows.concat()));
    }
    for walk in words(WALKS) {
        made.extend(beginnings(walk).chain(beginnings(&backwards(walk))));
    }
    made.retain(|password| LENGTHS.contains(&password.chars().count()));
    made
}

/// Of a list that has the most common ones first. What is an address belongs to somebody, and `#` begins a comment.
fn seen(list: &str) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    for password in list.lines().map(str::to_lowercase) {
        let fits = LENGTHS.contains(&password.chars().count());
        if fits && !password.contains('@') && !password.starts_with('#') {
            seen.insert(password);
        }
        if seen.len() == SEEN {
            break;
        }
    }
    seen
}

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data").join(name)
}

/// The comment a file begins with, and its passwords.
fn read(name: &str) -> (String, Vec<String>) {
    let text = fs::read_to_string(file(name)).unwrap();
    let (comment, passwords): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.starts_with('#'));
    (comment.join("\n"), passwords.into_iter().map(str::to_owned).collect())
}

fn hold(name: &str, recipe: BTreeSet<String>) {
    let (comment, held) = read(name);
    if env::var_os("UPDATE_DOCS").is_some() {
        let passwords = recipe.into_iter().collect::<Vec<_>>().join("\n");
        return fs::write(file(name), format!("{comment}\n{passwords}\n")).unwrap();
    }
    assert!(held.into_iter().eq(recipe), "UPDATE_DOCS=1 writes {name} anew");
}

#[test]
fn what_people_make_is_what_the_recipe_makes() {
    hold("long-passwords-made.txt", made());
}

/// The list is too large to be kept here; whoever has it sees that nothing was left out or added.
#[test]
fn what_was_seen_is_what_the_list_has_most_of() {
    let (comment, held) = read("long-passwords-seen.txt");
    assert!(comment.contains("MIT License") && comment.contains("SHA-256"), "{comment}");
    assert_eq!(held.len(), SEEN);
    if let Some(list) = env::var_os("SECLISTS") {
        let list = fs::read(list).unwrap();
        hold("long-passwords-seen.txt", seen(&String::from_utf8_lossy(&list)));
    }
}

#[test]
fn both_lists_are_in_the_form_that_passwords_are_compared_in() {
    for name in ["long-passwords-seen.txt", "long-passwords-made.txt"] {
        let (_, held) = read(name);
        assert!(held.is_sorted_by(|one, next| one < next), "{name} is in order, and each stands there once");
        for password in held {
            assert!(LENGTHS.contains(&password.chars().count()), "{name}: {password}");
            assert!(password == password.to_lowercase() && is_nfc(&password), "{name}: {password}");
        }
    }
}
