//! npm `mediasoup`, asked over a pipe.

use std::{
    io::{BufRead, BufReader, BufWriter, Write},
    path::Path,
    process::{Command, Stdio},
    thread,
};

use serde_json::Value;

/// Mediasoup's answer to each case, in order.
pub(crate) fn answers(cases: &[Value]) -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("ortc");
    install(&folder);
    let mut node = Command::new("node")
        .arg("oracle.cjs")
        .current_dir(&folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("this test needs Node.js (the command `node`): {error}"));
    let mut requests = BufWriter::new(node.stdin.take().expect("stdin is piped"));
    let replies = BufReader::new(node.stdout.take().expect("stdout is piped"));
    let answers = thread::scope(|scope| {
        scope.spawn(move || {
            for case in cases {
                writeln!(requests, "{case}").expect("the oracle reads every case");
            }
        });
        replies
            .lines()
            .map(|line| {
                let line = line.expect("the oracle writes UTF-8");
                serde_json::from_str(&line).expect("the oracle writes JSON lines")
            })
            .collect::<Vec<Value>>()
    });
    let status = node.wait().expect("the oracle can be waited for");
    assert!(status.success(), "the oracle ended with {status}");
    assert_eq!(answers.len(), cases.len(), "the oracle answers every case");
    answers
}

/// Installs what the lock file names, once.
fn install(folder: &Path) {
    if folder.join("node_modules/mediasoup").is_dir() {
        return;
    }
    // No install scripts: they would build mediasoup's C++ worker, which nobody here runs.
    let status = Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(folder)
        .stdout(Stdio::null())
        .status()
        .unwrap_or_else(|error| panic!("this test needs Node.js (the command `npm`): {error}"));
    assert!(status.success(), "`npm ci` in tests/ortc ended with {status}");
}
