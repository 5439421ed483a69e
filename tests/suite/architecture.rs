//! The shape of the workspace: which crate may reach which. What a crate may reach follows from its role, and its role
//! from where it lies, so that a new domain that keeps the rules needs no line here. A crate without a role fails.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};

/// What a crate is for, and which crates of the workspace it may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// `crates/kernel` reaches none.
    Kernel,
    /// `crates/<library>`, pure and no domain, reaches what [`LIBRARIES`] says.
    Library,
    /// `crates/<domain>`, which `src/domain.rs` declares, reaches the kernel, and what [`DOMAINS_WITH_LIBRARIES`] says.
    Domain,
    /// `crates/http-shell` reaches the kernel: it knows no domain.
    Shell,
    /// `crates/http-<domain>` reaches the shell, its domain, and what that reaches.
    Routes,
    /// `crates/contracts` reaches all pure crates: no domain goes without contracts.
    Contracts,
    /// `crates/adapters/<adapter>` reaches pure crates and the schema.
    Adapter,
    /// `migration` reaches none.
    Schema,
    /// `crates/platform` reaches everything but HTTP and the program.
    Platform,
    /// `apps/touchstone` and `tests` reach everything.
    Program,
}

/// The libraries, and the crates of the workspace each reaches.
const LIBRARIES: [(&str, &[&str]); 3] =
    [("prose", &[]), ("assessment-format", &["kernel", "prose"]), ("availability", &["kernel"])];

/// Domains that are built on libraries.
const DOMAINS_WITH_LIBRARIES: [(&str, &[&str]); 1] = [("assessment-engine", &["assessment-format"])];

/// Crates of routes that are not called after the crate of their domain.
const ROUTES_OF: [(&str, &str); 1] = [("http-assessments", "assessment-engine")];

/// The PostgreSQL adapter's tests run on the embedded cluster: a feature of its own brings that in.
const ADAPTERS_OF_ADAPTERS: [(&str, &str); 1] = [("storage-postgres", "embedded-postgres")];

/// What may never be reached from a pure crate, directly or through anything.
const FORBIDDEN: [&str; 12] = [
    "sea-orm",
    "sqlx",
    "sqlx-core",
    "actix-web",
    "actix-http",
    "reqwest",
    "hyper",
    "tokio",
    "lettre",
    "argon2",
    "jsonwebtoken",
    "tracing-subscriber",
];

/// What whoever links the platform without HTTP is spared.
const OF_THE_PROGRAM: [&str; 7] = [
    "actix-web",
    "actix-http",
    "clap",
    "lettre",
    "metrics-exporter-prometheus",
    "utoipa",
    "utoipa-swagger-ui",
];

/// A domain crate resolves to a handful of small crates: measured 44, most of them of serde, sha2 and time, and 70
/// where markdown, YAML and decimals are read. Ten more read addresses as UTS 46 has them.
const MOST_PACKAGES: usize = 85;

/// The graph of this platform, which a build has fetched already.
fn metadata() -> Metadata {
    let rustc = std::process::Command::new("rustc").arg("-vV").output().expect("rustc runs");
    let told = String::from_utf8(rustc.stdout).expect("rustc writes UTF-8");
    let host = told.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc names its host");
    let options = ["--locked", "--filter-platform", host].map(str::to_owned);
    MetadataCommand::new()
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
        .other_options(options)
        .exec()
        .expect("cargo metadata reads the workspace")
}

/// The crates of the workspace, with what each is for.
pub(crate) struct Workspace {
    metadata: Metadata,
    roles: BTreeMap<String, Role>,
}

impl Workspace {
    pub(crate) fn read() -> Self {
        let metadata = metadata();
        let packages = metadata.workspace_packages();
        let roles = packages.iter().map(|package| {
            let folder = package.manifest_path.parent().expect("a manifest lies in a folder");
            let place = folder.strip_prefix(&metadata.workspace_root).expect("it lies below the root");
            let role = match place.as_str().split('/').collect::<Vec<_>>()[..] {
                ["crates", "kernel"] => Role::Kernel,
                ["crates", name] if LIBRARIES.iter().any(|(library, _)| *library == name) => Role::Library,
                ["crates", _] if folder.join("src/domain.rs").exists() => Role::Domain,
                ["crates", "http-shell"] => Role::Shell,
                ["crates", name] if name.starts_with("http-") => Role::Routes,
                ["crates", "contracts"] => Role::Contracts,
                ["crates", "platform"] => Role::Platform,
                ["crates", "adapters", _] => Role::Adapter,
                ["migration"] => Role::Schema,
                ["apps", "touchstone"] | ["tests"] => Role::Program,
                _ => panic!("{place} has no role: say in this file what it is for and what it may reach"),
            };
            (package.name.to_string(), role)
        });
        let roles = roles.collect();
        Self { metadata, roles }
    }

    fn of(&self, roles: &[Role]) -> BTreeSet<&str> {
        let found = self.roles.iter().filter(|(_, role)| roles.contains(role));
        found.map(|(name, _)| name.as_str()).collect()
    }

    /// The crates that answer requests, each with those it may reach.
    pub(crate) fn answering(&self) -> BTreeMap<String, BTreeSet<String>> {
        let roles = [Role::Kernel, Role::Library, Role::Domain, Role::Shell, Role::Routes];
        let allowed = |name: &str| self.allowed(name).into_iter().map(str::to_owned).collect();
        self.of(&roles).into_iter().map(|name| (name.to_owned(), allowed(name))).collect()
    }

    /// What knows no storage, no HTTP and no runtime.
    fn pure(&self) -> BTreeSet<&str> {
        self.of(&[Role::Kernel, Role::Library, Role::Domain])
    }

    /// The crates of the workspace that this one reaches by the rules of its role.
    fn allowed(&self, name: &str) -> BTreeSet<&str> {
        let listed = |list: &[(&str, &'static [&'static str])]| {
            list.iter().filter(|(of, _)| *of == name).flat_map(|(_, others)| *others).copied().collect()
        };
        let others: Vec<&str> = match self.roles[name] {
            Role::Kernel | Role::Schema => Vec::new(),
            Role::Library => listed(&LIBRARIES),
            Role::Domain => [listed(&DOMAINS_WITH_LIBRARIES), vec!["kernel"]].concat(),
            Role::Shell => vec!["kernel"],
            Role::Routes => {
                let named = ROUTES_OF.iter().find(|(routes, _)| *routes == name).map(|(_, domain)| *domain);
                let domain = named.or(name.strip_prefix("http-")).expect("routes are called http-<domain>");
                let (domain, role) = self.roles.get_key_value(domain).expect("routes are of a domain");
                assert_eq!(*role, Role::Domain, "{name} has routes of {domain}");
                vec!["http-shell", domain]
            }
            // A library that no domain stands on yet is nothing to it.
            Role::Contracts => {
                let domains = self.of(&[Role::Kernel, Role::Domain]);
                let is_under =
                    |name: &str| domains.iter().any(|domain| reached(&self.metadata, domain).contains(name));
                self.pure().into_iter().filter(|name| domains.contains(name) || is_under(name)).collect()
            }
            role => panic!("what {name} reaches is no list: {role:?}"),
        };
        let known = others.iter().map(|other| self.roles.get_key_value(*other).expect("a crate there is"));
        let known: Vec<&str> = known.map(|(other, _)| other.as_str()).collect();
        known.iter().flat_map(|other| self.allowed(other)).chain(known.iter().copied()).collect()
    }

    fn reached_crates(&self, name: &str) -> BTreeSet<String> {
        reached(&self.metadata, name).into_iter().filter(|other| self.roles.contains_key(other)).collect()
    }

    fn assert_reaches_what_it_may(&self, name: &str) {
        let own = self.reached_crates(name);
        let own: BTreeSet<&str> = own.iter().map(String::as_str).collect();
        assert_eq!(own, self.allowed(name), "{name} reaches other crates of the workspace than it may");
    }
}

/// Everything the package reaches through normal dependencies.
fn reached(metadata: &Metadata, from: &str) -> BTreeSet<String> {
    let resolve = metadata.resolve.as_ref().expect("the graph is resolved");
    let nodes: BTreeMap<&PackageId, _> = resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let start = metadata.packages.iter().find(|package| package.name.as_str() == from);
    let mut waiting = vec![&start.expect("the crate is in the workspace").id];
    let mut seen = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        for dependency in &nodes[id].deps {
            let normal = dependency.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal);
            if normal && seen.insert(&dependency.pkg) {
                waiting.push(&dependency.pkg);
            }
        }
    }
    seen.into_iter().map(|id| metadata[id].name.to_string()).collect()
}

#[test]
fn domain_crates_reach_no_adapter_no_runtime_and_no_sibling() {
    let workspace = Workspace::read();
    for pure in workspace.pure() {
        workspace.assert_reaches_what_it_may(pure);
        let reached = reached(&workspace.metadata, pure);
        for forbidden in FORBIDDEN {
            assert!(!reached.contains(forbidden), "{pure} reaches {forbidden}");
        }
        assert!(
            reached.len() <= MOST_PACKAGES,
            "{pure} reaches {} packages; a pure crate stays small",
            reached.len()
        );
    }
}

#[test]
fn adapters_know_domains_and_never_the_app_or_each_other() {
    let workspace = Workspace::read();
    for adapter in workspace.of(&[Role::Adapter]) {
        for other in workspace.reached_crates(adapter) {
            let pure_or_schema =
                workspace.pure().contains(&*other) || workspace.roles[&other] == Role::Schema;
            let exempt = ADAPTERS_OF_ADAPTERS.contains(&(adapter, &other));
            assert!(pure_or_schema || exempt, "{adapter} reaches {other}");
        }
    }
}

#[test]
fn routes_reach_their_domain_and_the_shell_and_no_storage() {
    let workspace = Workspace::read();
    for crate_name in workspace.of(&[Role::Shell, Role::Routes]) {
        workspace.assert_reaches_what_it_may(crate_name);
        let reached = reached(&workspace.metadata, crate_name);
        for storage in ["sea-orm", "sqlx", "sqlx-core"] {
            assert!(!reached.contains(storage), "{crate_name} reaches {storage}");
        }
    }
}

#[test]
fn contracts_know_every_domain_and_the_schema_knows_none() {
    let workspace = Workspace::read();
    for crate_name in workspace.of(&[Role::Contracts, Role::Schema]) {
        workspace.assert_reaches_what_it_may(crate_name);
    }
}

#[test]
fn the_platform_is_linked_without_http_and_without_the_program() {
    let workspace = Workspace::read();
    let reached = reached(&workspace.metadata, "platform");
    let crates = workspace.of(&[Role::Shell, Role::Routes, Role::Program]);
    for forbidden in crates.into_iter().chain(OF_THE_PROGRAM) {
        assert!(!reached.contains(forbidden), "platform reaches {forbidden}");
    }
}

/// What cargo links for these packages without their default features: names and versions.
fn linked(packages: &[&str]) -> BTreeSet<String> {
    let tree = |package: &&str| {
        let arguments =
            ["tree", "--locked", "--offline", "--no-default-features", "-e", "normal", "--prefix", "none"];
        let output = std::process::Command::new(env!("CARGO"))
            .args(arguments)
            .args(["-p", package])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .expect("cargo runs");
        String::from_utf8(output.stdout).expect("cargo writes UTF-8")
    };
    let lines = packages.iter().map(tree).collect::<String>();
    lines.lines().map(|line| line.split_whitespace().take(2).collect::<Vec<_>>().join(" ")).collect()
}

/// `crates/platform/examples/sign_in.rs`, and a program that scores an assessment.
#[test]
fn a_service_that_links_one_domain_takes_no_other_and_stays_small() {
    let identity = linked(&["platform", "mail"]);
    assert!(
        identity.iter().any(|package| package.starts_with("storage-memory ")),
        "cargo lists the packages"
    );
    assert!(identity.len() <= 130, "identity over memory links {} packages", identity.len());
    let format = linked(&["assessment-format"]);
    assert!(format.len() <= 120, "the format links {} packages", format.len());
    // The trail of identity is written, and read by nobody.
    let workspace = Workspace::read();
    let mut unasked = workspace.of(&[Role::Domain, Role::Library]);
    unasked.retain(|name| !["identity", "audit"].contains(name));
    for unasked in unasked.into_iter().chain(["storage-postgres", "lettre", "sea-orm"]) {
        assert!(!identity.iter().any(|package| package.starts_with(&format!("{unasked} "))), "{unasked}");
    }
    assert!(!format.iter().any(|package| package.starts_with("identity ")));
}

/// An address that somebody gave is called by the client that checks it, and by nothing else: so the program cannot be
/// made to call within its own network, or led there by a redirect.
#[test]
fn the_program_calls_its_database_its_mail_server_and_through_the_guarded_client_alone() {
    let program = linked(&["touchstone"]);
    for client in ["awc", "curl", "isahc", "reqwest", "tonic", "ureq"] {
        assert!(
            !program.iter().any(|package| package.starts_with(&format!("{client} "))),
            "{client} is linked"
        );
    }
    let talkers: BTreeSet<String> = metadata()
        .workspace_packages()
        .into_iter()
        .filter(|package| {
            let mut links = package.dependencies.iter().filter(|link| link.kind == DependencyKind::Normal);
            links.any(|link| {
                ["hyper", "hyper-util", "lettre", "sqlx", "tokio-postgres"].contains(&&*link.name)
            })
        })
        .map(|package| package.name.to_string())
        .collect();
    assert_eq!(talkers, ["mail", "objects", "outbound", "storage-postgres"].map(str::to_owned).into());
    // What the client for addresses that users give opens, it has checked; operators say where the scanner is.
    let openers = ["crates/adapters/outbound/src/network.rs", "crates/adapters/scanning/src/address.rs"];
    let opens = ["TcpStream::connect", "TcpSocket", "UnixStream::connect", "UdpSocket", "lookup_host"];
    for (place, source) in crate::prose::files("rs") {
        let is_program = place.contains("/src/") && !place.contains("test") && !openers.contains(&&*place);
        let found = opens.iter().find(|call| is_program && source.contains(**call));
        assert_eq!(found, None, "{place} opens a connection of its own");
    }
}

#[test]
fn every_package_of_the_workspace_names_its_licence_and_takes_the_shared_lints() {
    for package in metadata().workspace_packages() {
        assert_eq!(package.license.as_deref(), Some("MIT OR Apache-2.0"), "{}", package.name);
        let manifest = std::fs::read_to_string(&package.manifest_path).expect("the manifest is readable");
        assert!(manifest.contains("[lints]\nworkspace = true"), "{} has lints of its own", package.name);
    }
}

#[test]
fn no_dependency_is_under_the_gpl() {
    for package in metadata().packages {
        let licence = package.license.clone().unwrap_or_default();
        let alternatives: Vec<&str> = licence.split(" OR ").collect();
        let free = alternatives.iter().any(|one| !one.contains("GPL") || one.contains("LGPL"));
        assert!(free, "{} is under {licence}", package.name);
    }
}
