//! Files that were written to do harm, or by accident. All of them end, with something useful said.

use assessment_format::{Checked, Code, format, markdown::MAX_SIZE, parse, render};

/// A file with this body.
fn file(body: &str) -> String {
    format!("---\nschema: assessment/1\nname: Hostile\n---\n{body}")
}

/// What is told of it; there is always a word, and no definition.
#[track_caller]
fn codes(file: impl AsRef<[u8]>) -> Vec<Code> {
    let Checked { definition, diagnostics } = parse(&file);
    assert!(definition.is_none() && !diagnostics.is_empty());
    let shown = render(&diagnostics, "hostile.md", &String::from_utf8_lossy(file.as_ref()));
    assert!(shown.len() < 2 << 20, "{} bytes of messages", shown.len());
    diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
}

#[test]
fn ten_megabytes_are_refused_unread() {
    let checked = parse(vec![b'#'; 10 << 20]);
    assert_eq!(checked.diagnostics.len(), 1);
    assert_eq!(
        checked.diagnostics[0].to_string(),
        "1:1: error[too-large]: the file has 10485760 bytes; at most 262144 are allowed"
    );
    assert_eq!(codes(file(&"a".repeat(MAX_SIZE))), [Code::TooLarge]);
    assert_ne!(codes(file(&"a".repeat(MAX_SIZE - 50))), [Code::TooLarge]);
}

#[test]
fn what_is_not_text_is_refused() {
    assert_eq!(codes(b"---\nname: Caf\xe9\n---\n"), [Code::NotUtf8]);
    assert_eq!(codes(b"\xff\xfe-\0-\0-\0"), [Code::NotUtf8]);
    assert!(
        codes(file("\0\u{1b}[31m\u{85}")).iter().filter(|code| **code == Code::ForbiddenCharacter).count()
            == 3
    );
    for mark in [
        '\u{61c}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202e}', '\u{2066}', '\u{2069}', '\u{2028}',
        '\u{feff}',
    ] {
        assert!(codes(file(&mark.to_string())).contains(&Code::ForbiddenCharacter), "{mark:?}");
    }
}

#[test]
fn of_a_hundred_thousand_mistakes_a_thousand_are_told() {
    let codes = codes(file(&"### x\n".repeat(40_000)));
    assert_eq!(codes.len(), 1_001);
    assert_eq!(codes.last(), Some(&Code::TooManyFaults));
    assert_eq!(self::codes(file(&"\u{202e}".repeat(80_000))).len(), 1_001);
}

#[test]
fn a_million_headings_of_any_kind_end() {
    for heading in ["#\n", "## a\n", "## Dimensions\n", "### a\n", "a\n-\n", "a\n=\n"] {
        codes(file(&heading.repeat(MAX_SIZE / heading.len() - 60)));
    }
    let dimensions = format!("## Dimensions\n{}", "### a\n- weight: 1%\n".repeat(13_000));
    assert!(codes(file(&dimensions)).contains(&Code::OutOfRange));
    let items = format!("## Items\n{}", "1. a\n   - id: b\n".repeat(15_000));
    assert!(codes(file(&items)).contains(&Code::OutOfRange));
}

#[test]
fn nesting_of_any_kind_ends() {
    let nested = [
        ">".repeat(200_000),
        "> ".repeat(100_000),
        "- ".repeat(100_000),
        "- ".repeat(100_000) + &"\n".repeat(60_000),
        "1. ".repeat(80_000),
        "> - ".repeat(50_000),
        (0..500).map(|n| format!("{}- a\n", " ".repeat(2 * n))).collect(),
        (0..45).map(|n| format!("{}- a\n", "  ".repeat(n))).collect::<String>() + &"\n".repeat(200_000),
        "*".repeat(200_000),
        "*a_".repeat(80_000),
        "[".repeat(200_000),
        "[a](".repeat(60_000),
        "[a](<b".repeat(40_000),
        "![[".repeat(80_000),
        "`".repeat(200_000),
        (1..600).map(|n| "`".repeat(n) + " ").collect(),
        "&".repeat(200_000),
        "<".repeat(200_000),
        "<!--".repeat(60_000),
        "<a b='".repeat(40_000),
        "<?".repeat(100_000),
        "<![CDATA[".repeat(20_000),
        "\\".repeat(200_000),
        "[a]: b\n".repeat(35_000),
        "[a]: https://b\n".repeat(15_000) + &"[a]".repeat(3_000),
        "|".repeat(100_000) + "\n" + &"|-".repeat(60_000) + "\n",
        format!("{}\n{}\n{}", "|a".repeat(3_000), "|-".repeat(3_000), "|\n".repeat(100_000)),
        "| score | b |\n|---|---|\n".to_owned() + &"| 1 | x |\n".repeat(20_000),
        "```\n".repeat(60_000),
        "~~~ a\n".repeat(40_000),
        "\t".repeat(50_000),
        "\r".repeat(200_000),
        "a\\\n".repeat(60_000),
        " ".repeat(250_000),
    ];
    for text in &nested {
        codes(file(text));
        codes(file(&format!("## Dimensions\n### a\n- weight: 1\n\n{text}")));
        codes(file(&format!("## Items\n1. {text}")));
        codes(file(&format!("## Interview guidelines\n### Ask about {text}")));
    }
}

#[test]
fn yaml_that_grows_or_loops_is_refused() {
    let bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c, *c]\n";
    assert!(codes(format!("---\n{bomb}---\n")).contains(&Code::YamlAlias));
    assert!(codes("---\na: &a [*a]\n---\n").contains(&Code::YamlAlias));
    assert!(codes("---\n<<: *base\nname: x\n---\n").contains(&Code::YamlAlias));
    assert!(codes("---\nname: !!python/object:os.system x\n---\n").contains(&Code::YamlAlias));
    for yaml in [
        "[".repeat(100_000),
        "{a: ".repeat(60_000),
        "- ".repeat(100_000),
        "? ".repeat(100_000),
        "a: ".repeat(80_000),
    ] {
        assert!(codes(format!("---\n{yaml}\n---\n")).contains(&Code::YamlSyntax));
    }
    let wide: String = (0..20_000).map(|n| format!("k{n}: 1\n")).collect();
    assert_eq!(codes(format!("---\n{wide}---\n")).len(), 1_001);
    assert!(codes("---\n%YAML 1.2\n--- \nname: x\n---\n").contains(&Code::YamlSyntax));
    assert!(codes("---\n? [a, b]\n: c\n---\n").contains(&Code::WrongType));
}

#[test]
fn conditions_and_names_of_any_length_end() {
    let category = |when: &str| {
        file(&format!(
            "## Dimensions\n### a\n- weight: 1\n\nA.\n## Result categories\n### b\n- when: {when}\n### c\n- default: true\n"
        ))
    };
    for when in ["(".repeat(100_000), "not ".repeat(50_000), "a>1 and ".repeat(30_000), "a".repeat(200_000)] {
        assert!(codes(category(&when)).contains(&Code::Condition));
    }
    assert!(codes(file(&format!("## {}", "x".repeat(200_000)))).contains(&Code::TooLong));
    assert!(
        codes(file(&format!("## Dimensions\n### {}\n- {}: 1", "x".repeat(100_000), "y".repeat(100_000))))
            .contains(&Code::TooLong)
    );
}

#[test]
fn ninety_nine_conditions_are_compared() {
    let dimensions: String = (0..5).map(|n| format!("### d{n}\n- weight: 20%\n\nD.\n")).collect();
    let categories: String = (0..99)
        .map(|n| {
            let parts = (0..5)
                .map(|d| format!("d{d} >= {} and not d{} == {}", 2 + (n + d) % 2, (d + n) % 5, 2 + n % 2));
            format!("### c{n}\n- when: {}\n", parts.collect::<Vec<_>>().join(" or "))
        })
        .collect();
    let body = format!(
        "## Dimensions\n{dimensions}## Result categories\n{categories}### z\n- default: true\n## Items\n1. a\n   - id: a\n   - answer: text\n"
    );
    let checked = parse(file(&body));
    assert!(checked.definition.is_some());
    assert!(checked.diagnostics.iter().all(|diagnostic| diagnostic.code != Code::CategoriesUnchecked));
}

#[test]
fn a_file_that_would_grow_over_the_limit_is_refused() {
    let head =
        "## Dimensions\n### a\n- weight: 1\n\nA.\n## Result categories\n### c\n- default: true\n## Items\n";
    let with = |notes: &str| {
        let mut body = format!("{head}1. a\n   - id: b\n   - answer: text\n   - measures: a\n");
        for n in 0..13 {
            body.push_str(&format!("## Note {n}\n{}\n", "a".repeat(19_900)));
        }
        body.push_str(notes);
        let room = MAX_SIZE - file(&body).len();
        file(&format!("{body}## Last\n{}\n", "a".repeat(room - 9)))
    };
    // Every bracket of a heading is printed with a backslash.
    let grows = with(&format!("## {}\n", "a]".repeat(60)));
    assert_eq!(grows.len(), MAX_SIZE);
    assert_eq!(codes(&grows), [Code::TooLarge]);
    let fits = with("").replace("aaaaaaaaaa", "aaaaaaaaa");
    assert!(format(&fits).is_ok_and(|ordered| ordered.len() <= MAX_SIZE));
}
