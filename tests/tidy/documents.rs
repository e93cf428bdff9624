//! Documents: links that lead somewhere, and an architecture that leaves no folder out.

use std::collections::BTreeSet;

use crate::{
    Finding,
    tree::{TextFile, Tree},
};

const ARCHITECTURE: &str = "docs/ARCHITECTURE.md";

/// Links to files of this tree that are not there, and to headings they do not have.
pub(crate) fn broken_links(file: &TextFile, tree: &Tree) -> Vec<Finding> {
    let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let text_of = |path: &str| tree.files().find(|file| file.path == path).map(|file| file.text.as_str());
    let mut findings = Vec::new();
    for (line, target) in links(&file.text) {
        let (path, heading) = target.split_once('#').unwrap_or((target, ""));
        let path = if path.is_empty() { file.path.clone() } else { joined(folder, path) };
        let reason = if !tree.has(&path) {
            "a link leads to a file of this tree"
        } else if !heading.is_empty() && !text_of(&path).is_some_and(|text| anchors(text).contains(heading)) {
            "a link leads to a heading of its file"
        } else {
            continue;
        };
        findings.push(Finding { path: file.path.clone(), line, found: format!("links to {target}"), reason });
    }
    findings
}

/// `[text](target)` outside of code, with its line; targets of other sites are left out.
fn links(text: &str) -> Vec<(usize, &str)> {
    let mut links = Vec::new();
    for (line, text) in prose(text) {
        for part in text.split("](").skip(1) {
            let target = part.split([')', ' ']).next().unwrap_or_default();
            if !target.contains(':') && !target.is_empty() {
                links.push((line, target));
            }
        }
    }
    links
}

/// Lines outside of fences.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(line, text)| {
        let fence = text.trim_start().starts_with("```");
        fenced ^= fence;
        (!fenced && !fence).then_some((line + 1, text))
    })
}

/// The anchors of a document's headings, as GitHub makes them.
fn anchors(text: &str) -> BTreeSet<String> {
    prose(text).filter(|(_, line)| line.starts_with('#')).map(|(_, line)| anchor(line)).collect()
}

fn anchor(heading: &str) -> String {
    let words = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = words.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn joined(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.join("/")
}

/// Folders of source that the architecture does not name.
pub(crate) fn unnamed_folders(tree: &Tree) -> Vec<Finding> {
    let text = tree.files().find(|file| file.path == ARCHITECTURE).map_or("", |file| file.text.as_str());
    let sources = tree.files().map(|file| file.path.as_str());
    folders(sources)
        .into_iter()
        .filter(|folder| !names(text, folder))
        .map(|folder| Finding {
            path: ARCHITECTURE.to_owned(),
            line: 1,
            found: format!("does not name {folder}/"),
            reason: "the architecture says what each folder is for",
        })
        .collect()
}

/// Folders below the `src` of a package, at any depth, and those right below `tests`.
fn folders<'a>(paths: impl Iterator<Item = &'a str>) -> BTreeSet<&'a str> {
    let folder = |path: &'a str| path.rsplit_once('/').map(|(folder, _)| folder);
    let in_source = |folder: &&str| {
        folder.contains("/src/") || (folder.starts_with("tests/") && folder.matches('/').count() == 1)
    };
    let not_only_tests = |folder: &&str| !folder.ends_with("/tests");
    paths.filter_map(folder).filter(in_source).filter(not_only_tests).collect()
}

/// By its last part with a slash, such as `` `engine/` `` or `transport/srtp/`.
fn names(text: &str, folder: &str) -> bool {
    let name = folder.rsplit('/').next().unwrap_or(folder);
    text.match_indices(&format!("{name}/"))
        .any(|(at, _)| !text[..at].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '-')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_found_outside_of_code() {
        let text = "[a](b.md) and [c](d/e.md#f \"title\")\n```\n[x](y)\n```\n[w](https://w) [m](mailto:m)";
        assert_eq!(links(text), [(1, "b.md"), (1, "d/e.md#f")]);
        assert_eq!(joined("docs/a", "../b/./c.md"), "docs/b/c.md");
    }

    #[test]
    fn headings_have_githubs_anchors() {
        let text = "# One, two: `three`\n```\n# code\n```\n## What's_new - 4";
        assert_eq!(anchors(text), ["one-two-three", "whats_new---4"].map(str::to_owned).into());
    }

    #[test]
    fn folders_are_named_as_words() {
        assert!(names("the `engine/` folder", "mediasoup-core/src/engine"));
        assert!(names("mediasoup-core/src/engine/transport/ is", "mediasoup-core/src/engine/transport"));
        assert!(!names("my-engine/ and engine", "mediasoup-core/src/engine"));
        let paths = [
            "mediasoup-core/src/engine/a.rs",
            "mediasoup-core/src/a.rs",
            "tests/api/main.rs",
            "tests/a/b/c.rs",
            "docs/x/a.md",
        ];
        assert_eq!(folders(paths.into_iter()), ["mediasoup-core/src/engine", "tests/api"].into());
    }
}
