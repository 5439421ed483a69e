//! A file to begin with.

use prose::{heading, is_forbidden, yaml};

/// A file to begin with, for an assessment of this name: every key with a comment, every section with an example.
/// It keeps all rules. Without a name that can stand, it is called `New assessment`.
pub fn template(name: &str) -> String {
    let name = name.trim();
    let sound = !name.is_empty() && name.chars().count() <= 120 && !name.contains(is_unfit);
    let name = if sound && crate::Slug::of(name).is_some() { name } else { "New assessment" };
    include_str!("template.md").replace("{{name}}", &yaml(name)).replace("{{title}}", &heading(name))
}

fn is_unfit(c: char) -> bool {
    c == '\n' || is_forbidden(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_file_keeps_all_rules_whatever_its_name() {
        for name in ["Leadership", "R&D: *all* [of] it", "\"Quoted\" # no", "", "…", "a\nb", "Führung"] {
            let file = template(name);
            let checked = crate::parse(&file);
            assert!(
                checked.diagnostics.is_empty(),
                "{}",
                crate::render(&checked.diagnostics, "new.md", &file)
            );
            let ordered = crate::format(&file).unwrap();
            assert_eq!(ordered, file, "{name}");
        }
        assert!(template("…").contains("name: New assessment\n"));
    }
}
