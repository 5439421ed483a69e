//! Reading the sources: which functions there are, what they make use of, which code a refusal has.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Arm, Attribute, Block, Expr, ExprCall, ExprMethodCall, ExprPath, ExprStruct, ExprTry, Field, FnArg,
    ImplItem, Item, Local, Member, Pat, ReturnType, Signature, TraitItem,
    visit::{self, Visit},
};

use super::{Function, Names, Sources, Use, Variant};

/// The methods that functions are handed to by name.
const TAKING: [&str; 5] = ["map_err", "or_else", "ok_or_else", "and_then", "map"];

impl Sources {
    pub(super) fn items(&mut self, of: &'static str, items: Vec<Item>) {
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
                            let uses = vec![(Use::Of("Self".to_owned(), variant.ident.to_string()), false)];
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
        let file = self.file.clone();
        let mut function = Function { of, file, owners, name, takes, gives, ..Function::default() };
        // What a refusal tells of itself names every variant.
        let of_refusal =
            signature.receiver().is_some() && function.owners.iter().any(|owner| owner.ends_with("Refused"));
        if let Some(block) = block.filter(|_| !of_refusal) {
            let mut uses = Uses::default();
            uses.visit_block(block);
            function.uses = uses.found;
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
#[derive(Default)]
struct Uses {
    found: Vec<(Use, bool)>,
    /// Whether a `?` follows.
    is_tried: bool,
    /// Closures that have names.
    closures: Names,
}

impl Uses {
    fn add(&mut self, used: Use) {
        self.found.push((used, self.is_tried));
    }

    fn path(&mut self, path: &syn::Path, is_called: bool) {
        let mut names = path.segments.iter().rev().map(|segment| segment.ident.to_string());
        match (names.next(), names.next()) {
            (Some(name), Some(owner)) => self.add(Use::Of(owner, name)),
            (Some(name), None) if is_called && !self.closures.contains(&name) => {
                self.add(Use::Function(name));
            }
            _ => {}
        }
    }
}

impl Visit<'_> for Uses {
    fn visit_pat(&mut self, _: &Pat) {}

    fn visit_local(&mut self, local: &Local) {
        if let (Pat::Ident(name), Some(given)) = (&local.pat, &local.init)
            && matches!(*given.expr, Expr::Closure(_))
        {
            self.closures.insert(name.ident.to_string());
        }
        visit::visit_local(self, local);
    }

    fn visit_expr_try(&mut self, tried: &ExprTry) {
        let before = std::mem::replace(&mut self.is_tried, true);
        visit::visit_expr_try(self, tried);
        self.is_tried = before;
    }

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
        self.add(Use::Method(name_of(&call.receiver), call.method.to_string()));
        // `map_err(already_used)` hands a function over by its name.
        if let (true, Some(Expr::Path(handed))) =
            (TAKING.iter().any(|name| call.method == name), call.args.first())
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
            self.add(Use::Unique(name(&rule.path), name(&refusal.path)));
        } else {
            visit::visit_arm(self, arm);
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
