//! `docs/writing-assessments.md` is what it says: its examples are sound, and what it shows of the program is what
//! the program says.
//!
//! A `markdown` block that begins with `---` is a whole file, called after its name. Another is a part, which takes
//! the place of the part with the same heading, or of the items with the same numbers, in the last whole file;
//! where there is none it stands at the end. The `console` block after a part shows the commands with the part in
//! place, and what they say; a part without one has no mistakes. A `json` block is answers.json.

use std::{fs, mem};

use assessment_format::parse;

use super::{Folder, documents};

struct Block<'g> {
    kind: &'g str,
    text: &'g str,
}

fn guide() -> String {
    fs::read_to_string(documents().join("writing-assessments.md")).unwrap()
}

fn blocks(guide: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut rest = guide;
    while let Some((_, after)) = rest.split_once("\n```") {
        let (kind, after) = after.split_once('\n').unwrap();
        let (text, after) = after.split_once("```\n").unwrap();
        blocks.push(Block { kind, text });
        rest = after;
    }
    blocks
}

/// The file with the part in its place.
fn put(file: &str, part: &str) -> String {
    let lines: Vec<&str> = file.lines().collect();
    let begins = part.lines().next().unwrap();
    let (from, to) = if let Some(depth) = heading(begins) {
        let Some(from) = lines.iter().position(|line| *line == begins) else {
            return format!("{file}\n{part}");
        };
        let ends = |line: &&str| heading(line).is_some_and(|other| other <= depth);
        (from, lines[from + 1..].iter().position(ends).map(|after| from + 1 + after))
    } else {
        let numbers: Vec<u32> = part.lines().filter_map(item).collect();
        let from = lines.iter().position(|line| item(line).is_some_and(|number| number == numbers[0]));
        let after = |line: &&str| item(line).is_some_and(|number| Some(&number) > numbers.last());
        (from.unwrap(), lines.iter().position(after))
    };
    let (before, after) = (lines[..from].join("\n"), lines[to.unwrap_or(lines.len())..].join("\n"));
    format!("{before}\n{part}\n{after}")
}

fn heading(line: &str) -> Option<usize> {
    let depth = line.bytes().take_while(|byte| *byte == b'#').count();
    (depth > 0).then_some(depth)
}

fn item(line: &str) -> Option<u32> {
    line.split_once(". ")?.0.parse().ok()
}

#[test]
fn every_whole_file_of_the_guide_is_sound() {
    let guide = guide();
    let whole = |block: &&Block<'_>| block.kind == "markdown" && block.text.starts_with("---\n");
    let files: Vec<&str> = blocks(&guide).iter().filter(whole).map(|block| block.text).collect();
    assert!(files.len() >= 2);
    for file in files {
        assert_eq!(parse(file).diagnostics, [], "{file}");
    }
}

#[test]
fn the_program_says_what_the_guide_shows() {
    let guide = guide();
    let folder = Folder::new();
    let (mut name, mut whole, mut part) = (String::new(), "", None);
    let mut shown = 0;
    let without_console = |part: &mut Option<String>| {
        if let Some(file) = part.take() {
            assert_eq!(parse(&file).diagnostics, [], "{file}");
        }
    };
    for Block { kind, text } in blocks(&guide) {
        match kind {
            "markdown" if text.starts_with("---\n") => {
                without_console(&mut part);
                whole = text;
                name = format!("{}.md", parse(text).definition.unwrap().slug());
                folder.write(&name, whole);
            }
            "markdown" => {
                without_console(&mut part);
                part = Some(put(whole, text));
            }
            "json" => folder.write("answers.json", text),
            "console" => {
                let with_part = mem::take(&mut part);
                folder.write(&name, with_part.as_deref().unwrap_or(whole));
                assert_eq!(session(&folder, text), text);
                folder.write(&name, whole);
                shown += 1;
            }
            "sh" => (),
            other => panic!("nobody looks at blocks of {other}"),
        }
    }
    without_console(&mut part);
    assert!(shown >= 10, "{shown} sessions are shown");
}

/// The commands of a session, each followed by what it says.
fn session(folder: &Folder, shown: &str) -> String {
    let commands = shown.lines().filter_map(|line| line.strip_prefix("$ touchstone assessment "));
    let said = commands.map(|command| {
        let said = folder.run(&command.split(' ').collect::<Vec<_>>());
        format!("$ touchstone assessment {command}\n{}{}", said.out, said.err)
    });
    said.collect()
}

#[test]
fn every_command_the_guide_names_is_one() {
    let guide = guide();
    let folder = Folder::new();
    let mut named: Vec<&str> = guide
        .split("touchstone assessment ")
        .skip(1)
        .filter_map(|after| after.split([' ', '`', '\n']).next())
        .collect();
    named.sort_unstable();
    named.dedup();
    assert_eq!(named, ["check", "fmt", "new", "score"]);
    for command in named {
        folder.run(&[command, "--help"]).ended(0);
    }
}

#[test]
fn a_part_takes_the_place_of_its_like() {
    let file = "## A\n\n### B\nold\n### C\nc\n## D\n1. x\n2. y\n   z\n3. w\n";
    assert_eq!(put(file, "### B\nnew\n"), "## A\n\n### B\nnew\n\n### C\nc\n## D\n1. x\n2. y\n   z\n3. w");
    assert_eq!(put(file, "2. new\n"), "## A\n\n### B\nold\n### C\nc\n## D\n1. x\n2. new\n\n3. w");
    assert_eq!(
        put(file, "1. a\n2. b\n3. c\n4. d\n"),
        "## A\n\n### B\nold\n### C\nc\n## D\n1. a\n2. b\n3. c\n4. d\n\n"
    );
    assert_eq!(put(file, "## E\n"), format!("{file}\n## E\n"));
}
