//! From start to end, in all ways.

use super::*;
use crate::recording::tests::backend::Behaviour::{Fail, FailToStart, Wait};

#[tokio::test]
async fn a_recording_is_ready_when_it_was_stopped() {
    let mut world = World::new(Finish).await;
    let room = FakeRoom::new("a:b").await;
    let started = world.start(&room).await.unwrap();
    assert_eq!(started.status, RecordingStatus::Recording);
    assert!(started.filename.starts_with("room_a~b_2") && started.filename.ends_with('Z'));
    assert_eq!(world.event().await, RecordingEvent::Started(started.clone()));
    assert_eq!(world.recordings.recording_of(&started.room_id), Some(started.clone()));
    let stats = world.recordings.stats().await;
    assert_eq!((stats.active_recordings, stats.recordings.len(), stats.disk_free), (1, 1, Some(2 * GIB)));

    room.send(tokio::time::Instant::now().into_std(), 7);
    let stopped = world.stop(&started).await.unwrap();
    let RecordingStatus::Ready { stopped_at, duration } = stopped.status else { panic!("{stopped:?}") };
    assert_eq!(stopped_at, stopped.started_at + duration);
    assert_eq!(summary(&stopped), Summary { sequences: vec![7], has_end: true });
    let audio = world.directory.path().join(format!("{}_audio.opus", started.filename));
    assert_eq!(stopped.files.audio, Some(audio));
    assert_eq!(world.event().await, RecordingEvent::Stopped(stopped.clone()));
    assert_eq!(world.event().await, RecordingEvent::Ready(stopped));
    world.settled().await;
    assert_eq!(world.work(), [] as [PathBuf; 0]);
    assert_eq!(world.names().await.len(), 2);
    assert_eq!(world.recordings.stats().await.recordings, []);
}

#[tokio::test]
async fn of_two_starts_at_once_one_wins() {
    let world = World::new(Finish).await;
    let (room, other) = (FakeRoom::new("a").await, FakeRoom::new("b").await);
    let (one, two, elsewhere) = tokio::join!(world.start(&room), world.start(&room), world.start(&other));
    assert!(elsewhere.is_ok());
    let (won, lost) = if one.is_ok() { (one, two) } else { (two, one) };
    assert!(matches!(lost, Err(RecordingError::InProgress)));
    let stopped = world.stop(&won.unwrap()).await.unwrap();
    assert!(is_ready(&stopped));
    assert!(world.start(&room).await.is_ok(), "and again, at once");
}

#[tokio::test]
async fn it_is_stopped_once() {
    let world = World::new(Wait).await;
    let room = FakeRoom::new("a").await;
    let started = world.start(&room).await.unwrap();
    let (one, two, ()) = tokio::join!(world.stop(&started), world.stop(&started), async {
        while world.recordings.recording_of(&started.room_id).is_some() {
            tokio::task::yield_now().await;
        }
        assert!(matches!(world.stop(&started).await, Err(RecordingError::NoRecording)));
        world.backend.go_on();
    });
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    world.settled().await;
    assert!(matches!(world.stop(&started).await, Err(RecordingError::NoRecording)));
}

#[tokio::test]
async fn one_that_starts_is_stopped_when_it_has() {
    let mut world = World::new(Finish).await;
    let room = FakeRoom::new("a").await;
    let gate = room.gate.lock().await;
    let (started, stopped) = tokio::join!(world.start(&room), async {
        while world.recordings.recording_of(&"a".parse().unwrap()).is_none() {
            tokio::task::yield_now().await;
        }
        let starting = world.recordings.recording_of(&"a".parse().unwrap()).unwrap();
        tokio::join!(world.stop(&starting), async { drop(gate) }).0
    });
    assert_eq!(started.unwrap().id, stopped.unwrap().id);
    assert_eq!([world.told().await, world.told().await, world.told().await], ["started", "stopped", "ready"]);
}

#[tokio::test]
async fn a_start_that_is_given_up_leaves_the_room_free() {
    let world = World::new(Finish).await;
    let room = FakeRoom::new("a").await;
    let gate = room.gate.lock().await;
    assert!(timeout(Duration::from_millis(100), world.start(&room)).await.is_err());
    drop(gate);
    world.settled().await;
    assert!(world.start(&room).await.is_ok());
}

#[tokio::test]
async fn what_cannot_be_recorded_is_refused_and_leaves_nothing() {
    let world = World::new(Finish).await;
    let mut room = FakeRoom::new("a").await;
    let options = |json| serde_json::from_value(json).unwrap();
    let webm = options(serde_json::json!({ "format": "webm", "video": { "codec": "libx264" } }));
    let refused = world.recordings.start_recording(&room, webm).await;
    assert!(matches!(refused, Err(RecordingError::Invalid(_))));
    let silent = options(serde_json::json!({ "audio": { "bitrate": 7000 } }));
    let refused = world.recordings.start_recording(&room, silent).await;
    assert!(matches!(refused, Err(RecordingError::Unsupported(text)) if text == "audio.bitrate"));
    room.allows = false;
    assert!(matches!(world.start(&room).await, Err(RecordingError::NotEnabled)));
    room.allows = true;
    room.close();
    assert!(matches!(world.start(&room).await, Err(RecordingError::RoomNotFound)));
    assert_eq!(world.work(), [] as [PathBuf; 0]);
    assert_eq!(world.recordings.stats().await.recordings, []);
}

#[tokio::test]
async fn it_ends_with_its_room() {
    let mut world = World::new(Finish).await;
    let room = FakeRoom::new("a").await;
    world.start(&room).await.unwrap();
    room.close();
    assert_eq!([world.told().await, world.told().await, world.told().await], ["started", "stopped", "ready"]);
}

#[tokio::test]
async fn files_that_take_longer_follow() {
    let mut world = World::with(Wait, |options| options.stop_wait = Duration::from_millis(20)).await;
    let room = FakeRoom::new("a").await;
    let started = world.start(&room).await.unwrap();
    let stopped = world.stop(&started).await.unwrap();
    let RecordingStatus::Processing { progress, .. } = stopped.status else { panic!("{stopped:?}") };
    assert!((0.0..=1.0).contains(&progress));
    assert_eq!([world.told().await, world.told().await], ["started", "stopped"]);
    assert_eq!(world.recordings.recording_of(&started.room_id), None);
    let again = world.start(&room).await.unwrap();
    assert_ne!(again.filename, started.filename);
    let stats = world.recordings.stats().await;
    assert_eq!((stats.active_recordings, stats.recordings.len()), (1, 2));
    assert_eq!(world.told().await, "started");
    world.backend.go_on();
    let RecordingEvent::Ready(ready) = world.event().await else { panic!() };
    assert_eq!(ready.id, started.id);
    assert!(is_ready(&ready));
}

#[tokio::test]
async fn a_recorder_that_fails_leaves_the_log_going_on() {
    for behaviour in [Fail, FailToStart] {
        let mut world = World::new(behaviour).await;
        let room = FakeRoom::new("a").await;
        let started = world.start(&room).await.unwrap();
        assert_eq!(world.told().await, "started");
        let RecordingEvent::Failed { recording, error } = world.event().await else { panic!() };
        assert_eq!(recording.status, RecordingStatus::Recording);
        assert!(["a codec broke", "no such codec"].contains(&&*error), "{error}");
        room.send(tokio::time::Instant::now().into_std(), 7);
        let stopped = world.stop(&started).await.unwrap();
        assert!(matches!(stopped.status, RecordingStatus::Processing { .. }));
        assert_eq!(world.told().await, "stopped");
        world.settled().await;
        assert_eq!(world.work().len(), 1);

        let mut next = World::open(Arc::clone(&world.directory), Finish, |_| {}).await;
        let RecordingEvent::Ready(ready) = next.event().await else { panic!() };
        assert_eq!(summary(&ready), Summary { sequences: vec![7], has_end: true });
    }
}

#[tokio::test]
async fn recordings_wait_for_their_turn_to_be_composed() {
    let mut world = World::with(Wait, |options| {
        options.composers = 1;
        options.stop_wait = Duration::from_millis(20);
    })
    .await;
    let rooms = [FakeRoom::new("a").await, FakeRoom::new("b").await, FakeRoom::new("c").await];
    let mut ids = Vec::new();
    for room in &rooms {
        let started = world.start(room).await.unwrap();
        world.stop(&started).await.unwrap();
        ids.push(started.id);
    }
    assert_eq!(world.backend.running(), 1);
    world.backend.go_on();
    let mut ready = Vec::new();
    while ready.len() < 3 {
        if let RecordingEvent::Ready(recording) = world.event().await {
            ready.push(recording.id);
        }
    }
    assert_eq!(ready, ids, "first come, first served");
}

#[tokio::test]
async fn without_composers_logs_are_kept_for_a_start_with_some() {
    let world = World::with(Finish, |options| options.composers = 0).await;
    let room = FakeRoom::new("a").await;
    let started = world.start(&room).await.unwrap();
    let stopped = world.stop(&started).await.unwrap();
    assert!(matches!(stopped.status, RecordingStatus::Processing { progress, .. } if progress < 0.01));
    world.settled().await;
    assert_eq!((world.work().len(), world.names().await.len()), (1, 0));
    let mut next = World::open(Arc::clone(&world.directory), Finish, |_| {}).await;
    assert_eq!(next.told().await, "ready");
}

#[tokio::test]
async fn closing_stops_everything_and_waits_for_files() {
    let world = World::new(Finish).await;
    let room = FakeRoom::new("a").await;
    world.start(&room).await.unwrap();
    world.recordings.close(LONG).await;
    assert_eq!((world.work().len(), world.names().await.len()), (0, 2));
    assert!(matches!(world.start(&room).await, Err(RecordingError::ShuttingDown)));
}

#[tokio::test]
async fn what_is_not_done_when_patience_ends_is_done_at_the_next_start() {
    let world = World::new(Wait).await;
    let room = FakeRoom::new("a").await;
    world.start(&room).await.unwrap();
    timeout(LONG, world.recordings.close(Duration::from_millis(50))).await.unwrap();
    assert_eq!((world.backend.running(), world.work().len(), world.names().await.len()), (0, 1, 0));
    let mut next = World::open(Arc::clone(&world.directory), Finish, |_| {}).await;
    let RecordingEvent::Ready(ready) = next.event().await else { panic!() };
    assert!(summary(&ready).has_end);
}

#[tokio::test]
async fn closing_does_not_wait_for_a_room_that_does_not_answer() {
    let world = World::new(Finish).await;
    let room = FakeRoom::new("a").await;
    let _gate = room.gate.lock().await;
    let closing = async {
        while world.recordings.recording_of(&"a".parse().unwrap()).is_none() {
            tokio::task::yield_now().await;
        }
        timeout(LONG, world.recordings.close(Duration::from_millis(50))).await.unwrap();
    };
    let (started, ()) = tokio::join!(world.start(&room), closing);
    assert!(matches!(started, Err(RecordingError::ShuttingDown)));
    assert_eq!(world.work(), [] as [PathBuf; 0]);
}
