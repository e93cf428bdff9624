//! The paths a piece of code names, in full: `use` trees spread out, `self` and `super` resolved.

use crate::code::Code;

/// The module a file is, as seen by itself: `crate::a::b`.
pub(crate) fn module_of(file: &str) -> Vec<String> {
    let inner = file.split_once("src/").map_or(file, |(_, inner)| inner).trim_end_matches(".rs");
    let parts = inner.split('/').filter(|part| !matches!(*part, "mod" | "lib" | "main"));
    std::iter::once("crate").chain(parts).map(str::to_owned).collect()
}

/// Whether `name` is a run of segments in `path`.
pub(crate) fn contains(path: &[String], name: &str) -> bool {
    let name: Vec<&str> = name.split("::").collect();
    path.windows(name.len()).any(|run| run.iter().zip(&name).all(|(a, b)| a == b))
}

/// Every path named, with the line its statement begins on.
pub(crate) fn named(code: &Code, module: &[String]) -> Vec<(usize, Vec<String>)> {
    let tokens = tokens(&code.0);
    let mut paths = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let (line, token) = tokens[at];
        if token == "use" {
            let end = tokens[at..].iter().position(|(_, t)| *t == ";").map_or(tokens.len(), |len| at + len);
            let tree: Vec<&str> = tokens[at + 1..end].iter().map(|(_, t)| *t).collect();
            spread(&tree, &[], &mut |path| paths.push((line, resolved(path, module))));
            at = end;
        } else if is_name(token) {
            let mut path = vec![token.to_owned()];
            while let [(_, "::"), (_, next), ..] = &tokens[at + 1..]
                && is_name(next)
            {
                path.push((*next).to_owned());
                at += 2;
            }
            paths.push((line, resolved(path, module)));
        }
        at += 1;
    }
    paths
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Identifiers, `::`, and single characters, each with its line.
fn tokens(code: &str) -> Vec<(usize, &str)> {
    let mut tokens = Vec::new();
    for (line, text) in code.lines().enumerate() {
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let len = if first.is_alphanumeric() || first == '_' {
                rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())
            } else if rest.starts_with("::") {
                2
            } else {
                first.len_utf8()
            };
            let (token, after) = rest.split_at(len);
            if !first.is_whitespace() {
                tokens.push((line + 1, token));
            }
            rest = after;
        }
    }
    tokens
}

/// Calls `found` for every leaf of a `use` tree.
fn spread(tree: &[&str], prefix: &[String], found: &mut impl FnMut(Vec<String>)) {
    let mut path = prefix.to_vec();
    let mut at = 0;
    while at < tree.len() {
        match tree[at] {
            "{" => {
                let end = closing(tree, at);
                for branch in branches(&tree[at + 1..end]) {
                    spread(branch, &path, found);
                }
                return;
            }
            "as" => break,
            "::" | "*" => {}
            name => path.push(name.to_owned()),
        }
        at += 1;
    }
    if !path.is_empty() {
        found(path);
    }
}

/// Where the brace opened at `open` closes.
fn closing(tree: &[&str], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tree.iter().enumerate().skip(open) {
        match *token {
            "{" => depth += 1,
            "}" if depth == 1 => return at,
            "}" => depth -= 1,
            _ => {}
        }
    }
    tree.len()
}

/// The parts between commas that are in no inner brace.
fn branches<'a, 'b>(tree: &'a [&'b str]) -> Vec<&'a [&'b str]> {
    let mut depth = 0_usize;
    tree.split(|token| {
        match *token {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        depth == 0 && *token == ","
    })
    .collect()
}

fn resolved(path: Vec<String>, module: &[String]) -> Vec<String> {
    let ups = path.iter().take_while(|segment| *segment == "super").count();
    let here = path.first().is_some_and(|first| first == "self");
    if ups == 0 && !here {
        return path;
    }
    let base = &module[..module.len().saturating_sub(ups)];
    base.iter().cloned().chain(path.into_iter().skip(ups.max(usize::from(here)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named_in(source: &str) -> Vec<String> {
        let module = module_of("mediasoup-core/src/media/handle/worker.rs");
        named(&Code(source.to_owned()), &module).into_iter().map(|(_, path)| path.join("::")).collect()
    }

    #[test]
    fn modules_are_named_by_their_files() {
        assert_eq!(module_of("mediasoup-core/src/media/mod.rs"), ["crate", "media"]);
        assert_eq!(module_of("mediasoup-core/src/media/rtp.rs"), ["crate", "media", "rtp"]);
        assert_eq!(module_of("mediasoup-core/src/lib.rs"), ["crate"]);
    }

    #[test]
    fn trees_are_spread_out() {
        assert_eq!(
            named_in("use crate::{a::{self, B as C}, d::*, e};"),
            ["crate::a::self", "crate::a::B", "crate::d", "crate::e"]
        );
        assert_eq!(named_in("use std::time::Instant;"), ["std::time::Instant"]);
    }

    #[test]
    fn relative_paths_are_resolved() {
        assert_eq!(named_in("use super::{x, super::y};"), ["crate::media::handle::x", "crate::media::y"]);
        assert_eq!(named_in("use super::super::rtp;"), ["crate::media::rtp"]);
        assert_eq!(named_in("super::super::super::room::f()"), ["crate::room::f"]);
        assert_eq!(named_in("self::a"), ["crate::media::handle::worker::a"]);
    }

    #[test]
    fn names_are_runs_of_segments() {
        let path: Vec<String> = ["std", "time", "Instant", "now"].map(str::to_owned).to_vec();
        assert!(
            contains(&path, "Instant::now") && contains(&path, "std") && !contains(&path, "std::Instant")
        );
    }
}
