//! As much of Markdown as the documentation uses.

use std::{fs, path::PathBuf};

/// A page of the documentation.
#[derive(Debug)]
pub(crate) struct Page {
    /// From the root of the repository.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// A fenced block.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    /// What stands behind the fence: a language, perhaps with more.
    pub(crate) info: String,
    pub(crate) text: String,
    /// Line of its fence, from 1.
    pub(crate) line: usize,
    /// The `## ` heading it stands under.
    pub(crate) section: String,
}

impl Block {
    pub(crate) fn language(&self) -> &str {
        self.info.split_whitespace().next().unwrap_or_default()
    }

    /// What stands behind the language.
    pub(crate) fn notes(&self) -> impl Iterator<Item = &str> {
        self.info.split_whitespace().skip(1)
    }
}

pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

impl Page {
    pub(crate) fn read(path: &str) -> Self {
        let text = fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        Self { path: path.to_owned(), text }
    }

    /// The README and every chapter.
    pub(crate) fn all() -> Vec<Self> {
        let mut names: Vec<_> = fs::read_dir(root().join("docs"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".md"))
            .map(|name| format!("docs/{name}"))
            .collect();
        names.push("README.md".to_owned());
        names.sort();
        names.iter().map(|name| Self::read(name)).collect()
    }

    /// Its fenced blocks, in order; those of a list without their indent.
    pub(crate) fn blocks(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut open: Option<(Block, usize)> = None;
        let mut section = String::new();
        for (index, line) in self.text.lines().enumerate() {
            let content = line.trim_start();
            let indent = line.len() - content.len();
            match (&mut open, content.strip_prefix("```")) {
                (None, Some(info)) => {
                    let info = info.trim().to_owned();
                    let block =
                        Block { info, text: String::new(), line: index + 1, section: section.clone() };
                    open = Some((block, indent));
                }
                (None, None) => {
                    if let Some(heading) = line.strip_prefix("## ") {
                        heading.clone_into(&mut section);
                    }
                }
                (Some(_), Some("")) => blocks.extend(open.take().map(|(block, _)| block)),
                (Some((block, indent)), _) => {
                    block.text.push_str(line.get(*indent..).unwrap_or_default());
                    block.text.push('\n');
                }
            }
        }
        assert!(open.is_none(), "{}: a fence stays open", self.path);
        blocks
    }

    /// The cells of the rows of its tables whose first cell begins with a code span, without the pipes.
    pub(crate) fn rows(&self) -> Vec<Vec<String>> {
        let cells = |line: &str| -> Vec<String> {
            line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
        };
        self.text.lines().filter(|line| line.starts_with("| `")).map(cells).collect()
    }
}

/// The code spans of a text.
pub(crate) fn code_spans(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}
