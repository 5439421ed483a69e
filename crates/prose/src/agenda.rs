//! A small type of document, on which the tests of this crate run: the topics of a meeting, with keys and prose.

use crate::{
    Block, Check, Dialect, Document, Field, Format, Kind, Log, MOST, Node, Page, Section, Slug, Value,
    bullet_before, document, parse, percent, render, with_comments, yaml,
};

crate::codes! {
    /// A rule of agendas.
    pub(crate) enum Code {
        /// Shares that are more than the whole.
        TooMuch = "too-much", "A meeting ends when it was said to end.";
    }
    why {
        Title = "A meeting has one agenda.";
    }
}

/// The sections of an agenda.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// What is talked about.
    Topics,
    /// What is not.
    Later,
}

impl Section for Part {
    const ALL: &'static [Self] = &[Self::Topics, Self::Later];

    fn heading(self) -> &'static str {
        match self {
            Self::Topics => "Topics",
            Self::Later => "Not today",
        }
    }

    fn other_words(self) -> &'static [&'static str] {
        match self {
            Self::Topics => &["Points"],
            Self::Later => &[],
        }
    }
}

/// The format `agenda/1`.
pub(crate) const FORMAT: Format = Format {
    has_keys: |heading| heading == "Topics",
    examples: &[("share", "40%")],
    ..Format::new("agenda/1", "agenda")
};

const SETTINGS: &[&str] = &["schema", "name", "slug", "language", "kind"];
const KINDS: [&str; 2] = ["weekly", "once"];

/// What an agenda says.
#[derive(Debug, Clone, PartialEq)]
struct Agenda {
    name: String,
    slug: Option<Slug>,
    language: Option<String>,
    kind: Option<&'static str>,
    about: String,
    topics: Vec<Topic>,
    later: Vec<String>,
    notes: Vec<(String, String)>,
}

#[derive(Debug, Clone, PartialEq)]
struct Topic {
    id: Slug,
    name: String,
    share: rust_decimal::Decimal,
    about: String,
}

fn tree<'s>(text: &'s str, log: &mut Log<Code>) -> Option<Node<'s>> {
    let (mut topics, mut later) = (Vec::new(), Vec::new());
    let document = document(text, &FORMAT, SETTINGS, log, |reader, part, group| match part {
        Part::Topics => topics.extend(group.pieces.iter().map(|piece| {
            let mut fields = vec![Field::added("name", piece.name_node())];
            let keys = reader.keys(piece, &["id", "share"], &mut fields);
            fields.extend(reader.rest(piece, keys).map(|prose| Field::added("about", prose)));
            Node::new(piece.at(), Value::Map(fields))
        })),
        Part::Later => {
            let lists = group.head.blocks.iter().filter(|block| block.kind == Kind::Bullets);
            later.extend(lists.flat_map(|list: &Block| reader.lines(list)));
        }
    })?;
    let Document { settings, title, notes, at } = document;
    let list = |nodes| Node::new(at.clone(), Value::List(nodes));
    let mut fields = vec![
        Field::added("settings", settings),
        Field::added("topics", list(topics)),
        Field::added("later", list(later)),
        Field::added("notes", list(notes)),
    ];
    fields.extend(title.map(|title| Field::added("title", title)));
    Some(Node::new(at, Value::Map(fields)))
}

fn check(root: &Node<'_>, dialect: Dialect, log: &mut Log<Code>) -> Option<Agenda> {
    let mut check = Check { dialect, log, format: &FORMAT };
    let fields = check.map(root, &["settings", "topics", "later", "notes"])?;
    let title = fields.get("title").and_then(|node| check.name(node).map(|name| (name, node.at.clone())));
    let settings = check.required(&fields, "settings", root)?;
    let of = check.map(settings, &[SETTINGS, &["description"]].concat())?;
    check.schema(&of, settings);
    let (name, slug) = check.names(&of, settings, title);
    let language = of.get("language").and_then(|node| check.language(node));
    let kind = of.get("kind").and_then(|node| check.named(node, &KINDS, |kind| kind));
    let about = of.get("description").and_then(|node| check.prose(node, 4));
    let mut topics: Vec<Topic> = Vec::new();
    let section = check.section(&fields, Part::Topics, "topics", "topic", &root.at);
    for node in section.map(|(nodes, _)| nodes).unwrap_or_default() {
        let Some(of) = check.map(node, &["name", "id", "share", "about"]) else { continue };
        let name = check.required(&of, "name", node).and_then(|name| check.name(name));
        let share = check.required(&of, "share", node).and_then(|share| check.share(share, 2));
        let ids: Vec<Slug> = topics.iter().map(|topic| topic.id.clone()).collect();
        let id = check.id_of(&of, name.as_deref(), &node.at, &ids);
        let about = of.get("about").and_then(|about| check.prose(about, 4)).unwrap_or_default();
        let (Some(name), Some(share), Some(id)) = (name, share, id) else { continue };
        topics.push(Topic { id, name, share, about });
    }
    if topics.iter().map(|topic| topic.share).sum::<rust_decimal::Decimal>() > rust_decimal::Decimal::ONE {
        check.log.warn(Code::TooMuch, &root.at, "the shares are more than the whole", "");
    }
    let later = fields.get("later").and_then(|node| check.list(node, MOST)).unwrap_or_default();
    let later = later.iter().filter_map(|node| check.line(node)).collect();
    let meant =
        |heading: &str| (Part::of(heading) != Err(None)).then(|| "give it another heading".to_owned());
    let notes = fields.get("notes").map(|node| check.notes(node, meant, 3)).unwrap_or_default();
    let about = about.unwrap_or_default();
    let agenda = Agenda { name: name?, slug, language, kind, about, topics, later, notes };
    Some(agenda).filter(|_| !check.log.has_errors())
}

fn read(file: &[u8]) -> (Option<Agenda>, Vec<crate::Diagnostic<Code>>) {
    parse(file, &FORMAT, |text, log| check(&tree(text, log)?, Dialect::Markdown, log))
}

fn print(agenda: &Agenda) -> String {
    let mut page = Page::new();
    page.line("---");
    page.setting("schema", FORMAT.schema);
    page.setting("name", yaml(&agenda.name));
    agenda.slug.iter().for_each(|slug| page.setting("slug", yaml(slug.as_str())));
    agenda.language.iter().for_each(|language| page.setting("language", yaml(language)));
    agenda.kind.iter().for_each(|kind| page.setting("kind", kind));
    page.line("---");
    page.note(1, &agenda.name, &agenda.about);
    page.heading(2, Part::Topics.heading());
    for Topic { id, name, share, about } in &agenda.topics {
        page.heading(3, name);
        page.line("");
        page.key(bullet_before(about), "id", id);
        page.key(bullet_before(about), "share", percent(*share));
        page.prose(about);
    }
    if !agenda.later.is_empty() {
        page.heading(2, Part::Later.heading());
        page.line("");
        agenda.later.iter().for_each(|line| page.line(format_args!("- {line}")));
    }
    agenda.notes.iter().for_each(|(heading, text)| page.note(2, heading, text));
    page.finish()
}

const FILE: &str = "\
---
schema: agenda/1
name: Monday  # before ten
# where we meet
language: de
---

# Monday

Bring *coffee*.

## Topics

### Hiring

- id: hire
- share: 60%

Two offers.

### Office

* id: office
* share: 0.4

- or
- not

## Not today

- Budgets

## Sources

The board.
";

/// What is told of a file in which something was replaced.
#[track_caller]
fn told(from: &str, to: &str) -> Vec<String> {
    assert!(FILE.contains(from), "{from}");
    read(FILE.replace(from, to).as_bytes()).1.iter().map(ToString::to_string).collect()
}

#[test]
fn a_file_is_read_as_it_was_meant() {
    let (agenda, faults) = read(FILE.as_bytes());
    assert!(faults.is_empty(), "{}", render(&faults, "monday.md", FILE));
    let agenda = agenda.unwrap();
    assert_eq!((&*agenda.name, &*agenda.about), ("Monday", "Bring *coffee*."));
    assert_eq!((agenda.topics[1].name.as_str(), agenda.topics[1].about.as_str()), ("Office", "- or\n- not"));
    assert_eq!(agenda.later, ["Budgets"]);
    assert_eq!(agenda.notes, [("Sources".to_owned(), "The board.".to_owned())]);
}

#[test]
fn what_is_printed_reads_back_as_the_same_with_the_comments_of_the_front_matter() {
    let agenda = read(FILE.as_bytes()).0.unwrap();
    let printed = with_comments(FILE, print(&agenda));
    assert_eq!(printed, FILE.replace("0.4", "40%"));
    assert_eq!(read(printed.as_bytes()), (Some(agenda), vec![]));
}

#[test]
fn each_mistake_is_told_once_where_it_is() {
    for (from, to, what) in [
        ("---\nschema", "schema", "1:1: error[front-matter-missing]: the file does not begin with `---`"),
        ("---\n\n", "\n", "1:1: error[front-matter-open]: the front matter never ends"),
        ("agenda/1", "agenda/2", "2:9: error[unknown-schema]: `agenda/2` is not a format this program knows"),
        ("language: de", "language: [", "5:11: error[yaml-syntax]: "),
        ("language: de", "language: &a de", "5:11: error[yaml-alias]: an anchor is not allowed"),
        ("language: de", "language: Deutsch", "5:11: error[bad-language]: `Deutsch` is not a language tag"),
        (
            "language: de",
            "kind: weakly",
            "5:7: error[unknown-value]: `weakly` is not a value that is known here",
        ),
        (
            "language: de",
            "langauge: de",
            "5:1: error[unknown-key]: `langauge` is not a key the format knows here",
        ),
        ("# Monday\n", "# Tuesday\n", "8:1: error[title]: the title is `Tuesday`, but the name is `Monday`"),
        (
            "## Topics",
            "## Points",
            "12:1: error[unknown-section]: `Points` is not a section the format knows",
        ),
        ("## Sources", "## Topics", "33:1: error[duplicate-section]: there is a second section `Topics`"),
        ("### Hiring", "### *Hiring*", "14:1: error[markup-in-name]: a heading is plain text"),
        ("- id: hire", "- hire", "16:3: error[not-a-key]: this entry is not `key: value`"),
        (
            "- share: 60%\n",
            "- share: 60%\n- share: 1%\n",
            "18:3: error[duplicate-key]: `share` is given a second time",
        ),
        ("- share: 60%\n", "", "14:1: error[missing-key]: there is no `share`"),
        ("60%", "60", "17:10: error[out-of-range]: 60 is not a share of a whole"),
        ("60%", "much", "17:10: error[wrong-type]: `much` is not a number"),
        ("60%", "70%", "8:1: warning[too-much]: the shares are more than the whole"),
        ("id: office", "id: hire", "23:7: error[duplicate-id]: the id `hire` is taken"),
        ("id: office", "id: Office", "23:7: error[bad-id]: `Office` is not an id: it must be 1 to 64 "),
        ("Two", "<b>Two</b>", "19:1: error[raw-html]: HTML is not allowed"),
        ("Two", "[Two](http://a)", "19:1: error[link-not-https]: the link leads to `http://a`"),
        ("Two offers.", "```\nTwo offers.", "19:1: error[unclosed-code]: the code block is never closed"),
        ("- Budgets", "- Budgets\n\n  Plans", "33:3: error[misplaced]: an entry here is one paragraph"),
    ] {
        let told = told(from, to);
        assert!(told[0].starts_with(what), "{told:#?}\n{what}");
    }
}

#[test]
fn an_id_a_type_gives_an_example_for_is_hinted_at_and_a_rule_has_the_words_of_its_type() {
    let file = FILE.replace("- share: 60%\n", "").replace("# Monday\n", "# Tuesday\n");
    let shown = render(&read(file.as_bytes()).1, "monday.md", &file);
    assert!(shown.contains("= help: add `share: 40%`"), "{shown}");
    assert!(shown.contains("= why: A meeting has one agenda."), "{shown}");
    assert_eq!(Code::ALL.len(), Code::TooMuch as usize + 1);
    assert_eq!(serde_json::to_string(&Code::TooMuch).unwrap(), "\"too-much\"");
}

#[test]
fn json_is_read_by_the_same_rules_with_pointers_for_places() {
    let json = |share: &str, about: &str| {
        serde_json::json!({
            "settings": { "name": "Monday" },
            "topics": [{ "name": "Hiring", "share": share, "about": about }],
        })
    };
    let read = |json| crate::json::check(&json, &FORMAT, |root, log| check(root, Dialect::Json, log));
    let (agenda, faults) = read(json("1", "Two\toffers."));
    assert_eq!((agenda.unwrap().topics[0].about.as_str(), faults), ("Two offers.", vec![]));
    let (_, faults) = read(json("2", "### Two <b>offers</b>"));
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "/topics/0/share: error[out-of-range]: 2 is not a share of a whole",
            "/topics/0/about: error[raw-html]: HTML is not allowed",
            "/topics/0/about: error[misplaced]: a heading of level 3 cannot stand here",
        ]
    );
}

proptest::proptest! {
    #[test]
    fn whatever_the_bytes_reading_ends_and_what_is_read_prints_and_reads_back(
        at in 0..FILE.len(),
        length in 0..40_usize,
        text in "(?s).{0,20}",
    ) {
        let end = (at + length).min(FILE.len());
        let file = [&FILE.as_bytes()[..at], text.as_bytes(), &FILE.as_bytes()[end..]].concat();
        let (agenda, faults) = read(&file);
        render(&faults, "any.md", &String::from_utf8_lossy(&file));
        if let Some(agenda) = agenda {
            let (again, told) = read(print(&agenda).as_bytes());
            proptest::prop_assert_eq!(again, Some(agenda));
            // What is warned of in the file, such as too large shares, is so in what is printed, and nothing else.
            let was_told = |fault: &crate::Diagnostic<Code>| faults.iter().any(|of| of.what == fault.what);
            proptest::prop_assert!(told.iter().all(was_told), "{told:?}");
        }
    }
}
