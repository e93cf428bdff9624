//! The tables of `docs/ARCHITECTURE.md` are true: what may depend on what, and what each folder is. `tests/tidy` has the
//! rules that are no table.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use crate::{
    markdown::{Page, code_spans, root},
    source,
};

const CORE: &str = "mediasoup-core/src";

fn rows() -> Vec<Vec<String>> {
    Page::read("docs/ARCHITECTURE.md").rows()
}

/// The parts of the library, each with those it may use.
fn parts() -> BTreeMap<String, BTreeSet<String>> {
    let names = |cell: &str| code_spans(cell).into_iter().map(str::to_owned).collect::<Vec<_>>();
    let rows = rows().into_iter().map(|row| (names(&row[0]), names(&row[1])));
    let is_part = |name: &str| root().join(CORE).join(name).is_dir() || name == "ids";
    rows.filter(|(part, _)| is_part(&part[0]))
        .map(|(part, uses)| (part[0].clone(), BTreeSet::from_iter(uses)))
        .collect()
}

/// The first names behind `crate::`, in braces or without.
fn used_parts(text: &str) -> BTreeSet<String> {
    let is_ident = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut used: BTreeSet<_> = source::names_after(text, "crate::", is_ident).map(str::to_owned).collect();
    for (at, opening) in text.match_indices("crate::{") {
        let mut depth = 0;
        let mut name = String::new();
        for c in text[at + opening.len()..].chars() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => used.extend([std::mem::take(&mut name)]),
                c if depth == 0 => name.push(c),
                _ => {}
            }
        }
        used.insert(name);
    }
    let first = |name: &String| name.trim().split(|c| !is_ident(c)).next().unwrap_or_default().to_owned();
    used.iter().map(first).filter(|name| !name.is_empty()).collect()
}

#[test]
fn names_behind_crate_are_found() {
    let text = "use crate::{\n ids::{A, B},\n media::{c::D, rtp}, room,\n};\nlet x = crate::driver::lock();";
    assert_eq!(Vec::from_iter(used_parts(text)), ["driver", "ids", "media", "room"]);
}

#[test]
fn parts_use_only_what_they_may() {
    let parts = parts();
    assert_eq!(parts.len(), 6, "{parts:?}");
    for (path, text) in source::files(CORE) {
        let part = path[CORE.len() + 1..].split(['/', '.']).next().unwrap();
        let Some(allowed) = parts.get(part) else {
            assert_eq!(part, "lib", "{path} is in no part");
            continue;
        };
        let wrong: Vec<_> =
            used_parts(&text).into_iter().filter(|used| used != part && !allowed.contains(used)).collect();
        assert!(wrong.is_empty(), "{path} uses {wrong:?}");
    }
}

#[test]
fn every_folder_is_described_and_exists() {
    let rows = rows();
    let described: BTreeSet<_> =
        rows.iter().flat_map(|row| code_spans(&row[0])).filter_map(|path| path.strip_suffix('/')).collect();
    for path in &described {
        assert!(root().join(path).is_dir(), "{path} does not exist");
    }
    let mut folders = Vec::new();
    for parent in [CORE, "mediasoup-server/src"] {
        add_folders(parent, &mut folders);
    }
    let tests = fs::read_dir(root().join("tests")).unwrap().map(Result::unwrap);
    let tests = tests.filter(|entry| entry.path().is_dir());
    folders.extend(tests.map(|entry| format!("tests/{}", entry.file_name().to_str().unwrap())));
    for folder in &folders {
        assert!(described.contains(folder.as_str()), "{folder} is not described");
    }
}

/// Folders that hold more than tests.
fn add_folders(parent: &str, folders: &mut Vec<String>) {
    for entry in fs::read_dir(root().join(parent)).unwrap().map(Result::unwrap) {
        let path = format!("{parent}/{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() && !path.ends_with("/tests") {
            if has_source(&entry.path()) {
                folders.push(path.clone());
            }
            add_folders(&path, folders);
        }
    }
}

fn has_source(folder: &Path) -> bool {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter_map(|name| name.into_string().ok()).any(|name| name.ends_with(".rs") && name != "tests.rs")
}
