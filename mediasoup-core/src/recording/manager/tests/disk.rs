//! Disks that fill up.

use std::process::Command;

use super::*;

#[tokio::test]
async fn under_the_reserve_nothing_is_started() {
    let world = World::new(Finish).await;
    world.space.0.store(GIB - 1, Ordering::Relaxed);
    let room = FakeRoom::new("a").await;
    assert!(matches!(world.start(&room).await, Err(RecordingError::DiskFull)));
    assert_eq!(world.work(), [] as [PathBuf; 0]);
    world.space.0.store(GIB, Ordering::Relaxed);
    assert!(world.start(&room).await.is_ok());
}

#[tokio::test]
async fn at_the_reserve_a_recording_is_stopped_in_order() {
    let mut world = World::new(Finish).await;
    let room = FakeRoom::new("a").await;
    world.start(&room).await.unwrap();
    assert_eq!(world.told().await, "started");
    world.space.0.store(GIB - 1, Ordering::Relaxed);
    let RecordingEvent::Failed { error, .. } = world.event().await else { panic!() };
    assert_eq!(error, "Not enough free disk space: the recording was stopped");
    assert_eq!(world.told().await, "stopped");
    let RecordingEvent::Ready(ready) = world.event().await else { panic!() };
    assert!(summary(&ready).has_end);
}

/// A small disk of memory, for the superuser only. Unmounted however the test ends.
struct SmallDisk(Arc<TempDir>);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=12m", "tmpfs"])
            .arg(directory.path())
            .output()
            .is_ok_and(|output| output.status.success());
        mounted.then(|| Self(Arc::new(directory)))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).output();
    }
}

#[tokio::test]
async fn on_a_disk_that_is_full_a_recording_ends_whole() {
    let Some(disk) = SmallDisk::mount() else {
        eprintln!("not tested: no disk can be mounted here");
        return;
    };
    let mut world = World::open(Arc::clone(&disk.0), Finish, |options| options.disk_reserve = 0).await;
    let room = FakeRoom::new("a").await;
    world.start(&room).await.unwrap();
    assert_eq!(world.told().await, "started");
    // What is left beside the ballast goes to somebody else.
    fs::write(disk.0.path().join("filler"), vec![0; 3_900_000]).unwrap();
    let mut sent = 0;
    let error = loop {
        room.send(tokio::time::Instant::now().into_std(), sent);
        sent += 1;
        if let Ok(Ok(RecordingEvent::Failed { error, .. })) =
            timeout(Duration::from_micros(20), world.events.recv()).await
        {
            break error;
        }
    };
    assert_eq!(error, "Not enough free disk space: the recording was stopped");
    assert_eq!(world.told().await, "stopped");
    let RecordingEvent::Ready(ready) = world.event().await else { panic!() };
    let Summary { sequences, has_end } = summary(&ready);
    assert!(has_end && !sequences.is_empty());
    world.settled().await;
}
