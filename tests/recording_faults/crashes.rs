//! kill -9, at any moment.

use std::time::Duration;

use mediasoup_tests::recorded::analysis::{Analysis, longest_within};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use tempfile::TempDir;
use tokio::time::sleep;

use crate::{
    call::{Call, shortest},
    server::Server,
    setting,
};

/// Seconds that may be lost.
const LOST_MAX: f64 = 1.0;

fn moments() -> impl Iterator<Item = (usize, Duration)> {
    let mut random = StdRng::seed_from_u64(3);
    (0..setting("RECORDING_CRASHES", 2))
        .map(move |round| (round, Duration::from_millis(random.random_range(200..5_000))))
}

/// Sound and pictures go on up to here.
fn assert_whole(analysis: &Analysis, until: f64) {
    let seen = analysis.beacon("red");
    let (still, silent) = (longest_within(&seen.still, 1.0, until), longest_within(&seen.silent, 1.0, until));
    assert!(still < LOST_MAX && silent < LOST_MAX, "still for {still} s, silent for {silent} s: {seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_server_has_recorded_is_there_when_it_starts_again() {
    for (round, moment) in moments() {
        let directory = TempDir::new().unwrap();
        let server = Server::start(directory.path()).await;
        let call = Call::start(&server).await;
        let recording = call.record().await;
        sleep(moment).await;
        let recorded = recording.now();
        server.kill().await;
        drop(call);

        let server = Server::start(directory.path()).await;
        let analysis = recording.analysis(&server).await;
        let length = shortest(&analysis);
        println!("{round}: killed after {recorded:.3} s; {length:.3} s are there");
        assert!(length >= recorded - LOST_MAX, "{length} s of {recorded} s: {:?}", analysis.streams);
        assert!(length <= recorded + 0.5, "{length} s of {recorded} s: {:?}", analysis.streams);
        assert_whole(&analysis, length);
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_recorder_is_replaced_and_nothing_is_lost() {
    let directory = TempDir::new().unwrap();
    let server = Server::start(directory.path()).await;
    let mut call = Call::start(&server).await;
    for (round, moment) in moments() {
        let recording = call.record().await;
        sleep(moment).await;
        let recorder = server.recorder().await;
        let killed = recording.now();
        recorder.kill();
        sleep(Duration::from_secs(2)).await;
        let recording = call.stop_recording().await;
        assert_eq!(call.sender.events.drain("mediasoup:recording-failed"), Vec::<serde_json::Value>::new());

        let analysis = recording.analysis(&server).await;
        let (length, duration) = (shortest(&analysis), recording.duration());
        println!("{round}: killed at {killed:.3} s; {length:.3} s of {duration:.3} s are there");
        assert!((length - duration).abs() <= 0.5, "{length} s of {duration} s");
        assert_whole(&analysis, length);
    }
    server.stop().await;
}
