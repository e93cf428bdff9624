//! A disk that is full.

use mediasoup_core::media::rtp::MediaKind;
use mediasoup_tests::client::{JoinOptions, Participant, RemoteTrack};
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    call::{Call, ROOM, Recording, shortest},
    server::Server,
};

async fn viewer(server: &Server) -> (Participant, Vec<RemoteTrack>) {
    let viewer = Participant::join(JoinOptions::new(server.options(), ROOM)).await.unwrap();
    let mut tracks = Vec::new();
    for producer in viewer.room()["producers"].as_array().unwrap() {
        tracks.push(viewer.consume(serde_json::from_value(producer["id"].clone()).unwrap()).await.unwrap());
    }
    assert_eq!(tracks.len(), 2);
    (viewer, tracks)
}

/// What is set aside for the end of a recording is 8 MiB; so much is left beside it.
const DISK: &str = "9500k";

async fn fills(settings: &[&str]) {
    let directory = TempDir::new().unwrap();
    let server = Server::start_on_disk_of(DISK, directory.path(), settings).await;
    let call = Call::start(&server).await;
    let (mut viewer, mut tracks) = viewer(&server).await;
    let recording = call.record().await;
    let failed = viewer.events.next("mediasoup:recording-failed").await.unwrap();
    let recorded = recording.now();
    println!("{settings:?}: failed after {recorded:.3} s: {}", failed["error"]);
    assert!(failed["error"].as_str().unwrap().contains("disk"), "{failed}");

    let ready = viewer.events.next("mediasoup:recording-ready").await.unwrap();
    let recording = Recording(ready["recording"].clone());
    let analysis = recording.analysis(&server).await;
    let length = shortest(&analysis);
    println!("{length:.3} s are there");
    assert!(length > 1.0 && length > recording.duration() - 1.5, "{length} s: {:?}", recording.0);

    let status = server.rest(Method::GET, &format!("/rooms/{ROOM}/recording/status"), Value::Null).await;
    assert_eq!(status["recording"]["isRecording"], false, "{status}");
    for track in &mut tracks {
        let before = track.stats().packets;
        let stats = track.wait_for_packets(before + 20).await.unwrap();
        assert_eq!((stats.missing, stats.reordered), (0, 0), "{:?} {stats:?}", track.kind());
    }
    assert!(tracks.iter().any(|track| track.kind() == MediaKind::Video));
    call.sender.request("leave-room", json!({})).await.unwrap();
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_stops_at_the_reserve_and_the_call_goes_on() {
    fills(&["recording.minFreeSpace=700000"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_stops_where_there_is_no_space_and_the_call_goes_on() {
    fills(&["recording.minFreeSpace=0"]).await;
}
