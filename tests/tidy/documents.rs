//! Documents: links that lead somewhere. (That they say what is so is checked in `tests/docs`.)

use std::collections::BTreeSet;

use crate::{
    Finding,
    tree::{TextFile, Tree},
};

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
}
