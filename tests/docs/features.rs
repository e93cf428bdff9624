//! Every row of `docs/features.md` has a state, and the tests it names are there.

use std::fs;

use crate::markdown::{Page, code_spans, root};

/// What a state begins with.
const STATES: [&str; 3] = ["works", "partly", "no"];

/// Whether a file has a test of this name; `…` in it stands for anything.
fn has_test(path: &str, text: &str, name: &str) -> bool {
    if path.ends_with(".rs") {
        return text.split("#[").any(|part| is_rust_test(part, name));
    }
    let titles = text.split("test(").skip(1).filter_map(|call| {
        let quote = call.chars().next().filter(|quote| matches!(quote, '\'' | '`'))?;
        call[1..].split(quote).next()
    });
    titles.into_iter().any(|title| matches(title, name))
}

/// Whether `part`, which follows upon `#[`, is a test's attribute with the function of this name.
fn is_rust_test(part: &str, name: &str) -> bool {
    let (attribute, function) = part.split_once(']').unwrap_or_default();
    let attribute = attribute.split('(').next().unwrap_or_default();
    let function = function.trim_start();
    let function = function.strip_prefix("async ").unwrap_or(function);
    matches!(attribute, "test" | "tokio::test") && function.starts_with(&format!("fn {name}("))
}

/// Whether a title is this name, with a template's placeholder for each `…`.
fn matches(title: &str, name: &str) -> bool {
    let mut shown = String::new();
    let mut rest = title;
    while let Some((before, after)) = rest.split_once("${") {
        shown.push_str(before);
        shown.push('…');
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    shown.push_str(rest);
    shown == name
}

#[test]
fn tests_are_found_by_name() {
    let rust = "#[test]\nfn a() {}\n#[tokio::test(flavor = \"x\")]\nasync fn b() {}\nfn c() {}";
    let found = |name| has_test("a.rs", rust, name);
    assert!(found("a") && found("b") && !found("c") && !found(""));
    let script = "test('one', f);\ntest(`${a} two ${b}`, f);\n// three";
    let found = |name| has_test("a.mjs", script, name);
    assert!(found("one") && found("… two …") && !found("on") && !found("two") && !found("three"));
}

#[test]
fn every_feature_has_a_state_and_a_test() {
    let page = Page::read("docs/features.md");
    let rows = page.text.lines().filter(|line| line.starts_with('|') && !line.starts_with("|---"));
    let mut count = 0;
    for row in rows.filter(|row| *row != "| feature | state | test |") {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [_, state, tests] = cells[..] else { panic!("three cells: {row}") };
        let state = state.split([':', ';', ',', ' ']).next().unwrap();
        assert!(STATES.contains(&state), "{state} is no state: {row}");
        let spans = code_spans(tests);
        assert_eq!(spans.is_empty(), state == "no", "what works has a test, what does not has none: {row}");
        assert!(spans.len().is_multiple_of(2), "each test is a file and a name: {row}");
        for test in spans.chunks(2) {
            let text = fs::read_to_string(root().join(test[0]));
            let text = text.unwrap_or_else(|error| panic!("{}: {error}", test[0]));
            assert!(has_test(test[0], &text, test[1]), "{} has no test {:?}", test[0], test[1]);
        }
        count += 1;
    }
    assert!(count > 50, "{count} rows");
}
