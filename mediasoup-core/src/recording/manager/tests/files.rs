//! Finished files: which there are, and how they come and go.

use std::os::unix::fs::symlink;

use super::*;
use crate::recording::tests::backend::Behaviour::Wait;

fn write(world: &World, name: &str, len: usize, modified_ms: u64) {
    let path = world.directory.path().join(name);
    fs::write(&path, vec![0; len]).unwrap();
    let modified = std::time::UNIX_EPOCH + Duration::from_millis(modified_ms);
    fs::File::options().write(true).open(path).unwrap().set_modified(modified).unwrap();
}

#[tokio::test]
async fn finished_files_are_listed_newest_first() {
    let world = World::new(Finish).await;
    write(&world, "old.mp4", 3, 1000);
    write(&world, "new.opus", 4, 2000);
    write(&world, ".hidden.mp4", 1, 3000);
    write(&world, "notes.txt", 1, 3000);
    fs::create_dir(world.directory.path().join("directory.mp4")).unwrap();
    symlink("/etc/passwd", world.directory.path().join("link.mp4")).unwrap();
    assert_eq!(world.names().await, ["new.opus", "old.mp4"]);
    let file = world.recordings.recorded_file("old.mp4").await.unwrap();
    assert_eq!((file.size, file.modified, file.created), (3, 1000, 1000));
    assert_eq!(file.path, world.directory.path().join("old.mp4"));
}

#[tokio::test]
async fn names_never_leave_the_directory() {
    let world = World::new(Finish).await;
    let outside = tempfile::Builder::new().suffix(".mp4").tempfile().unwrap();
    let up = format!("../{}", outside.path().file_name().unwrap().to_str().unwrap());
    symlink(outside.path(), world.directory.path().join("link.mp4")).unwrap();
    let absolute = outside.path().to_str().unwrap();
    for name in [
        "",
        ".",
        "..",
        "../a.mp4",
        "..%2fa.mp4",
        "%2e%2e/a.mp4",
        "a\0.mp4",
        ".recordings",
        "link.mp4",
        &up,
        absolute,
    ] {
        let found = world.recordings.recorded_file(name).await;
        assert!(matches!(found, Err(RecordingError::FileNotFound)), "{name:?}: {found:?}");
        let deleted = world.recordings.delete_recorded_file(name).await;
        assert!(matches!(deleted, Err(RecordingError::FileNotFound)), "{name:?}: {deleted:?}");
    }
    assert!(outside.path().exists());
}

#[tokio::test]
async fn files_are_deleted_but_not_while_they_are_made() {
    let world = World::with(Wait, |options| options.stop_wait = Duration::from_millis(20)).await;
    let room = FakeRoom::new("a").await;
    let started = world.start(&room).await.unwrap();
    world.stop(&started).await.unwrap();
    let name = format!("{}_combined.mp4", started.filename);
    assert!(matches!(world.recordings.delete_recorded_file(&name).await, Err(RecordingError::FileInUse)));
    world.backend.go_on();
    world.settled().await;
    world.recordings.delete_recorded_file(&name).await.unwrap();
    assert!(matches!(world.recordings.delete_recorded_file(&name).await, Err(RecordingError::FileNotFound)));
    assert_eq!(world.names().await.len(), 1);
}

#[tokio::test]
async fn a_name_that_is_taken_is_not_taken_away() {
    let world = World::new(Finish).await;
    let room = FakeRoom::new("a").await;
    let started = world.start(&room).await.unwrap();
    let taken = format!("{}_audio.opus", started.filename);
    write(&world, &taken, 3, 1000);
    let stopped = world.stop(&started).await.unwrap();
    let second = world.directory.path().join(format!("{}-2_audio.opus", started.filename));
    assert_eq!(stopped.files.audio, Some(second));
    assert_eq!(world.recordings.recorded_file(&taken).await.unwrap().size, 3);
}

#[tokio::test]
async fn a_recorder_has_no_say_over_files_that_are_not_its_own() {
    for name in ["../media.log", "/etc/passwd", "missing.mp4", "link.mp4", ".hidden.mp4", ""] {
        let mut world = World::new(Finish).await;
        world.backend.files.lock().unwrap().combined = Some(name.to_owned());
        let room = FakeRoom::new("a").await;
        let started = world.start(&room).await.unwrap();
        assert_eq!(world.told().await, "started");
        symlink("/etc/passwd", world.work()[0].join("files/link.mp4")).unwrap();
        world.stop(&started).await.unwrap();
        assert_eq!([world.told().await, world.told().await], ["stopped", "failed"], "{name}");
        world.settled().await;
        assert_eq!((world.work().len(), world.names().await.len()), (1, 0));
    }
}

#[tokio::test]
async fn what_is_too_much_or_too_old_is_deleted_after_each_recording() {
    let limit = |options: &mut RecordingsOptions| {
        options.max_age = Some(Duration::from_secs(3600));
        options.max_total_size = Some(1000);
    };
    let world = World::with(Finish, limit).await;
    let now = crate::recording::ambient::epoch_ms();
    write(&world, "old.mp4", 1, now - 3_700_000);
    write(&world, "large.mp4", 2000, now - 1_000_000);
    let room = FakeRoom::new("a").await;
    let started = world.start(&room).await.unwrap();
    let kept = world.stop(&started).await.unwrap();
    world.settled().await;
    let mut names = world.names().await;
    names.sort();
    let name = |path: Option<PathBuf>| path.unwrap().file_name().unwrap().to_str().unwrap().to_owned();
    assert_eq!(names, [name(kept.files.audio), name(kept.files.combined)]);
}
