//! Rust source without what is no code of the product: comments, texts, tests.

/// The code, with blanks where something was taken out: lines and columns stay.
pub(crate) struct Code(pub(crate) String);

/// Where a file's own tests begin; they stand at its end.
const TESTS: &str = "#[cfg(test)]\nmod tests {";

impl Code {
    pub(crate) fn of(source: &str) -> Self {
        let code = without_comments_and_texts(source);
        let end = code.find(TESTS).unwrap_or(code.len());
        Self(code[..end].to_owned())
    }
}

fn without_comments_and_texts(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let before = code.chars().next_back();
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment_len(rest)
        } else if first == '"' {
            text_len(rest)
        } else if first == 'r' && !before.is_some_and(is_identifier) {
            raw_text_len(rest)
        } else if first == '\'' {
            char_len(rest)
        } else {
            0
        };
        let (taken, after) = rest.split_at(skipped.max(first.len_utf8()));
        if skipped == 0 {
            code.push_str(taken);
        } else {
            code.extend(taken.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        }
        rest = after;
    }
    code
}

fn is_identifier(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Block comments nest.
fn block_comment_len(source: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < source.len() {
        if source[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if source[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += source[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    source.len()
}

fn text_len(source: &str) -> usize {
    let mut escaped = false;
    for (at, c) in source.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    source.len()
}

/// `r"…"`, `r#"…"#`, …; 0 for anything else that begins with an r.
fn raw_text_len(source: &str) -> usize {
    let hashes = source[1..].chars().take_while(|c| *c == '#').count();
    if !source[1 + hashes..].starts_with('"') {
        return 0;
    }
    let end = format!("\"{}", "#".repeat(hashes));
    let body = 2 + hashes;
    source[body..].find(&end).map_or(source.len(), |at| body + at + end.len())
}

/// `'x'` and `'\…'`; 0 for a lifetime.
fn char_len(source: &str) -> usize {
    let mut chars = source.char_indices().skip(1);
    match chars.next() {
        Some((_, '\\')) => source[3..].find('\'').map_or(0, |at| at + 4),
        Some(_) => chars.next().filter(|(_, c)| *c == '\'').map_or(0, |(at, _)| at + 1),
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_texts_and_tests_are_blank() {
        for (source, code) in [
            ("a // b\nc", "a     \nc"),
            ("a /* b /* c */ d */ e", "a                   e"),
            (r#"a("b \" // c"); d"#, "a(           ); d"),
            ("r\"a\" r#\"b\"c\"# r", "              r"),
            ("for'a' bar\"x\"", "for    bar   "),
            ("fn f<'a>(x: &'a str) { '\\'' }", "fn f<'a>(x: &'a str) {      }"),
            ("a\n#[cfg(test)]\nmod tests {\n b }", "a\n"),
        ] {
            assert_eq!(Code::of(source).0, code, "{source}");
        }
    }
}
