//! Plain text as markdown and YAML, with no more escapes than it needs.

use std::borrow::Cow;

/// Plain text as the text of a heading.
pub fn heading(text: &str) -> Cow<'_, str> {
    if !text.contains(['\\', '`', '*', '_', '[', ']', '<', '&', '#']) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let after = text[at + c.len_utf8()..].chars().next();
        let needs = match c {
            '\\' | '`' | '*' | '[' | ']' | '<' => true,
            // Within a word it is no emphasis.
            '_' => !(before.is_alphanumeric() && after.is_some_and(char::is_alphanumeric)),
            // `&amp;` would be an entity.
            '&' => text[at..].contains(';'),
            // A heading may end in hashes after a space.
            '#' => before == ' ' || before == '#',
            _ => false,
        };
        if needs {
            escaped.push('\\');
        }
        escaped.push(c);
        before = c;
    }
    Cow::Owned(escaped)
}

/// A line of markdown as a cell of a table.
pub fn cell(line: &str) -> Cow<'_, str> {
    if line.contains('|') { Cow::Owned(line.replace('|', "\\|")) } else { Cow::Borrowed(line) }
}

/// Plain text as a YAML scalar; quoted wherever another reader of YAML might take it for something else.
pub fn yaml(text: &str) -> String {
    const WORDS: [&str; 10] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan"];
    let begins_well = text.starts_with(char::is_alphabetic);
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '/' | '.');
    let is_word = WORDS.iter().any(|word| word.eq_ignore_ascii_case(text));
    if begins_well && text.chars().all(is_plain) && !is_word && !text.ends_with(' ') {
        return text.to_owned();
    }
    // A JSON string is a YAML string.
    serde_json::to_string(text).unwrap_or_default()
}
