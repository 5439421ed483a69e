//! What is said when all is ready.

use std::{env, net::SocketAddr, path::Path};

use crate::output;

/// What there is to say.
pub(super) struct Greeting<'a> {
    pub(super) address: SocketAddr,
    pub(super) admin_address: Option<SocketAddr>,
    /// `None` when nothing is kept.
    pub(super) store: Option<&'a str>,
    pub(super) mail: &'a str,
    pub(super) workers: bool,
    pub(super) data: Option<&'a Path>,
}

/// Says it.
pub(super) fn greet(greeting: &Greeting<'_>) {
    output::line(text(greeting, &program()));
}

fn text(greeting: &Greeting<'_>, program: &str) -> String {
    let Greeting { address, admin_address, store, mail, workers, data } = greeting;
    let mut lines = vec![
        format!("Touchstone {} is ready.", env!("CARGO_PKG_VERSION")),
        String::new(),
        format!("  API            http://{address}/v1"),
        format!("  Documentation  http://{address}/docs"),
    ];
    if let Some(admin) = admin_address {
        lines.push(format!("  Metrics        http://{admin}/metrics"));
    }
    lines.push(match store {
        Some(store) => format!("  Data           {store}"),
        None => {
            "  Data           nothing is kept: all of it is in memory and ends with this process".to_owned()
        }
    });
    lines.push(match workers {
        true => format!("  Letters        {mail}"),
        false => "  Letters        left to another process (workers.enabled = false)".to_owned(),
    });
    if store.is_some() {
        let data = data.map_or_else(String::new, |data| format!(" --data {}", data.display()));
        lines.push(format!("  Administrator  {program} admin create --email you@example.org{data}"));
        if cfg!(feature = "demo") {
            lines.push(format!("  People to try  {program} demo{data}"));
        }
    }
    lines.push("  Stop           Ctrl-C".to_owned());
    lines.push(String::new());
    lines.join("\n")
}

/// As it was called, so that the commands shown can be pasted.
fn program() -> String {
    env::args().next().filter(|name| !name.is_empty()).unwrap_or_else(|| "touchstone".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn greeting(store: Option<&str>) -> String {
        let greeting = Greeting {
            address: "127.0.0.1:8080".parse().unwrap(),
            admin_address: None,
            store,
            mail: "filed in /data/mail",
            workers: true,
            data: Some(Path::new("/data")),
        };
        text(&greeting, "touchstone")
    }

    #[test]
    fn it_says_where_everything_is() {
        let text = greeting(Some("/data (PostgreSQL 15.18, private)"));
        for said in ["http://127.0.0.1:8080/docs", "/data/mail", "admin create", "--data /data", "Ctrl-C"] {
            assert!(text.contains(said), "{said} is missing from\n{text}");
        }
    }

    #[test]
    fn it_says_clearly_when_nothing_is_kept() {
        let text = greeting(None);
        assert!(text.contains("nothing is kept") && !text.contains("admin create"), "{text}");
    }
}
