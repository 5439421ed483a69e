//! Arbitrary definitions, with texts that try to be taken for structure.

use assessment_format::{
    Condition, Content, Definition, Slug, Version,
    definition::{
        Anchor, Answer, Category, CategoryRule, Choice, Correct, Dimension, Disclosure, Guidelines,
        Interview, Introductions, Item, Kind, Likert, Measure, Note, OptionScore, Part, Question, Scale,
        Settings, Style, TieBreak, TieRule, Topic,
    },
};
use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::{select, subsequence},
};
use rust_decimal::Decimal;

/// A definition that keeps every rule.
pub(crate) fn definitions() -> impl Strategy<Value = Definition> {
    contents().prop_map(|content| {
        Definition::new(&content).unwrap_or_else(|faults| panic!("{faults}\n{content:#?}"))
    })
}

fn contents() -> impl Strategy<Value = Content> {
    let kind = select(vec![Kind::SingleOutcome, Kind::MultiDimensional, Kind::Comparative]);
    let winner = select(vec![TieBreak::Order, TieBreak::Weight, TieBreak::Default]);
    (kind, settings(), 1..6_usize, winner).prop_flat_map(|(kind, settings, count, winner)| {
        let count = match kind {
            Kind::SingleOutcome => 1,
            Kind::MultiDimensional => count,
            Kind::Comparative => count + 1,
        };
        let mut settings = Settings { kind, ..settings };
        settings.tie = (kind == Kind::Comparative).then_some(TieRule { margin: Decimal::new(1, 2), winner });
        (Just(settings.clone()), dimensions(count, settings.scale.min))
            .prop_flat_map(|(settings, dimensions)| rest(&settings, dimensions))
    })
}

fn rest(settings: &Settings, dimensions: Vec<Dimension>) -> impl Strategy<Value = Content> + use<> {
    let ids: Vec<Slug> = dimensions.iter().map(|dimension| dimension.id.clone()).collect();
    let parts = distinct(vec(name(), 0..3)).prop_flat_map(|names| {
        let part = |name: String| {
            prose(Slot::NoNumbers).prop_map(move |instructions| Part {
                id: Slug::of(&name).unwrap(),
                name: name.clone(),
                instructions,
            })
        };
        names.into_iter().map(part).collect::<Vec<_>>()
    });
    let introductions = (prose(Slot::Any), prose(Slot::Any), prose(Slot::Any), prose(Slot::NoNumbers));
    let introductions = introductions.prop_map(|(dimensions, categories, guidelines, items)| Introductions {
        dimensions,
        categories,
        guidelines,
        items,
    });
    let notes = vec(note(Slot::Headings3), 0..3);
    let items = vec(item(ids.clone()), 0..9);
    let likert = settings.default_answer.clone();
    let given = (Just(settings.clone()), Just(dimensions));
    (given, categories(settings, ids.clone()), guidelines(ids), parts, items, introductions, notes).prop_map(
        move |((settings, dimensions), categories, guidelines, parts, items, introductions, notes)| {
            let (mut guidelines, mut parts, mut items) = (guidelines, parts, items);
            let mut introductions: Introductions = introductions;
            let count = items.len();
            if count == 0 {
                (parts, introductions.items) = (Vec::new(), String::new());
                ask_something(&mut guidelines, &dimensions[0].id);
            }
            for (n, item) in items.iter_mut().enumerate() {
                item.id = Slug::new(format!("i{n}")).unwrap();
                // Items outside the parts come first, then those of each part.
                let part = (n * (parts.len() + 1) / count).checked_sub(1);
                item.part = part.map(|part| parts[part].id.clone());
                if let (0, Some(likert)) = (n % 3, &likert) {
                    item.answer = Answer::Agree(likert.clone());
                }
                if let Answer::MultipleChoice { options, most, .. } = &mut item.answer {
                    *most = (*most).min(options.len() as u8);
                }
                let scored = |choice: &Choice| choice.worth != OptionScore::Nothing;
                let mut named: Vec<Slug> = Vec::new();
                if let Answer::SingleChoice { options } | Answer::MultipleChoice { options, .. } =
                    &item.answer
                {
                    if !options.iter().any(scored) {
                        item.measures.clear();
                    }
                    for choice in options {
                        if let OptionScore::Toward(points) = &choice.worth {
                            named.extend(points.iter().map(|(id, _)| id.clone()));
                        }
                    }
                }
                if !named.is_empty() {
                    let own =
                        dimensions.iter().map(|dimension| &dimension.id).filter(|id| named.contains(id));
                    item.measures =
                        own.map(|id| Measure { dimension: id.clone(), reversed: false }).collect();
                }
            }
            // A list where no item is was meant as items.
            let has_item = |part: &Part| items.iter().any(|item| item.part.as_ref() == Some(&part.id));
            for part in parts.iter_mut().filter(|part| !has_item(part)) {
                part.instructions.clear();
            }
            Content { settings, dimensions, categories, guidelines, parts, items, introductions, notes }
        },
    )
}

/// Plain text that would be markup, keys or YAML if it were not escaped. It has letters, for a slug.
pub(crate) fn name() -> impl Strategy<Value = String> {
    let piece = select(vec![
        "a",
        "Bé",
        "x y",
        "*b*",
        "_c_",
        "d_e",
        "`f`",
        "[g](h)",
        "<i>",
        "&amp;",
        "R&D",
        "# j",
        "#",
        "\\",
        "- k",
        "1. l",
        ": m",
        "\"n\"",
        "'o'",
        "true",
        "null",
        "| p",
        "!",
        "ß",
        "日本",
        "~",
        "{q}",
        "%r",
        "@",
        "C#",
        ">s",
        "[ ]",
        "[x]",
        "-\u{a0}k",
        "l\u{a0}:",
        "\u{2003}m",
    ]);
    (vec(piece, 1..4), "[a-z]{1,6}", any::<bool>()).prop_map(|(pieces, word, first)| {
        let text = pieces.join(" ");
        if first { format!("{word} {text}") } else { format!("{text} {word}") }
    })
}

/// A line of markdown that is a paragraph.
fn line() -> impl Strategy<Value = String> {
    let piece = select(vec![
        "words",
        "*bold*",
        "`a | b`",
        "[link](https://example.org/a?b=c)",
        "a \\| b",
        "x < y",
        "&lt;",
        "key: value",
        "[x] y",
        "[ref]",
        "1. z",
        "# no",
        "- no",
        "\\",
        "\\*",
        "“quote”",
        "-\u{a0}n",
        "\u{3000}##\u{2003}o",
        "7.\u{a0}p",
        "## x",
        "| a | b |",
        "https://x.y",
        "`` ` ``",
    ]);
    ("[A-Za-z]{2,7}", vec(piece, 0..4))
        .prop_map(|(word, pieces)| format!("{word} {}", pieces.join(" ")).trim().to_owned())
}

/// An assessment without items has a question.
fn ask_something(guidelines: &mut Guidelines, dimension: &Slug) {
    if guidelines.topics.iter().all(|topic| topic.questions.is_empty()) {
        let question = Question { text: "What happened?".to_owned(), follow_ups: Vec::new() };
        let topic =
            Topic { dimension: dimension.clone(), guidance: String::new(), questions: vec![question] };
        guidelines.topics = vec![topic];
    }
}

/// What may stand in prose, and what only in some.
#[derive(Clone, Copy, PartialEq)]
enum Slot {
    Any,
    NoNumbers,
    NoBullets,
    /// No lists, and it begins with a paragraph.
    Item,
    Headings3,
}

fn prose(slot: Slot) -> BoxedStrategy<String> {
    let mut blocks: Vec<BoxedStrategy<String>> = vec![
        line().boxed(),
        (line(), line()).prop_map(|(a, b)| format!("{a}\n{b}")).boxed(),
        (line(), line()).prop_map(|(a, b)| format!("{a}  \n{b}\\\n  end")).boxed(),
        line().prop_map(|line| format!("> {line}\n>\n> > - 1. nested")).boxed(),
        Just("```md\n### Not a heading\n- id: no\n\n1. no\n```".to_owned()).boxed(),
        Just("~~~~\n```\n## Items\n~~~~".to_owned()).boxed(),
        Just("    indented\n\n      code".to_owned()).boxed(),
        Just("| a | b |\n|---|:-:|\n| 1 | `x \\| y` |".to_owned()).boxed(),
        Just("[ref]: https://example.org 'title'".to_owned()).boxed(),
        Just("***".to_owned()).boxed(),
    ];
    if !matches!(slot, Slot::Item) {
        blocks.push(line().prop_map(|line| format!("#### {line}")).boxed());
    }
    if !matches!(slot, Slot::Item | Slot::NoBullets) {
        blocks.push((line(), line()).prop_map(|(a, b)| format!("- {a}\n- {b}\n\n  more")).boxed());
        blocks.push(line().prop_map(|line| format!("* key: {line}\n  1. deep\n     - deeper")).boxed());
        blocks.push(Just("- weight: 99%\n- id: wrong".to_owned()).boxed());
    }
    if !matches!(slot, Slot::Item | Slot::NoNumbers) {
        blocks.push((line(), line()).prop_map(|(a, b)| format!("1. {a}\n2. {b}\n   - id: no")).boxed());
    }
    if slot == Slot::Headings3 {
        blocks.push(Just("### Ask about nothing\n\n- id: x".to_owned()).boxed());
    }
    let blocks = vec(proptest::strategy::Union::new(blocks), 0..4);
    (line(), blocks)
        .prop_map(move |(first, mut blocks)| {
            if slot == Slot::Item {
                blocks.insert(0, first);
            }
            blocks.join("\n\n").trim().to_owned()
        })
        .boxed()
}

fn note(slot: Slot) -> impl Strategy<Value = Note> {
    (name(), prose(slot)).prop_map(|(heading, text)| Note { heading: format!("Zz {heading}"), text })
}

fn settings() -> impl Strategy<Value = Settings> {
    let scale = select(vec![("1", "5"), ("0", "100"), ("-2.5", "2.5"), ("-100", "-99.99")]);
    let disclosure = select(vec![Disclosure::Full, Disclosure::Teaser, Disclosure::None]);
    let language = select(vec!["en", "no", "pt-BR", "kk"]);
    let coverage = select(vec!["0.75", "1", "0.3333", "0.0001"]);
    (
        (
            name(),
            option::of("[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,3}){0,2}"),
            prose(Slot::Any),
            0..20_u16,
            0..20_u16,
        ),
        (scale, 1..=5_u8, any::<bool>(), disclosure, language),
        (coverage, option::of(1..=10_080_u16), option::of(likert())),
    )
        .prop_map(
            |(
                (name, slug, description, major, minor),
                (scale, style, allow_override, disclosure, language),
                last,
            )| {
                let (coverage, time_limit_minutes, default_answer) = last;
                Settings {
                    slug: slug.map(|slug| Slug::new(slug).unwrap()),
                    description,
                    version: Version::new(major, minor).unwrap(),
                    scale: Scale { min: decimal(scale.0), max: decimal(scale.1) },
                    interview: Interview { style: Style::new(style).unwrap(), allow_override },
                    disclosure,
                    language: language.to_owned(),
                    coverage: decimal(coverage),
                    time_limit_minutes,
                    default_answer,
                    ..Settings::new(name)
                }
            },
        )
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// Name, description, and the heading and texts of the anchors.
type Written = (String, String, (Option<String>, Vec<String>));

fn dimensions(count: usize, lowest: Decimal) -> impl Strategy<Value = Vec<Dimension>> {
    let anchors = (option::of(line()), vec(line(), 0..2));
    let one = (name(), prose(Slot::Any), anchors);
    (vec(one, count), any::<bool>()).prop_map(move |(dimensions, exact)| {
        // Shares of a third and the like do not sum to 1 exactly.
        let share = Decimal::ONE / Decimal::from(count as u64);
        let share = if exact { share.round_dp(6) } else { share.round_dp(3) };
        let dimension = |(n, one): (usize, Written)| {
            let (name, description, (heading, texts)) = one;
            let anchors: Vec<Anchor> = texts
                .into_iter()
                .enumerate()
                .map(|(n, text)| Anchor { score: lowest + Decimal::new(n as i64, 2), text })
                .collect();
            let anchors_heading = heading.filter(|_| !anchors.is_empty());
            Dimension {
                id: if n == 0 { Slug::new("360").unwrap() } else { Slug::new(format!("d-{n}")).unwrap() },
                name: format!("{name} {n}"),
                weight: share,
                description: if description.is_empty() { "Some words.".to_owned() } else { description },
                anchors,
                anchors_heading,
            }
        };
        dimensions.into_iter().enumerate().map(dimension).collect()
    })
}

fn categories(settings: &Settings, ids: Vec<Slug>) -> BoxedStrategy<Vec<Category>> {
    let comparative = settings.kind == Kind::Comparative;
    let with_default = settings.tie.is_none_or(|tie| tie.winner == TieBreak::Default);
    let conditions = vec(condition(&ids), 0..4);
    (conditions, vec((name(), prose(Slot::Any), any::<bool>()), 12))
        .prop_map(move |(conditions, texts)| {
            let mut rules: Vec<CategoryRule> = if comparative {
                ids.iter().cloned().map(CategoryRule::Highest).collect()
            } else {
                conditions.into_iter().map(CategoryRule::When).collect()
            };
            rules.extend(with_default.then_some(CategoryRule::Default));
            let named = rules.into_iter().zip(texts).enumerate();
            let category =
                |(n, (rule, (name, description, own))): (usize, (CategoryRule, (String, String, bool)))| {
                    let name = format!("{name} {n}");
                    let id = if own { Slug::new(format!("c{n}")).unwrap() } else { Slug::of(&name).unwrap() };
                    Category { id, name, rule, description }
                };
            named.map(category).collect()
        })
        .boxed()
}

/// A condition over some dimensions.
pub(crate) fn condition(ids: &[Slug]) -> impl Strategy<Value = Condition> + use<> {
    condition_text(ids)
        .prop_map(|text| Condition::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}")))
}

/// The text of a condition over some dimensions, with needless parentheses and spaces.
pub(crate) fn condition_text(ids: &[Slug]) -> impl Strategy<Value = String> + use<> {
    condition_text_between(ids, -500, 500)
}

/// The same, with numbers near a scale that goes from one number of hundredths to another.
pub(crate) fn condition_text_between(
    ids: &[Slug],
    low: i64,
    high: i64,
) -> impl Strategy<Value = String> + use<> {
    let operator = || select(vec!["<", "<=", "==", "=", "!=", ">=", ">", "≥"]);
    // Thousandths, most of them whole hundredths.
    let number = move |times: i64| {
        let number = (times * low - 2..=times * high + 2, select(vec![0, 0, 0, 0, 5]));
        number.prop_map(|(number, rest)| Decimal::new(number * 10 + rest, 3).normalize().to_string())
    };
    let count = i64::try_from(ids.len()).unwrap();
    let singles: Vec<String> = ids.iter().map(Slug::to_string).chain(["overall".to_owned()]).collect();
    let several = subsequence(ids.to_vec(), 1..=ids.len())
        .prop_shuffle()
        .prop_map(|ids| ids.iter().map(Slug::to_string).collect::<Vec<_>>().join(" ,"));
    let one =
        (select(singles), operator(), number(1)).prop_map(|(of, op, value)| format!("{of}  {op}{value}"));
    let extreme = (select(vec!["min", "MAX"]), several.clone(), operator(), number(1))
        .prop_map(|(function, of, op, value)| format!("{function} ( {of}) {op} {value}"));
    let sum = (several.clone(), operator(), number(count))
        .prop_map(|(of, op, value)| format!("sum({of} ) {op} {value}"));
    let counted = (several, operator(), number(1), operator(), 0..=count)
        .prop_map(|(of, inner, value, op, number)| format!("count({of}{inner}{value}){op}{number}"));
    let leaf = prop_oneof![4 => one, 1 => extreme, 1 => sum, 1 => counted];
    leaf.prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 2..4).prop_map(|parts| parts.join(" and ")),
            vec(inner.clone(), 2..4).prop_map(|parts| parts.join(" OR ")),
            inner.clone().prop_map(|part| format!("not ({part})")),
            inner.prop_map(|part| format!("( {part} )")),
        ]
    })
    .prop_filter("short enough", |text| Condition::parse(text).is_ok())
}

fn guidelines(ids: Vec<Slug>) -> impl Strategy<Value = Guidelines> {
    let question = (line(), vec(line(), 0..3)).prop_map(|(text, follow_ups)| Question { text, follow_ups });
    let topic = (option::of(vec(question, 0..4)), prose(Slot::NoBullets));
    let topics = vec(topic, ids.len()).prop_map(move |topics| {
        let topic = |(id, (questions, guidance)): (&Slug, (Option<Vec<Question>>, String))| {
            Some(Topic { dimension: id.clone(), guidance, questions: questions? })
        };
        ids.iter().zip(topics).rev().filter_map(topic).collect()
    });
    let notes = vec(note(Slot::Any), 0..2);
    (prose(Slot::Any), topics, vec(line(), 0..3), vec(line(), 0..3), prose(Slot::Any), notes).prop_map(
        |(opening, topics, follow_ups, never_ask, closing, notes)| Guidelines {
            opening,
            topics,
            follow_ups,
            never_ask,
            closing,
            notes,
        },
    )
}

fn label() -> impl Strategy<Value = String> {
    select(vec![
        "Never",
        "1. often",
        "- yes",
        "no",
        "50 %",
        "*so*",
        "a, b",
        "\"q\"",
        "[x] z",
        "it's: fine",
        "déjà",
        "# n",
    ])
    .prop_map(str::to_owned)
}

fn likert() -> impl Strategy<Value = Likert> {
    (2..=11_u8, any::<Option<bool>>(), vec(label(), 11)).prop_map(|(steps, which, mut labels)| {
        labels.truncate(match which {
            None => 0,
            Some(true) => 2,
            Some(false) => steps.into(),
        });
        Likert { steps, labels }
    })
}

fn item(ids: Vec<Slug>) -> impl Strategy<Value = Item> {
    let measures = proptest::sample::subsequence(ids.clone(), 0..=ids.len()).prop_flat_map(|ids| {
        let count = ids.len();
        (Just(ids), vec(any::<bool>(), count))
    });
    let measures = measures.prop_map(|(ids, reversed)| {
        let pairs = ids.into_iter().zip(reversed);
        pairs.map(|(dimension, reversed)| Measure { dimension, reversed }).collect::<Vec<_>>()
    });
    (prose(Slot::Item), measures, any::<bool>(), answer(ids)).prop_map(
        |(text, mut measures, required, answer)| {
            let scored = match &answer {
                Answer::SingleChoice { options } | Answer::MultipleChoice { options, .. } => {
                    options[0].worth != OptionScore::Nothing
                }
                Answer::Number { correct, .. } => correct.is_some(),
                _ => false,
            };
            if scored && measures.is_empty() {
                measures.push(Measure { dimension: Slug::new("360").unwrap(), reversed: true });
            }
            Item { id: Slug::new("later").unwrap(), part: None, text, measures, required, answer }
        },
    )
}

fn options(ids: Vec<Slug>) -> impl Strategy<Value = Vec<Choice>> {
    (vec(line(), 2..5), 0..4_u8, 0..4_usize).prop_map(move |(texts, kind, right)| {
        let right = right % texts.len();
        let choice = |(n, text): (usize, String)| {
            let worth = match kind {
                0 => OptionScore::Nothing,
                1 => OptionScore::Correct(n == right),
                2 => OptionScore::Points(Decimal::new(n as i64 * 25 - 25 + 50 * i64::from(n == right), 1)),
                _ if n == right => OptionScore::Toward(Vec::new()),
                _ => OptionScore::Toward(vec![(ids[n % ids.len()].clone(), Decimal::new(1 + n as i64, 0))]),
            };
            Choice { text: format!("{text} {n}"), worth }
        };
        texts.into_iter().enumerate().map(choice).collect()
    })
}

fn answer(ids: Vec<Slug>) -> impl Strategy<Value = Answer> {
    let number = (-1_000..1_000_i64, 1..1_000_i64, 0..3_u8, option::of(label()), option::of(0..3_i64));
    prop_oneof![
        likert().prop_map(Answer::Agree),
        options(ids.clone()).prop_map(|options| Answer::SingleChoice { options }),
        (options(ids), 0..3_u8, 2..5_u8).prop_map(|(options, least, most)| {
            let most = most.min(options.len() as u8);
            Answer::MultipleChoice { options, least: least.min(most), most }
        }),
        number.prop_map(|(min, length, decimals, unit, correct)| {
            let at = |n: i64| Decimal::new(n, decimals.into());
            let correct =
                correct.map(|tolerance| Correct { value: at(min), tolerance: Decimal::new(tolerance, 1) });
            let correct = correct.filter(|correct| correct.tolerance <= at(length));
            Answer::Number { min: at(min), max: at(min + length), decimals, unit, correct }
        }),
        (1..=10_000_u16).prop_map(|max_length| Answer::Text { max_length }),
    ]
}

fn distinct(names: impl Strategy<Value = Vec<String>>) -> impl Strategy<Value = Vec<String>> {
    names.prop_map(|names| names.into_iter().enumerate().map(|(n, name)| format!("{name} {n}")).collect())
}
