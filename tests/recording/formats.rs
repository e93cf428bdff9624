//! Every codec in, every format out.

use mediasoup_core::recording::{AudioCodec, Format, RecordingOptions, Settings};
use mediasoup_tests::{
    media::{BEACONS, Shot, VideoCodec},
    recorded::scene::{Actor, Scene},
};
use serde_json::{Value, json};

use crate::{
    composed::{Composed, compose, small},
    sync::in_sync,
};

const SECONDS: f64 = 5.0;

async fn composed(codec: VideoCodec, settings: Settings) -> Composed {
    let shot = Shot::second(codec, (320, 180), 15);
    compose(&Scene { settings, seconds: SECONDS, actors: vec![Actor::new(BEACONS[0], shot)] }).await
}

fn settings(options: Value) -> Settings {
    let options: RecordingOptions = serde_json::from_value(options).unwrap();
    small(30).with(&options)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_codec_is_recorded() {
    for codec in VideoCodec::ALL {
        println!("{codec:?}");
        let analysis = composed(codec, small(30)).await.combined();
        in_sync(&analysis, "red", (0.0, SECONDS), 4);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_format_is_made() {
    for (options, container, video, audio) in [
        (json!({}), "combined.mp4", "h264", "opus"),
        (json!({ "audio": { "codec": "aac" } }), "combined.mp4", "h264", "aac"),
        (json!({ "format": "mkv" }), "combined.mkv", "h264", "opus"),
        (json!({ "format": "webm", "video": { "codec": "libvpx" } }), "combined.webm", "vp8", "opus"),
    ] {
        println!("{options}");
        let settings = settings(options);
        let composed = composed(VideoCodec::Vp8, settings).await;
        assert_eq!(composed.files.combined.as_deref(), Some(container));
        let analysis = composed.combined();
        let mut codecs: Vec<_> = analysis.streams.iter().map(|stream| stream.codec.as_str()).collect();
        codecs.sort_unstable();
        let mut expected = [video, audio];
        expected.sort_unstable();
        assert_eq!(codecs, expected, "{settings:?}");
        in_sync(&analysis, "red", (0.0, SECONDS), 4);
        sides(&composed, settings);
    }
}

/// The files that have only sound, or only pictures.
fn sides(composed: &Composed, settings: Settings) {
    let audio = composed.files.audio.as_deref().unwrap();
    assert_eq!(audio, if settings.audio.codec == AudioCodec::Aac { "audio.aac" } else { "audio.opus" });
    let heard = composed.analysis(audio);
    assert!(heard.beacon("red").beeps.len() >= 4, "{heard:?}");
    assert!((heard.duration - SECONDS).abs() < 0.1, "{}", heard.duration);
    let video = composed.files.video.as_deref().unwrap();
    assert_eq!(video, if settings.format == Format::Webm { "video.webm" } else { "video.h264" });
    let shown = composed.analysis(video);
    assert!(shown.beacon("red").flashes.len() >= 4, "{shown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn tracks_are_kept_as_sent() {
    for codec in VideoCodec::ALL {
        let composed = composed(codec, settings(json!({ "tracks": true }))).await;
        let mut tracks = composed.files.tracks.clone();
        tracks.sort_unstable();
        assert_eq!(tracks, ["track_red_audio_1.mkv", "track_red_video_1.mkv"], "{codec:?}");
        assert!(composed.analysis(&tracks[0]).beacon("red").beeps.len() >= 4, "{codec:?}");
        let picture = composed.analysis(&tracks[1]);
        assert!(picture.beacon("red").flashes.len() >= 4, "{codec:?}");
        let codec_name = codec.mime_type().trim_start_matches("video/").to_lowercase();
        assert_eq!(picture.streams[0].codec, codec_name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_there_is_black_and_silent() {
    let composed = compose(&Scene { settings: small(30), seconds: 2.0, actors: Vec::new() }).await;
    let analysis = composed.combined();
    assert_eq!(analysis.streams.len(), 2);
    assert!(analysis.beacons.iter().all(|seen| seen.flashes.is_empty() && seen.beeps.is_empty()));
}
