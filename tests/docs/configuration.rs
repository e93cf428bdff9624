//! `docs/configuration.md` has every key with its default, and every flag; its variables set what it says; its examples
//! load.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
};

use clap::CommandFactory as _;
use mediasoup_server::config::{Cli, Config};
use serde_json::Value;

use crate::{
    markdown::{Page, code_spans},
    source,
};

/// Dotted keys with their values.
fn keys_of(config: &Config) -> BTreeMap<String, Value> {
    let mut keys = BTreeMap::new();
    let mut open = vec![(String::new(), serde_json::to_value(config).unwrap())];
    while let Some((path, value)) = open.pop() {
        match value {
            Value::Object(section) => {
                open.extend(section.into_iter().map(|(name, value)| {
                    (if path.is_empty() { name } else { format!("{path}.{name}") }, value)
                }));
            }
            leaf => {
                keys.insert(path, leaf);
            }
        }
    }
    keys
}

/// `[key, default, variable, …]`, as they stand in the table.
fn rows() -> Vec<Vec<String>> {
    let rows = Page::read("docs/configuration.md").rows().into_iter();
    rows.filter(|row| row[0].contains('.') && row.len() == 4).collect()
}

fn key(row: &[String]) -> &str {
    code_spans(&row[0])[0]
}

#[test]
fn every_key_is_documented_with_its_default() {
    let documented: BTreeMap<_, _> = rows().iter().map(|row| (key(row).to_owned(), row[1].clone())).collect();
    let defaults: BTreeMap<_, _> = keys_of(&Config::default())
        .into_iter()
        .map(|(key, value)| {
            let shown = match value {
                Value::Null => "*none*".to_owned(),
                Value::String(text) => format!("`{text}`"),
                Value::Array(list) if !list.is_empty() => "below".to_owned(),
                other => format!("`{other}`"),
            };
            (key, shown)
        })
        .collect();
    assert_eq!(documented, defaults);
}

/// A value no key but a text takes.
const STRANGE: &str = "zzz";

/// Whether a variable sets a key: it changes its value, or is refused for it.
fn sets(variable: &str, key: &str) -> bool {
    let environment = BTreeMap::from([(variable.to_owned(), STRANGE.to_owned())]);
    match Config::load(&Cli::default(), &environment) {
        Ok(config) => keys_of(&config)[key] != keys_of(&Config::default())[key],
        Err(error) => {
            let section = key.rsplit_once('.').unwrap().0;
            let error = error.to_string();
            error.starts_with(key) || error.starts_with(&format!("{section}: "))
        }
    }
}

#[test]
fn every_variable_sets_its_key() {
    for row in rows() {
        let key = key(&row);
        let short = code_spans(&row[2]);
        assert!(short.len() <= 1, "{row:?}");
        for variable in short {
            assert!(sets(variable, key), "{variable} does not set {key}");
        }
        let long = key.split('.').fold("MEDIASOUP".to_owned(), |name, part| {
            let words = part.chars().flat_map(|c| {
                let gap = c.is_ascii_uppercase().then_some('_');
                gap.into_iter().chain([c.to_ascii_uppercase()])
            });
            name + "__" + &words.collect::<String>()
        });
        assert!(sets(&long, key), "{long} does not set {key}");
    }
}

#[test]
fn every_short_variable_is_documented() {
    let page = Page::read("docs/configuration.md");
    let documented: BTreeSet<_> = code_spans(&page.text).into_iter().collect();
    let (_, text) = source::files("mediasoup-server/src/config")
        .into_iter()
        .find(|(path, _)| path.ends_with("source.rs"))
        .unwrap();
    let is_variable = |c: char| c.is_ascii_uppercase() || c == '_';
    let mut in_code: BTreeSet<_> = source::names_after(&text, "(\"", is_variable).collect();
    in_code.insert("MEDIASOUP_CONFIG");
    assert!(in_code.len() > 10, "{in_code:?}");
    let missing: Vec<_> = in_code.difference(&documented).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_flag_is_documented_and_exists() {
    let page = Page::read("docs/configuration.md");
    let documented: BTreeSet<_> = page
        .rows()
        .iter()
        .filter(|row| row[0].starts_with("`--"))
        .flat_map(|row| code_spans(&row[0]).into_iter().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let mut command = Cli::command();
    command.build();
    let flags: BTreeSet<_> =
        command.get_arguments().filter_map(|flag| Some(format!("--{}", flag.get_long()?))).collect();
    assert_eq!(documented, flags);
}

#[test]
fn examples_load() {
    let mut count = 0;
    for page in Page::all() {
        for block in page.blocks() {
            let loaded = match block.language() {
                "toml" => {
                    let mut file = tempfile::NamedTempFile::new().unwrap();
                    file.write_all(block.text.as_bytes()).unwrap();
                    let cli = Cli { config: Some(file.path().to_owned()), ..Cli::default() };
                    Config::load(&cli, &BTreeMap::new())
                }
                "env" => {
                    let lines = block.text.lines().filter_map(|line| line.split_once('='));
                    let variables = lines.map(|(name, value)| (name.to_owned(), value.to_owned()));
                    Config::load(&Cli::default(), &variables.collect())
                }
                _ => continue,
            };
            assert!(loaded.is_ok(), "{}:{}: {}", page.path, block.line, loaded.unwrap_err());
            count += 1;
        }
    }
    assert!(count > 0);
}

#[test]
fn every_log_type_is_documented() {
    let page = Page::read("docs/debug.md");
    let documented: BTreeSet<_> = page
        .rows()
        .iter()
        .filter(|row| row[0].contains("mediasoup:"))
        .map(|row| (code_spans(&row[0])[0].to_owned(), code_spans(&row[1])[0].to_owned()))
        .collect();
    let (_, text) = source::files("mediasoup-server/src/telemetry")
        .into_iter()
        .find(|(path, _)| path.ends_with("filter.rs"))
        .unwrap();
    let table = text.split("const NAMESPACES").nth(1).and_then(|rest| rest.split("];").next()).unwrap();
    let quoted: Vec<_> = table.split('"').skip(1).step_by(2).collect();
    let in_code = quoted.chunks(2).map(|pair| (pair[0].to_owned(), pair[1].to_owned())).collect();
    assert_eq!(documented, in_code);
}
