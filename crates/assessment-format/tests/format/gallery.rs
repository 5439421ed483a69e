//! The assessments in `docs/assessments`, and the documents of this crate.

use std::{collections::BTreeSet, fs, path::Path};

use assessment_format::{Code, format, parse, render};

#[test]
fn every_assessment_of_the_gallery_is_whole_and_in_order() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/assessments");
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name == "README.md" {
            continue;
        }
        let file = fs::read_to_string(&path).unwrap();
        let checked = parse(&file);
        assert!(checked.diagnostics.is_empty(), "{}", render(&checked.diagnostics, &name, &file));
        assert_eq!(format(&file).unwrap(), file, "{name}");
        let definition = checked.definition.unwrap();
        assert_eq!(std::format!("{}.md", definition.slug()), name);
        assert!(
            definition.items.len() >= 8
                && definition.dimensions.iter().all(|dimension| !dimension.description.is_empty())
        );
        assert!(definition.notes.iter().any(|note| note.heading == "Sources"));
        names.insert(name);
    }
    assert_eq!(names.len(), 6);
}

#[test]
fn the_specification_lists_every_rule_and_its_example_keeps_them() {
    let specification = include_str!("../../FORMAT.md");
    let (_, rules) = specification.split_once("## Rules").unwrap();
    let listed: Vec<&str> =
        rules.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    let all: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(listed, all);

    let (_, example) = specification.split_once("```markdown\n").unwrap();
    let (example, _) = example.split_once("```\n").unwrap();
    let checked = parse(example);
    assert!(checked.diagnostics.is_empty(), "{}", render(&checked.diagnostics, "FORMAT.md", example));
}
