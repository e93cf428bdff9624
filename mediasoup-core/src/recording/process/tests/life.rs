//! Life and death of children.

use std::fs;

use rustix::process::Signal;

use super::*;
use crate::recording::RecorderFiles;

async fn finish(scene: &Scene, recorder: &mut dyn Recorder) -> RecorderFiles {
    scene.growth.end();
    let files = tokio::time::timeout(PATIENCE, recorder.finished()).await.unwrap().unwrap();
    assert_eq!(files.combined.as_deref(), Some("combined.mp4"));
    assert_eq!(fs::read_to_string(scene.job().join("combined.mp4")).unwrap(), "whole");
    for pid in scene.pids() {
        assert!(is_gone(pid), "{pid} is still there");
    }
    files
}

async fn error_of(recorder: &mut dyn Recorder) -> String {
    let error = tokio::time::timeout(PATIENCE, recorder.finished()).await.unwrap().unwrap_err();
    std::error::Error::source(&error).unwrap().to_string()
}

#[tokio::test]
async fn a_recorder_follows_the_log_and_finishes() {
    let mut scene = Scene::new("reads");
    let mut recorder = scene.start().await;
    let position = recorder.position();
    scene.write(1000);
    scene.write(5000);
    scene.go_on_until(|_| (*position.borrow() >= Duration::from_secs(6)).then_some(())).await;
    finish(&scene, &mut *recorder).await;
    assert_eq!(finish(&scene, &mut *recorder).await, finish(&scene, &mut *recorder).await);
    assert_eq!(scene.pids().len(), 1);
}

#[tokio::test]
async fn a_child_that_waits_for_input_is_left_alone() {
    let mut scene = Scene::new("reads");
    let mut recorder = scene.start().await;
    scene.write(1000);
    tokio::time::sleep(Duration::from_secs(4)).await;
    scene.write(1000);
    finish(&scene, &mut *recorder).await;
    assert_eq!(scene.pids().len(), 1);
}

#[tokio::test]
async fn killed_children_are_replaced_at_once() {
    let mut scene = Scene::new("reads");
    let mut recorder = scene.start().await;
    for nth in 1..=10 {
        let pid = scene.nth_child(nth).await;
        // Further than the last, and at whatever moment.
        let position = *recorder.position().borrow();
        scene.go_on_until(|_| (*recorder.position().borrow() > position).then_some(())).await;
        tokio::time::sleep(Duration::from_millis(u64::from(pid % 50))).await;
        let killed = ambient::now();
        signal(pid, Signal::KILL);
        scene.nth_child(nth + 1).await;
        assert!(killed.elapsed_ms() < 2000, "{} ms", killed.elapsed_ms());
    }
    finish(&scene, &mut *recorder).await;
}

#[tokio::test]
async fn a_stopped_child_is_noticed_and_replaced() {
    let mut scene = Scene::new("reads");
    let mut recorder = scene.start().await;
    let pid = scene.nth_child(1).await;
    let stopped = ambient::now();
    signal(pid, Signal::STOP);
    scene.go_on_until(|_| is_gone(pid).then_some(())).await;
    // 2 s, and what a busy machine takes to look.
    let after = stopped.elapsed_ms();
    assert!((1000..2500).contains(&after), "noticed after {after} ms");
    scene.nth_child(2).await;
    finish(&scene, &mut *recorder).await;
}

#[tokio::test]
async fn a_child_that_spins_is_replaced() {
    for behaviour in ["spins", "repeats itself"] {
        let mut scene = Scene::new(behaviour);
        let mut recorder = scene.start().await;
        scene.write(1000);
        scene.nth_child(2).await;
        finish(&scene, &mut *recorder).await;
    }
}

#[tokio::test]
async fn who_dies_in_one_place_is_given_up() {
    let mut scene = Scene::new("exits");
    let mut recorder = scene.start().await;
    scene.write(1000);
    let error = error_of(&mut *recorder).await;
    let expected =
        "the recorder failed 5 times at 0:00; the last time it ended without a result (exit status: 1)";
    assert_eq!(error, expected);
    assert_eq!(scene.pids().len(), 5);
}

#[tokio::test]
async fn who_gets_further_is_not_given_up() {
    let mut scene = Scene::new("gets further, then exits");
    let mut recorder = scene.start().await;
    scene.write(2000);
    finish(&scene, &mut *recorder).await;
    assert_eq!(scene.pids().len(), 13);
    assert!(*recorder.position().borrow() >= Duration::from_secs(12));
}

#[tokio::test]
async fn what_a_child_fails_with_is_told() {
    let mut scene = Scene::new("fails");
    let mut recorder = scene.start().await;
    scene.write(1000);
    assert!(error_of(&mut *recorder).await.ends_with("because there is no such codec"));
}

#[tokio::test]
async fn a_file_elsewhere_is_not_taken() {
    let mut scene = Scene::new("names a foreign file");
    let mut recorder = scene.start().await;
    scene.write(1000);
    assert!(error_of(&mut *recorder).await.ends_with("it named \"../media.log\" as its file"));
}

#[tokio::test]
async fn a_child_that_never_reads_holds_nobody_up() {
    let mut scene = Scene::new("deaf");
    let recorder = scene.start().await;
    let first = scene.nth_child(1).await;
    let start = ambient::now();
    for _ in 0..100 {
        scene.write(1 << 20);
    }
    assert!(start.elapsed_ms() < 10_000, "{} ms", start.elapsed_ms());
    scene.go_on_until(|_| is_gone(first).then_some(())).await;
    let second = scene.nth_child(2).await;
    drop(recorder);
    assert!(is_gone(second));
}

#[tokio::test]
async fn a_child_that_chatters_is_not_held_up() {
    let mut scene = Scene::new("chatters");
    let mut recorder = scene.start().await;
    scene.write(1000);
    finish(&scene, &mut *recorder).await;
    assert_eq!(scene.pids().len(), 1);
}

#[tokio::test]
async fn a_dropped_recorder_is_gone() {
    let mut scene = Scene::new("reads");
    let recorder = scene.start().await;
    let pid = scene.nth_child(1).await;
    assert!(!is_gone(pid));
    drop(recorder);
    assert!(is_gone(pid));
}

#[tokio::test]
async fn a_program_that_is_not_cannot_be_started() {
    let mut scene = Scene::new("reads");
    scene.backend = ProcessBackend::new(RecorderCommand::new("/nowhere".into(), Vec::new()));
    let log = LogSource::growing(scene.root.path().join("media.log"), scene.growth.clone());
    scene.backend.start(RecorderJob { log, directory: scene.job() }).await.unwrap_err();
}
