//! The files of the workspace that people wrote.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

/// A text file; its path is relative to the workspace, with forward slashes.
pub(crate) struct TextFile {
    pub(crate) path: String,
    pub(crate) text: String,
}

pub(crate) struct Tree {
    root: PathBuf,
    files: Vec<TextFile>,
}

/// Built, downloaded or recorded.
const NOT_OURS: &[&str] =
    &["target", "node_modules", ".git", "recordings", "artifacts", "corpus", "coverage"];
/// Kinds of files that are read.
const EXTENSIONS: &[&str] =
    &["rs", "md", "toml", "js", "mjs", "cjs", "json", "html", "css", "sh", "yml", "yaml", "dart", "py"];
/// Files without an extension that are read.
const NAMES: &[&str] = &["Makefile", "run"];
/// Written by tools.
const GENERATED: &[&str] = &["package-lock.json"];

/// The tree this test was built from.
pub(crate) fn workspace() -> &'static Tree {
    static TREE: OnceLock<Tree> = OnceLock::new();
    TREE.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned();
        let mut files = Vec::new();
        collect(&root, &root, &mut files);
        Tree { root, files }
    })
}

/// Whether a file holds nothing but tests.
pub(crate) fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/") || path.starts_with("tests/")
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<TextFile>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for entry in entries {
        let name = entry.file_name().unwrap().to_str().unwrap();
        if entry.is_dir() {
            if !NOT_OURS.contains(&name) {
                collect(root, &entry, files);
            }
            continue;
        }
        let extension = entry.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        if (EXTENSIONS.contains(&extension) || NAMES.contains(&name)) && !GENERATED.contains(&name) {
            let path = entry.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            files.push(TextFile { path, text: fs::read_to_string(&entry).unwrap() });
        }
    }
}

impl Tree {
    pub(crate) fn files(&self) -> impl Iterator<Item = &TextFile> {
        self.files.iter()
    }

    pub(crate) fn rust(&self) -> impl Iterator<Item = &TextFile> {
        self.files().filter(|file| file.path.ends_with(".rs"))
    }

    pub(crate) fn markdown(&self) -> impl Iterator<Item = &TextFile> {
        self.files().filter(|file| file.path.ends_with(".md"))
    }

    /// Code and styles, which are read by people from top to bottom.
    pub(crate) fn written(&self) -> impl Iterator<Item = &TextFile> {
        let kinds = [".rs", ".js", ".mjs", ".cjs", ".css", ".html", ".sh", ".dart", ".py"];
        self.files().filter(move |file| kinds.iter().any(|kind| file.path.ends_with(kind)))
    }

    /// Whether a file or folder is there, in any kind.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.root.join(path).exists()
    }
}
