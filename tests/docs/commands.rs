//! Every curl command of the documentation is run, and what it answers is what is shown.

use std::process::Command;

use mediasoup_server::app::RunningServer;
use serde_json::Value;

use crate::{
    markdown::{Block, Page},
    server, shape,
};

/// What the documentation calls the server.
const SHOWN_URL: &str = "http://localhost:3000";

#[tokio::test(flavor = "multi_thread")]
async fn every_curl_command_answers_what_is_shown() {
    let mut count = 0;
    for page in Page::all() {
        let servers =
            Servers { anonymous: server::anonymous().await, with_tokens: server::with_tokens().await };
        count += tokio::task::block_in_place(|| run_page(&page, &servers));
        assert!(servers.anonymous.shutdown().await && servers.with_tokens.shutdown().await);
    }
    println!("{count} commands");
    assert!(count > 0);
}

struct Servers {
    anonymous: RunningServer,
    with_tokens: RunningServer,
}

/// Runs a page's commands in their order. Those of a section that names a token go to the server that wants one.
fn run_page(page: &Page, servers: &Servers) -> usize {
    let blocks = page.blocks();
    let names_token = |section: &str| {
        let mut commands = blocks.iter().filter(|block| block.section == section && is_shell(block));
        commands.any(|block| block.text.contains("TOKEN\""))
    };
    let mut count = 0;
    for (index, block) in blocks.iter().enumerate().filter(|(_, block)| is_shell(block)) {
        let server = if names_token(&block.section) { &servers.with_tokens } else { &servers.anonymous };
        let commands = curl_commands(page, block);
        count += commands.len();
        for (number, words) in commands.iter().enumerate() {
            let place = format!("{}:{}: {}", page.path, block.line, words.join(" "));
            let (status, body) = curl(words, &server::url(server), &place);
            // An answer is shown of the last command of a block.
            let shown = blocks.get(index + 1).filter(|block| block.language() == "json");
            match shown.filter(|_| number + 1 == commands.len()) {
                Some(shown) => check(shown, &status, &body, &place),
                None => assert!(status.starts_with('2'), "{place}: {status} {body}"),
            }
        }
    }
    count
}

fn is_shell(block: &Block) -> bool {
    matches!(block.language(), "bash" | "sh")
}

/// The commands of a block that are curl's, split into words as a shell does.
fn curl_commands(page: &Page, block: &Block) -> Vec<Vec<String>> {
    let mut commands = Vec::new();
    let mut command = String::new();
    for line in block.text.lines() {
        match line.strip_suffix('\\') {
            Some(start) => command.push_str(start),
            None => {
                command.push_str(line);
                // Unbalanced quotes: the command goes on.
                match shlex::split(&command) {
                    Some(words) => {
                        commands.push(words);
                        command.clear();
                    }
                    None => command.push('\n'),
                }
            }
        }
    }
    assert!(command.is_empty(), "{}:{}: the last command does not end", page.path, block.line);
    commands.retain(|words| {
        let is_curl = words.first().is_some_and(|word| word == "curl");
        let hidden = !is_curl && words.iter().any(|word| word.contains("curl"));
        assert!(!hidden, "{}:{}: curl among other commands cannot be run", page.path, block.line);
        is_curl
    });
    commands
}

/// Runs it. Answers with HTTP's status and the body.
fn curl(words: &[String], url: &str, place: &str) -> (String, String) {
    let (token, participant_token) = (server::token("admin"), server::token("participant"));
    let arguments = words[1..].iter().map(|word| {
        let word = word.replace("$PARTICIPANT_TOKEN", &participant_token).replace("$TOKEN", &token);
        word.replace(SHOWN_URL, url)
    });
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--max-time", "20", "--noproxy", "*"])
        .args(["--write-out", "\n%{http_code}"])
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("{place}: curl does not run: {error}"));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{place}: {}: {error}", output.status);
    let output = String::from_utf8(output.stdout).unwrap();
    let (body, status) = output.rsplit_once('\n').unwrap();
    (status.to_owned(), body.to_owned())
}

/// The status is the one behind `json`; 200 where there is none.
fn check(shown: &Block, status: &str, body: &str, place: &str) {
    assert_eq!(status, shown.notes().next().unwrap_or("200"), "{place}: {body}");
    let shown: Value = serde_json::from_str(&shown.text).unwrap_or_else(|error| panic!("{place}: {error}"));
    let answered: Value =
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{place}: {error}: {body}"));
    if let Some(difference) = shape::difference(&shown, &answered) {
        panic!("{place}\n{difference}\nanswered: {body}");
    }
}

#[test]
fn every_shown_json_is_json() {
    for page in Page::all() {
        for block in page.blocks().iter().filter(|block| block.language() == "json") {
            let parsed = serde_json::from_str::<Value>(&block.text);
            assert!(parsed.is_ok(), "{}:{}: {parsed:?}", page.path, block.line);
        }
    }
}
