//! The shape of the workspace: which crate may reach which.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};

/// The pure crates, and the crates of the workspace each may reach.
pub(crate) const ALLOWED_WORKSPACE: [(&str, &[&str]); 6] = [
    ("kernel", &[]),
    ("identity", &["kernel"]),
    ("audit", &["kernel"]),
    ("prose", &[]),
    ("assessment-format", &["kernel", "prose"]),
    ("assessment-engine", &["kernel", "assessment-format", "prose"]),
];

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

/// The crates that speak HTTP, and the crates of the workspace each may reach: routes know their domain and the
/// shell, and the shell knows no domain.
pub(crate) const HTTP: [(&str, &[&str]); 4] = [
    ("http-shell", &["kernel"]),
    ("http-identity", &["http-shell", "identity", "kernel"]),
    ("http-audit", &["audit", "http-shell", "kernel"]),
    ("http-assessments", &["assessment-engine", "assessment-format", "http-shell", "kernel", "prose"]),
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
/// where markdown, YAML and decimals are read.
const MOST_PACKAGES: usize = 75;

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

fn workspace(metadata: &Metadata) -> BTreeSet<String> {
    metadata.workspace_packages().iter().map(|package| package.name.to_string()).collect()
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
    let metadata = metadata();
    let workspace = workspace(&metadata);
    for (pure, allowed) in ALLOWED_WORKSPACE {
        let reached = reached(&metadata, pure);
        let own: BTreeSet<&str> = reached.intersection(&workspace).map(String::as_str).collect();
        let allowed: BTreeSet<&str> = allowed.iter().copied().collect();
        assert_eq!(own, allowed, "{pure} reaches other crates of the workspace than it may");
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
    let metadata = metadata();
    // The PostgreSQL adapter's tests run on the embedded cluster: a feature of its own brings that in.
    let allowed = [("storage-postgres", "embedded-postgres")];
    let adapters =
        ["credentials", "embedded-postgres", "mail", "storage-memory", "storage-postgres", "system"];
    for adapter in adapters {
        let reached = reached(&metadata, adapter);
        assert!(!reached.contains("touchstone"), "{adapter} reaches the app");
        for other in adapters.into_iter().filter(|other| *other != adapter) {
            let exempt = allowed.contains(&(adapter, other));
            assert!(exempt || !reached.contains(other), "{adapter} reaches {other}");
        }
    }
}

#[test]
fn routes_reach_their_domain_and_the_shell_and_no_storage() {
    let metadata = metadata();
    let workspace = workspace(&metadata);
    for (crate_name, allowed) in HTTP {
        let reached = reached(&metadata, crate_name);
        let own: BTreeSet<&str> = reached.intersection(&workspace).map(String::as_str).collect();
        let allowed: BTreeSet<&str> = allowed.iter().copied().collect();
        assert_eq!(own, allowed, "{crate_name} reaches other crates of the workspace than it may");
        for storage in ["sea-orm", "sqlx", "sqlx-core"] {
            assert!(!reached.contains(storage), "{crate_name} reaches {storage}");
        }
    }
}

#[test]
fn the_platform_is_linked_without_http_and_without_the_program() {
    let metadata = metadata();
    let reached = reached(&metadata, "platform");
    let crates = HTTP.map(|(name, _)| name).into_iter().chain(["touchstone"]).chain(OF_THE_PROGRAM);
    for forbidden in crates {
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
    assert!(identity.len() <= 120, "identity over memory links {} packages", identity.len());
    let format = linked(&["assessment-format"]);
    assert!(format.len() <= 120, "the format links {} packages", format.len());
    for unasked in ["assessment-engine", "assessment-format", "storage-postgres", "lettre", "sea-orm"] {
        assert!(!identity.iter().any(|package| package.starts_with(&format!("{unasked} "))), "{unasked}");
    }
    assert!(!format.iter().any(|package| package.starts_with("identity ")));
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
