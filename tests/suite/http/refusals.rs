//! The codes that an operation can come to, read from the sources: from its handler through whatever that calls, to the
//! refusals named there. Where the type of a value is not in sight, a call counts for every method of its name, so that
//! this tells rather more than can happen.

use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Arm, Attribute, Block, Expr, ExprCall, ExprMethodCall, ExprPath, ExprStruct, Field, FnArg, ImplItem,
    Item, Lit, Macro, Member, Pat, ReturnType, Signature, Token, TraitItem,
    punctuated::Punctuated,
    visit::{self, Visit},
};

use crate::architecture::Workspace;

type Names = BTreeSet<String>;

/// The methods that functions are handed to by name.
const TAKING: [&str; 5] = ["map_err", "or_else", "ok_or_else", "and_then", "map"];

#[derive(Default)]
pub(super) struct Sources {
    functions: Vec<Function>,
    by_name: BTreeMap<String, Vec<usize>>,
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
    /// The type it is a method of, and the trait.
    owners: Names,
    name: String,
    takes: BTreeMap<String, Names>,
    gives: Names,
    uses: Vec<Use>,
    /// What it calls and the codes it names, once that was asked for.
    leads_to: OnceCell<(Vec<usize>, Names)>,
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
    /// A text, which may be a code.
    Text(String),
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
                sources.items(of, parsed.items);
            }
        }
        for (index, function) in sources.functions.iter().enumerate() {
            sources.by_name.entry(function.name.clone()).or_default().push(index);
        }
        sources
    }

    /// The codes the operation can come to.
    pub(super) fn codes_of(&self, operation: &str) -> BTreeSet<&str> {
        let handler = self.handlers.get(operation).unwrap_or_else(|| panic!("{operation} has no handler"));
        let (mut waiting, mut seen, mut codes) = (vec![*handler], BTreeSet::new(), BTreeSet::new());
        while let Some(index) = waiting.pop() {
            if seen.insert(index) {
                let function = &self.functions[index];
                let (calls, own) = function.leads_to.get_or_init(|| self.followed(function));
                waiting.extend(calls);
                codes.extend(own.iter().map(String::as_str));
            }
        }
        codes
    }

    /// What the function calls, and the codes it names.
    fn followed(&self, from: &Function) -> (Vec<usize>, Names) {
        let (mut calls, mut codes) = (Vec::new(), Names::new());
        for used in &from.uses {
            let found = match used {
                Use::Text(text) => {
                    codes.insert(text.clone());
                    continue;
                }
                Use::Unique(..) => continue,
                Use::Function(name) => self.of_crates(from.of, name, |owners| owners.is_empty()),
                Use::Of(owner, name) => {
                    let owners = match owner.as_str() {
                        "Self" => from.owners.clone(),
                        owner => self.meant_by(owner),
                    };
                    codes.extend(self.code_of(from.of, &owners, name));
                    let is_module = owner.starts_with(char::is_lowercase);
                    let of = |own: &Names| if is_module { own.is_empty() } else { !own.is_disjoint(&owners) };
                    self.of_crates(from.of, name, of)
                }
                Use::Method(receiver, name) => {
                    codes.extend(self.refused_by_rule(from.of, name));
                    self.methods(from, receiver.as_deref(), name)
                }
            };
            calls.extend(found);
        }
        // By `?` an error becomes the refusal of whoever calls.
        let errors = calls.iter().flat_map(|index| &self.functions[*index].gives);
        let errors: Names = errors.map(|error| format!("From<{error}>")).collect();
        let converts = |owners: &Names| !owners.is_disjoint(&errors) && !owners.is_disjoint(&from.gives);
        calls.extend(self.of_crates(from.of, "from", converts));
        (calls, codes)
    }

    fn methods(&self, from: &Function, receiver: Option<&str>, name: &str) -> Vec<usize> {
        if receiver == Some("self") {
            return self.of_crates(from.of, name, |owners| !owners.is_disjoint(&from.owners));
        }
        let types =
            receiver.and_then(|receiver| from.takes.get(receiver).or_else(|| self.types.get(receiver)));
        let known: Names = types.into_iter().flatten().flat_map(|name| self.meant_by(name)).collect();
        let found = self.of_crates("", name, |owners| !owners.is_disjoint(&known));
        let any =
            |owners: &Names| !owners.is_empty() && !owners.iter().any(|owner| owner.ends_with("Service"));
        if found.is_empty() { self.of_crates(from.of, name, any) } else { found }
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
        let rows = own.flat_map(|function| function.uses.iter().map(move |used| (function, used)));
        let refused = rows.filter_map(|(function, used)| match used {
            Use::Unique(rule, refusal) if rule.contains(&thing) => {
                self.code_of(of, &function.owners, refusal)
            }
            _ => None,
        });
        refused.collect()
    }

    fn items(&mut self, of: &'static str, items: Vec<Item>) {
        for item in items {
            match item {
                Item::Mod(module) if module.ident != "tests" => {
                    self.items(of, module.content.map(|(_, items)| items).unwrap_or_default());
                }
                Item::Struct(item) => {
                    for field in item.fields {
                        let name = field.ident.map(|name| name.to_string()).unwrap_or_default();
                        self.types.entry(name).or_default().extend(names_in(&field.ty));
                    }
                }
                Item::Use(item) => {
                    // `Refused as SessionRefused`
                    let text = item.to_token_stream().to_string();
                    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
                    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
                    for renamed in words.windows(3).filter(|three| three[1] == "as") {
                        self.types.entry(renamed[2].to_owned()).or_default().insert(renamed[0].to_owned());
                    }
                }
                Item::Type(item) => {
                    self.types.entry(item.ident.to_string()).or_default().extend(names_in(&item.ty));
                }
                Item::Enum(item) => {
                    for variant in item.variants {
                        let marked =
                            |field: &&Field| field.attrs.iter().any(|mark| mark.path().is_ident("from"));
                        for error in
                            variant.fields.iter().filter(marked).flat_map(|field| names_in(&field.ty))
                        {
                            let owners = Names::from([item.ident.to_string(), format!("From<{error}>")]);
                            let uses = vec![Use::Of("Self".to_owned(), variant.ident.to_string())];
                            let name = "from".to_owned();
                            self.functions.push(Function { of, owners, name, uses, ..Function::default() });
                        }
                    }
                }
                Item::Macro(item)
                    if item.mac.path.segments.last().is_some_and(|name| name.ident == "refusals") =>
                {
                    self.refusals(of, item.mac.tokens);
                }
                Item::Impl(item) => {
                    let mut owners = names_in(&item.self_ty);
                    if let Some((path, _)) = &item.trait_ {
                        let names = names_in(path);
                        let error = names.iter().find(|name| names.contains("From") && *name != "From");
                        owners.extend(error.map(|error| format!("From<{error}>")));
                        owners.extend(names);
                    }
                    for member in item.items {
                        if let ImplItem::Fn(function) = member {
                            let (sig, block) = (&function.sig, Some(&function.block));
                            self.function(of, owners.clone(), &function.attrs, sig, block);
                        }
                    }
                }
                Item::Trait(item) => {
                    for member in item.items {
                        if let TraitItem::Fn(function) = member {
                            let owners = Names::from([item.ident.to_string()]);
                            self.function(
                                of,
                                owners,
                                &function.attrs,
                                &function.sig,
                                function.default.as_ref(),
                            );
                        }
                    }
                }
                Item::Fn(item) => self.function(of, Names::new(), &item.attrs, &item.sig, Some(&item.block)),
                _ => {}
            }
        }
    }

    fn function(
        &mut self,
        of: &'static str,
        owners: Names,
        attributes: &[Attribute],
        signature: &Signature,
        block: Option<&Block>,
    ) {
        let described = attributes.iter().filter_map(|attribute| attribute.meta.require_list().ok());
        for tokens in described.map(|list| list.tokens.to_string()) {
            let id = tokens.split_once("operation_id = \"").and_then(|(_, rest)| rest.split_once('"'));
            self.handlers.extend(id.map(|(id, _)| (id.to_owned(), self.functions.len())));
        }
        let takes = signature.inputs.iter().filter_map(|argument| match argument {
            FnArg::Typed(typed) => match &*typed.pat {
                Pat::Ident(name) => Some((name.ident.to_string(), names_in(&typed.ty))),
                _ => None,
            },
            FnArg::Receiver(_) => None,
        });
        let gives = match &signature.output {
            ReturnType::Type(_, given) => names_in(given),
            ReturnType::Default => Names::new(),
        };
        let (name, takes) = (signature.ident.to_string(), takes.collect());
        let mut function = Function { of, owners, name, takes, gives, ..Function::default() };
        // What a refusal tells of itself names every variant.
        let of_refusal =
            signature.receiver().is_some() && function.owners.iter().any(|owner| owner.ends_with("Refused"));
        if let Some(block) = block.filter(|_| !of_refusal) {
            Uses(&mut function.uses).visit_block(block);
        }
        self.functions.push(function);
    }

    /// What `kernel::refusals!` lists as an enum's own.
    fn refusals(&mut self, of: &'static str, tokens: TokenStream) {
        let mut tokens = tokens.into_iter();
        let Some(TokenTree::Ident(refusal)) = tokens.next() else { return };
        let Some(TokenTree::Group(parts)) = tokens.next() else { return };
        let mut parts = parts.stream().into_iter().skip_while(|part| part.to_string() != "own").skip(1);
        let Some(TokenTree::Group(rows)) = parts.next() else { return };
        for row in rows.stream().to_string().split(';').filter(|row| row.contains("=>")) {
            let (patterns, rest) = row.split_once("=>").expect("a pattern and a code");
            let code = rest.split('"').nth(1).expect("a code").to_owned();
            // `Self::Turn(TurnRefused::TooMany)` is told by what is inside.
            let paths: Vec<(&str, &str)> =
                patterns.split(['|', '(', ')']).filter_map(|path| path.split_once("::")).collect();
            let inner = paths.iter().any(|(refusal, _)| refusal.trim() != "Self");
            for (own, name) in paths.into_iter().filter(|(own, _)| !inner || own.trim() != "Self") {
                let refusal = if own.trim() == "Self" { refusal.to_string() } else { own.trim().to_owned() };
                let name = name.split_whitespace().next().unwrap_or_default().to_owned();
                self.variants.push(Variant { of, refusal, name, code: code.clone() });
            }
        }
    }
}

/// Collects what a function makes use of; patterns are passed over.
struct Uses<'u>(&'u mut Vec<Use>);

impl Uses<'_> {
    fn path(&mut self, path: &syn::Path, is_called: bool) {
        let mut names = path.segments.iter().rev().map(|segment| segment.ident.to_string());
        match (names.next(), names.next()) {
            (Some(name), Some(owner)) => self.0.push(Use::Of(owner, name)),
            (Some(name), None) if is_called => self.0.push(Use::Function(name)),
            _ => {}
        }
    }
}

impl Visit<'_> for Uses<'_> {
    fn visit_pat(&mut self, _: &Pat) {}

    fn visit_expr_path(&mut self, used: &ExprPath) {
        self.path(&used.path, false);
    }

    fn visit_expr_struct(&mut self, used: &ExprStruct) {
        self.path(&used.path, false);
        visit::visit_expr_struct(self, used);
    }

    fn visit_expr_call(&mut self, call: &ExprCall) {
        if let Expr::Path(called) = &*call.func {
            self.path(&called.path, true);
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_expr_method_call(&mut self, call: &ExprMethodCall) {
        self.0.push(Use::Method(name_of(&call.receiver), call.method.to_string()));
        // `map_err(already_used)` hands a function over by its name.
        if let (true, [Expr::Path(handed)]) =
            (TAKING.iter().any(|name| call.method == name), &*call.args.iter().cloned().collect::<Vec<_>>())
        {
            self.path(&handed.path, true);
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_arm(&mut self, arm: &Arm) {
        if let (Pat::TupleStruct(broken), Expr::Path(refusal)) = (&arm.pat, &*arm.body)
            && let Some(Pat::Path(rule)) = broken.elems.first()
            && broken.path.segments.last().is_some_and(|name| name.ident == "Duplicate")
        {
            let name = |path: &syn::Path| {
                path.segments.last().map(|name| name.ident.to_string()).unwrap_or_default()
            };
            self.0.push(Use::Unique(name(&rule.path), name(&refusal.path)));
        } else {
            visit::visit_arm(self, arm);
        }
    }

    fn visit_lit(&mut self, literal: &Lit) {
        if let Lit::Str(text) = literal {
            self.0.push(Use::Text(text.value()));
        }
    }

    fn visit_macro(&mut self, called: &Macro) {
        if let Ok(arguments) = called.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated) {
            arguments
                .iter()
                .skip(usize::from(called.path.is_ident("matches")))
                .for_each(|argument| self.visit_expr(argument));
        }
    }
}

/// The field or name a method is called on, through `?`, `.await` and the like.
fn name_of(receiver: &Expr) -> Option<String> {
    match receiver {
        Expr::Path(path) => path.path.get_ident().map(ToString::to_string),
        Expr::Field(field) => match &field.member {
            Member::Named(name) => Some(name.to_string()),
            Member::Unnamed(_) => None,
        },
        Expr::Paren(inner) => name_of(&inner.expr),
        Expr::Reference(inner) => name_of(&inner.expr),
        Expr::Unary(inner) => name_of(&inner.expr),
        _ => None,
    }
}

/// The names of types in it.
fn names_in(tokens: &impl ToTokens) -> Names {
    let text = tokens.to_token_stream().to_string();
    let words = text.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    words.filter(|word| word.starts_with(char::is_uppercase)).map(str::to_owned).collect()
}

/// The crates that answer requests, each with those it may reach.
static CRATES: LazyLock<BTreeMap<String, BTreeSet<String>>> = LazyLock::new(|| Workspace::read().answering());

fn reaches(from: &str, to: &str) -> bool {
    from.is_empty() || from == to || CRATES.get(from).is_some_and(|allowed| allowed.contains(to))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(folder).expect("a folder of sources").map(|entry| entry.expect("an entry").path());
    let wanted = entries.filter(|path| !path.file_stem().is_some_and(|name| name == "tests"));
    wanted
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
        .collect()
}
