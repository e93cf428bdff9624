//! The architecture, checked over the source: what may name what, how long a file may be, which links lead
//! somewhere. The rules are data in [`rules`]; each states its reason, which is printed when it is broken.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod code;
mod documents;
mod paths;
mod rules;
mod tree;

use std::fmt::Write;

use code::Code;
use rules::{LINES_MAX, LONG_FILES, NAME_RULES, NameRule, TEXT_RULES, TextRule};
use tree::{TextFile, workspace};

/// A broken rule: where, and what was found there.
#[derive(Debug, PartialEq)]
struct Finding {
    path: String,
    line: usize,
    found: String,
    reason: &'static str,
}

fn assert_none(findings: &[Finding]) {
    let mut report = String::new();
    for Finding { path, line, found, reason } in findings {
        writeln!(report, "{path}:{line}: {found}\n    {reason}").unwrap();
    }
    assert!(findings.is_empty(), "{} broken:\n{report}", findings.len());
}

fn names(file: &TextFile, rules: &'static [NameRule]) -> Vec<Finding> {
    let code = Code::of(&file.text);
    let module = paths::module_of(&file.path);
    let mut findings = Vec::new();
    for rule in rules.iter().filter(|rule| rule.covers(&file.path)) {
        for (line, path) in paths::named(&code, &module) {
            if let Some(forbidden) = rule.names.iter().find(|name| paths::contains(&path, name)) {
                let found = format!("names {forbidden} ({})", path.join("::"));
                findings.push(Finding { path: file.path.clone(), line, found, reason: rule.reason });
            }
        }
    }
    findings
}

fn texts(file: &TextFile, rules: &'static [TextRule]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in rules.iter().filter(|rule| rule.covers(&file.path)) {
        for (line, text) in file.text.lines().enumerate() {
            if let Some(found) = rule.texts.iter().find(|forbidden| text.contains(*forbidden)) {
                let found = format!("has {found:?}");
                findings.push(Finding {
                    path: file.path.clone(),
                    line: line + 1,
                    found,
                    reason: rule.reason,
                });
            }
        }
    }
    findings
}

fn length(file: &TextFile) -> Option<Finding> {
    let lines = file.text.lines().count();
    let excused = LONG_FILES.iter().any(|(path, _)| *path == file.path);
    (lines > LINES_MAX && !excused).then(|| Finding {
        path: file.path.clone(),
        line: lines,
        found: format!("{lines} lines"),
        reason: "one idea a file: 800 lines at most, or an entry in LONG_FILES with its reason",
    })
}

#[test]
fn dependencies_point_one_way() {
    let findings: Vec<_> = workspace().rust().flat_map(|file| names(file, NAME_RULES)).collect();
    assert_none(&findings);
}

#[test]
fn nothing_is_left_over() {
    let findings: Vec<_> = workspace().files().flat_map(|file| texts(file, TEXT_RULES)).collect();
    assert_none(&findings);
}

#[test]
fn files_are_short() {
    let findings: Vec<_> = workspace().written().filter_map(length).collect();
    assert_none(&findings);
    for (path, reason) in LONG_FILES {
        let file = workspace().files().find(|file| file.path == *path);
        let lines = file.map_or(0, |file| file.text.lines().count());
        assert!(lines > LINES_MAX, "{path} needs no excuse ({reason}): {lines} lines");
    }
}

#[test]
fn every_link_leads_somewhere() {
    let findings: Vec<_> =
        workspace().markdown().flat_map(|file| documents::broken_links(file, workspace())).collect();
    assert_none(&findings);
}

#[test]
fn the_rules_cover_the_source() {
    for scope in
        NAME_RULES.iter().flat_map(|rule| rule.scope).chain(TEXT_RULES.iter().flat_map(|rule| rule.scope))
    {
        let known = workspace().files().any(|file| file.path.starts_with(scope));
        assert!(known, "a rule covers {scope}, where no file is");
    }
}

#[cfg(test)]
mod checks {
    //! The checks themselves, on made-up files: each rule can fail.

    use super::*;

    fn file(path: &str, text: &str) -> TextFile {
        TextFile { path: path.to_owned(), text: text.to_owned() }
    }

    fn name_findings(path: &str, text: &str) -> usize {
        names(&file(path, text), NAME_RULES).len()
    }

    #[test]
    fn what_a_part_must_not_name_is_found() {
        for (path, text) in [
            ("mediasoup-core/src/media/a.rs", "use crate::engine::Engine;"),
            ("mediasoup-core/src/media/a.rs", "use crate::{ids::RoomId, driver::X};"),
            ("mediasoup-core/src/media/a/b.rs", "use super::super::super::room::X;"),
            ("mediasoup-core/src/media/a.rs", "fn f() -> crate::room::Room { x }"),
            ("mediasoup-core/src/ids.rs", "use crate::media::rtp;"),
            ("mediasoup-core/src/engine/a.rs", "fn f() { tokio::spawn(x); }"),
            ("mediasoup-core/src/engine/a.rs", "use std::{\n    net::{IpAddr, UdpSocket},\n};"),
            ("mediasoup-core/src/engine/a.rs", "let now = Instant::now();"),
            ("mediasoup-core/src/engine/a.rs", "use std::collections::HashMap;"),
            ("mediasoup-core/src/engine/a.rs", "let r = rand::rng();"),
            ("mediasoup-core/src/engine/a.rs", "use dimpl::Dtls;"),
            ("mediasoup-core/src/driver/a.rs", "use crate::room::Room;"),
            ("mediasoup-core/src/room/a.rs", "use crate::driver::LocalWorkerManager;"),
            ("mediasoup-core/src/recording/a.rs", "use gstreamer::prelude::*;"),
            ("mediasoup-core/src/room/a.rs", "use axum::Router;"),
            ("mediasoup-server/src/rest/a.rs", "use mediasoup_core::{driver, room};"),
        ] {
            assert_eq!(name_findings(path, text), 1, "{path}: {text}");
        }
    }

    #[test]
    fn what_a_part_may_name_is_not_found() {
        for (path, text) in [
            (
                "mediasoup-core/src/media/a.rs",
                "//! [`driver`](crate::driver)\n/// crate::engine\nuse crate::ids::RoomId;",
            ),
            ("mediasoup-core/src/media/a.rs", "const A: &str = \"crate::engine\"; /* crate::room */"),
            ("mediasoup-core/src/media/a.rs", "#[cfg(test)]\nmod tests {\n    use crate::engine::Engine;\n}"),
            ("mediasoup-core/src/media/a/tests.rs", "use crate::engine::Engine;"),
            ("mediasoup-core/src/engine/a.rs", "fn f(now: Instant) -> SocketAddr { crate::media::f() }"),
            ("mediasoup-core/src/engine/transport/a.rs", "use dimpl::Dtls;"),
            ("mediasoup-core/src/driver/a.rs", "use crate::engine::Engine; use tokio::sync::mpsc;"),
            ("mediasoup-server/src/app/a.rs", "use mediasoup_core::driver::LocalWorkerManager;"),
        ] {
            assert_eq!(name_findings(path, text), 0, "{path}: {text}");
        }
    }

    #[test]
    fn left_over_text_is_found() {
        let leftover = format!("fn f() {{ {}!() }}", "todo");
        assert_eq!(texts(&file("mediasoup-core/src/a.rs", &leftover), TEXT_RULES).len(), 1);
        let machine = format!("see {}work/main", "/");
        assert_eq!(texts(&file("docs/a.md", &machine), TEXT_RULES).len(), 1);
        assert_eq!(texts(&file("docs/a.md", "network/main, a todo list"), TEXT_RULES).len(), 0);
    }

    #[test]
    fn a_long_file_is_found() {
        assert!(length(&file("a.rs", &"\n".repeat(LINES_MAX))).is_none());
        assert!(length(&file("a.rs", &"\n".repeat(LINES_MAX + 1))).is_some());
    }
}
