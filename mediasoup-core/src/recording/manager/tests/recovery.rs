//! What a crash leaves, and what the next start makes of it.

use std::fs::OpenOptions;

use super::*;
use crate::recording::{ambient, manager::work::WorkDirectory, tests::backend::Behaviour::Wait};

/// A server that dies in the middle of a recording: its tasks end where they are.
async fn crash(directory: &Arc<TempDir>) {
    let directory = Arc::clone(directory);
    ambient::blocking(move || crash_in(directory)).await.unwrap();
}

fn crash_in(directory: Arc<TempDir>) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let world = World::open(directory, Wait, |_| {}).await;
        let room = FakeRoom::new("a").await;
        let started = world.start(&room).await.unwrap();
        let log = work_root(world.directory.path()).join(started.id.to_string()).join("media.log");
        for number in 0.. {
            room.send(tokio::time::Instant::now().into_std(), number);
            tokio::time::sleep(Duration::from_millis(10)).await;
            if log.metadata().unwrap().len() > 2000 {
                break;
            }
        }
    });
    drop(runtime);
}

/// The server is started again.
async fn recover(directory: &Arc<TempDir>) -> World {
    World::open(Arc::clone(directory), Finish, |_| {}).await
}

#[tokio::test]
async fn a_recording_that_was_cut_off_is_completed() {
    let directory = Arc::new(tempfile::tempdir().unwrap());
    crash(&directory).await;
    let log = entries(&work_root(directory.path()))[0].join("media.log");
    // The last record is torn.
    let file = OpenOptions::new().write(true).open(&log).unwrap();
    file.set_len(log.metadata().unwrap().len() - 3).unwrap();

    let mut world = recover(&directory).await;
    let RecordingEvent::Ready(ready) = world.event().await else { panic!() };
    let Summary { sequences, has_end } = summary(&ready);
    assert!(has_end && sequences.len() > 3);
    assert_eq!(sequences, (0..sequences.len() as u64).collect::<Vec<_>>());
    let RecordingStatus::Ready { duration, .. } = ready.status else { panic!("{ready:?}") };
    assert!(duration > 0);
    world.settled().await;
    assert_eq!((world.work(), world.names().await.len()), (vec![], 2));
}

#[tokio::test]
async fn names_that_were_being_given_are_given_without_composing_anew() {
    let directory = Arc::new(tempfile::tempdir().unwrap());
    crash(&directory).await;
    let work = entries(&work_root(directory.path())).remove(0);
    let plan = serde_json::json!({
        "filename": "room_a_T",
        "files": { "audio": "audio.opus", "combined": "combined.mp4" },
    });
    fs::write(work.join("publication.json"), serde_json::to_vec(&plan).unwrap()).unwrap();
    fs::write(directory.path().join("room_a_T_audio.opus"), "there already").unwrap();
    fs::write(work.join("files/combined.mp4"), "on its way").unwrap();

    let mut world = recover(&directory).await;
    let RecordingEvent::Ready(ready) = world.event().await else { panic!() };
    assert_eq!(fs::read(ready.files.audio.unwrap()).unwrap(), b"there already");
    assert_eq!(fs::read(ready.files.combined.unwrap()).unwrap(), b"on its way");
    world.settled().await;
    assert_eq!(world.work(), [] as [PathBuf; 0]);
}

#[tokio::test]
async fn what_says_nothing_goes_and_what_is_not_understood_stays() {
    let directory = Arc::new(tempfile::tempdir().unwrap());
    let root = work_root(directory.path());
    let named = |number: u128| root.join(crate::ids::RecordingId::from_u128(number).to_string());
    for number in 1..=4 {
        fs::create_dir_all(named(number).join("files")).unwrap();
    }
    fs::write(named(2).join("media.log"), [0; 5]).unwrap();
    fs::write(named(2).join("ballast"), [0; 5]).unwrap();
    fs::write(named(3).join("media.log"), [7; 500]).unwrap();
    fs::write(named(4).join("files/part-0.mkv"), [7; 500]).unwrap();
    fs::create_dir_all(root.join("something else")).unwrap();
    fs::create_dir_all(root.join(format!("{}.done", named(5).display())).join("files")).unwrap();

    // Another server's, which goes on.
    let id = crate::ids::RecordingId::from_u128(6);
    let theirs = WorkDirectory::create(&root, id).unwrap();
    crash(&directory).await;

    let mut world = recover(&directory).await;
    // It is the youngest: all others have been looked at.
    assert_eq!(world.told().await, "ready");
    world.settled().await;
    let mut left = world.work();
    left.sort();
    let mut expected = vec![named(3), named(4), theirs.path().to_owned(), root.join("something else")];
    expected.sort();
    assert_eq!(left, expected);
}
