//! The codes that an operation can come to, read from the sources: from its handler through whatever that calls, to the
//! refusals named there. It comes surely to what calls lead to whose target is in sight; where the type of a value is
//! not, a call leads perhaps to every method of its name.

mod reading;

use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use crate::architecture::Workspace;

type Names = BTreeSet<String>;

#[derive(Default)]
pub(super) struct Sources {
    functions: Vec<Function>,
    by_name: BTreeMap<String, Vec<usize>>,
    /// The file that is read.
    file: PathBuf,
    /// The handlers, by the ids of their operations.
    handlers: BTreeMap<String, usize>,
    /// The types that a field or an alias of this name has anywhere.
    types: BTreeMap<String, Names>,
    variants: Vec<Variant>,
}

/// A variant of a refusal, with its code.
struct Variant {
    of: &'static str,
    refusal: String,
    name: String,
    code: String,
}

#[derive(Default)]
struct Function {
    of: &'static str,
    file: PathBuf,
    /// The type it is a method of, and the trait.
    owners: Names,
    name: String,
    takes: BTreeMap<String, Names>,
    gives: Names,
    /// What it makes use of, each with whether a `?` follows.
    uses: Vec<(Use, bool)>,
    /// What it calls and the codes it names, surely and perhaps; once that was asked for.
    leads_to: OnceCell<[Leads; 2]>,
}

#[derive(Default)]
struct Leads {
    calls: Vec<usize>,
    codes: Names,
}

/// What a function makes use of.
#[derive(Debug)]
enum Use {
    /// A function beside it, or one that was imported.
    Function(String),
    /// A function or a variant of a type, or a function of a module.
    Of(String, String),
    /// A method of a field or parameter.
    Method(Option<String>, String),
    /// A refusal in the place of a broken uniqueness rule.
    Unique(String, String),
}

impl Sources {
    /// The sources of all crates that answer requests.
    pub(super) fn read() -> Self {
        let mut sources = Self::default();
        for of in CRATES.keys() {
            for file in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates").join(of).join("src")) {
                let text = fs::read_to_string(&file).expect("a source is text");
                let parsed = syn::parse_file(&text).expect("a source is Rust");
                sources.file = file;
                sources.items(of, parsed.items);
            }
        }
        for (index, function) in sources.functions.iter().enumerate() {
            sources.by_name.entry(function.name.clone()).or_default().push(index);
        }
        sources
    }

    /// The codes the operation can come to: surely, by calls whose target is known, or perhaps.
    pub(super) fn codes_of(&self, operation: &str, surely: bool) -> BTreeSet<&str> {
        let handler = self.handlers.get(operation).unwrap_or_else(|| panic!("{operation} has no handler"));
        let (mut waiting, mut seen, mut codes) = (vec![*handler], BTreeSet::new(), BTreeSet::new());
        while let Some(index) = waiting.pop() {
            if seen.insert(index) {
                let function = &self.functions[index];
                let [sure, perhaps] = function.leads_to.get_or_init(|| self.followed(function));
                for leads in [Some(sure), Some(perhaps).filter(|_| !surely)].into_iter().flatten() {
                    waiting.extend(&leads.calls);
                    codes.extend(leads.codes.iter().map(String::as_str));
                }
            }
        }
        codes
    }

    /// Where the function leads surely, and where perhaps.
    fn followed(&self, from: &Function) -> [Leads; 2] {
        let [mut sure, mut perhaps] = [Leads::default(), Leads::default()];
        for (used, is_tried) in &from.uses {
            let (leads, calls) = match used {
                Use::Unique(..) => continue,
                Use::Function(name) => {
                    let all = self.of_crates(from.of, name, Names::is_empty);
                    (&mut sure, self.rather(all, |file| file == from.file))
                }
                Use::Of(module, name) if module.starts_with(char::is_lowercase) => {
                    let all = self.of_crates(from.of, name, Names::is_empty);
                    let of_module = |file: &Path| {
                        file.with_extension("").ends_with(module)
                            || file.ends_with(format!("{module}/mod.rs"))
                    };
                    (&mut sure, self.rather(all, of_module))
                }
                Use::Of(owner, name) => {
                    let owners = if owner == "Self" { from.owners.clone() } else { self.meant_by(owner) };
                    sure.codes.extend(self.code_of(from.of, &owners, name));
                    // Which of the conversions is meant is not in sight.
                    let leads = if name == "from" { &mut perhaps } else { &mut sure };
                    (leads, self.of_crates(from.of, name, |own| !own.is_disjoint(&owners)))
                }
                Use::Method(receiver, name) => {
                    perhaps.codes.extend(self.refused_by_rule(from.of, name));
                    match self.methods(from, receiver.as_deref(), name) {
                        known if !known.is_empty() => (&mut sure, known),
                        _ => (&mut perhaps, self.of_crates(from.of, name, may_be_local)),
                    }
                }
            };
            if *is_tried {
                // The error becomes a refusal of the caller's.
                let errors = calls.iter().flat_map(|index| &self.functions[*index].gives);
                let errors: Names = errors.map(|error| format!("From<{error}>")).collect();
                let converts =
                    |owners: &Names| !owners.is_disjoint(&errors) && !owners.is_disjoint(&from.gives);
                leads.calls.extend(self.of_crates(from.of, "from", converts));
            }
            leads.calls.extend(calls);
        }
        [sure, perhaps]
    }

    /// Of functions of one name those in the right file, where there are any.
    fn rather(&self, mut all: Vec<usize>, is_right: impl Fn(&Path) -> bool) -> Vec<usize> {
        let is_right = |index: &usize| is_right(&self.functions[*index].file);
        if all.iter().any(is_right) {
            all.retain(is_right);
        }
        all
    }

    /// The methods of this name that what it is called on has, where its type is in sight.
    fn methods(&self, from: &Function, receiver: Option<&str>, name: &str) -> Vec<usize> {
        if receiver == Some("self") {
            return self.of_crates(from.of, name, |owners| !owners.is_disjoint(&from.owners));
        }
        let types =
            receiver.and_then(|receiver| from.takes.get(receiver).or_else(|| self.types.get(receiver)));
        let known: Names = types.into_iter().flatten().flat_map(|name| self.meant_by(name)).collect();
        self.of_crates("", name, |owners| !owners.is_disjoint(&known))
    }

    /// A type, or what it is an alias of.
    fn meant_by(&self, name: &str) -> Names {
        let meant = self.types.get(name).filter(|_| name.starts_with(char::is_uppercase));
        meant.cloned().unwrap_or_default().into_iter().chain([name.to_owned()]).collect()
    }

    /// The functions of this name that the crate can call; without a crate all.
    fn of_crates(&self, of: &str, name: &str, owned: impl Fn(&Names) -> bool) -> Vec<usize> {
        let fits = |index: &usize| {
            let function = &self.functions[*index];
            owned(&function.owners) && reaches(of, function.of)
        };
        self.by_name.get(name).into_iter().flatten().copied().filter(fits).collect()
    }

    /// The code of a refusal: of the crate's own, where it has one of the name.
    fn code_of(&self, of: &str, refusals: &Names, name: &str) -> Option<String> {
        let fits =
            |one: &&Variant| refusals.contains(&one.refusal) && one.name == name && reaches(of, one.of);
        let mut all = self.variants.iter().filter(fits);
        let own = self.variants.iter().filter(fits).find(|variant| variant.of == of);
        own.or_else(|| all.next()).map(|variant| variant.code.clone())
    }

    /// What `?` makes of the uniqueness rules of the thing that is saved, such as of a slug in `save_organization`.
    fn refused_by_rule(&self, of: &str, method: &str) -> Vec<String> {
        let Some(thing) = method.strip_prefix("save_").map(str::to_uppercase) else { return Vec::new() };
        let own = self.of_crates(of, "from", |_| true).into_iter().map(|index| &self.functions[index]);
        let rows = own.flat_map(|function| function.uses.iter().map(move |(used, _)| (function, used)));
        let refused = rows.filter_map(|(function, used)| match used {
            Use::Unique(rule, refusal) if rule.contains(&thing) => {
                self.code_of(of, &function.owners, refusal)
            }
            _ => None,
        });
        refused.collect()
    }
}

/// Whether a value in a function can have such a method: services are called by their fields.
fn may_be_local(owners: &Names) -> bool {
    !owners.is_empty() && !owners.iter().any(|owner| owner.ends_with("Service"))
}

/// The crates that answer requests, each with those it may reach.
static CRATES: LazyLock<BTreeMap<String, BTreeSet<String>>> = LazyLock::new(|| Workspace::read().answering());

fn reaches(from: &str, to: &str) -> bool {
    from.is_empty() || from == to || CRATES.get(from).is_some_and(|allowed| allowed.contains(to))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(folder).expect("a folder of sources").map(|entry| entry.expect("an entry").path());
    let wanted = entries.filter(|path| path.file_stem().is_none_or(|name| name != "tests"));
    wanted
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
        .collect()
}
