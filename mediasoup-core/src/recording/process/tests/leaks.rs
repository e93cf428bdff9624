//! What is left behind: counted in a process of its own, whose tests do nothing else meanwhile.

use std::process::Command;

use super::*;

const ALONE: &str = "LEAK_TEST_ALONE";

fn entries(directory: &str) -> usize {
    fs::read_dir(directory).unwrap().count()
}

#[test]
fn recorders_leave_no_threads_and_no_files_open() {
    let name = concat!(module_path!(), "::fifty_recorders").split_once("::").unwrap().1;
    let program = std::env::current_exe().unwrap();
    let arguments = ["--exact", name, "--ignored", "--test-threads=1"];
    let output = Command::new(program).args(arguments).env(ALONE, "").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[tokio::test]
#[ignore = "counts what its process has; another test starts it"]
async fn fifty_recorders() {
    if std::env::var_os(ALONE).is_none() {
        return;
    }
    let counts = || (entries("/proc/self/fd"), entries("/proc/self/task"));
    let mut before = None;
    for nth in 0..50 {
        let mut scene = Scene::new("reads");
        let mut recorder = scene.start().await;
        let pid = scene.nth_child(1).await;
        if nth % 2 == 0 {
            scene.growth.end();
            recorder.finished().await.unwrap();
        }
        drop((recorder, scene));
        assert!(is_gone(pid));
        assert_eq!(*before.get_or_insert_with(counts), counts(), "after {nth}");
    }
}
