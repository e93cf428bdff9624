//! Names in the source, as texts.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::markdown::root;

/// Every Rust file under a folder, with its path from the root of the repository; files of tests left out.
pub(crate) fn files(folder: &str) -> Vec<(String, String)> {
    let mut folders = vec![root().join(folder)];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            match (path.is_dir(), path.file_name().and_then(|name| name.to_str())) {
                (true, Some("tests")) | (false, Some("tests.rs")) => {}
                (true, _) => folders.push(path),
                (false, Some(name)) if name.ends_with(".rs") => files.push(path),
                _ => {}
            }
        }
    }
    files.sort();
    files.iter().map(|path| (name_of(path), without_tests(path))).collect()
}

fn name_of(path: &Path) -> String {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    path.strip_prefix(root).unwrap().to_str().unwrap().to_owned()
}

/// Without comments, and without the tests at its end.
fn without_tests(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .fold(String::new(), |text, line| text + line + "\n")
}

/// What follows `prefix` wherever it stands in the text, as far as `allowed` goes.
pub(crate) fn names_after<'a>(
    text: &'a str,
    prefix: &'a str,
    allowed: fn(char) -> bool,
) -> impl Iterator<Item = &'a str> {
    text.match_indices(prefix).filter_map(move |(at, _)| {
        let rest = &text[at + prefix.len()..];
        let name = &rest[..rest.find(|c| !allowed(c)).unwrap_or(rest.len())];
        Some(name).filter(|name| !name.is_empty())
    })
}
