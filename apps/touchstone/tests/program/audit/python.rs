//! `docs/audit-verify.py`, run with a Python that has what it needs.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::OnceLock,
};

/// The one package it needs, in the version it was tested with.
const PACKAGE: &str = "cryptography==48.0.0";

/// The script with these arguments.
pub(super) fn script(arguments: &[&str]) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/audit-verify.py");
    let mut command = Command::new(python());
    command.arg("-B").arg(script).args(arguments).env("PYTHONIOENCODING", "utf-8").output().unwrap()
}

/// A Python that has the package: the machine's own, else one of a virtual environment that stays for the next time.
pub(super) fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let own = PathBuf::from("python3");
        if has_package(&own) {
            return own;
        }
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("audit-verify");
        let python = folder.join("bin/python3");
        if !has_package(&python) {
            let made = run(Command::new(&own).args(["-m", "venv"]).arg(&folder))
                && run(Command::new(&python).args(["-m", "pip", "install", "--quiet", PACKAGE]));
            assert!(
                made && has_package(&python),
                "this test runs docs/audit-verify.py, which needs Python 3 and {PACKAGE}: install them with \
                 `apt-get install python3-cryptography`, or `python3 -m pip install {PACKAGE}`"
            );
        }
        python
    })
}

fn has_package(python: &Path) -> bool {
    run(Command::new(python).args(["-c", "import cryptography.hazmat.primitives.asymmetric.ed25519"]))
}

fn run(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}
