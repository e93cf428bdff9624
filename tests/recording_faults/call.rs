//! A room with a beacon in it, recorded.

use std::{
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use mediasoup_core::media::rtp::MediaKind;
use mediasoup_tests::{
    client::{JoinOptions, Participant, Socket},
    media::{BEACONS, Clip, Player, Shot, VideoCodec},
    recorded::analysis::Analysis,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::server::Server;

pub(crate) const ROOM: &str = "room";

/// Somebody who sends a beacon, as long as it is kept.
pub(crate) struct Call {
    pub(crate) sender: Participant,
    _players: [Player; 2],
}

impl Call {
    pub(crate) async fn start(server: &Server) -> Self {
        let socket = Socket::connect(&server.options()).await.unwrap();
        socket.request("mediasoup:create-room", json!({ "roomId": ROOM })).await.unwrap();
        socket.close().await;
        let sender = Participant::join(JoinOptions::new(server.options(), ROOM)).await.unwrap();
        let mut shot = Shot::second(VideoCodec::Vp8, (320, 180), 10);
        // Whenever a key frame is asked for, the next one is it.
        shot.key_frames = (0..shot.frames).collect();
        let clips =
            [Clip::beacon_sound(BEACONS[0]).unwrap(), Clip::beacon_picture(BEACONS[0], &shot).unwrap()];
        let [sound, picture] = clips;
        let audio = sender.publish(MediaKind::Audio, "audio/opus").await.unwrap();
        let video = sender.publish(MediaKind::Video, "video/VP8").await.unwrap();
        Self { sender, _players: [Player::start(sound, audio), Player::start(picture, video)] }
    }

    /// Starts to record; the recording.
    pub(crate) async fn record(&self) -> Recording {
        let options = json!({ "video": { "resolution": "320x180", "framerate": 20 } });
        let reply = self.sender.request("start-recording", json!({ "options": options })).await.unwrap();
        Recording(reply["recording"].clone())
    }

    pub(crate) async fn stop_recording(&mut self) -> Recording {
        self.sender.request("stop-recording", json!({})).await.unwrap();
        Recording(self.sender.events.next("mediasoup:recording-ready").await.unwrap()["recording"].clone())
    }
}

/// As the server tells of it.
pub(crate) struct Recording(pub(crate) Value);

impl Recording {
    /// Seconds since it was started.
    pub(crate) fn now(&self) -> f64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
        now - self.0["startedAt"].as_f64().unwrap() / 1_000.0
    }

    /// Seconds.
    pub(crate) fn duration(&self) -> f64 {
        self.0["duration"].as_f64().unwrap() / 1_000.0
    }

    /// What the names of its files begin with.
    pub(crate) fn filename(&self) -> &str {
        self.0["filename"].as_str().unwrap()
    }

    /// Downloads and measures the file with sound and pictures.
    pub(crate) async fn analysis(&self, server: &Server) -> Analysis {
        let directory = TempDir::new().unwrap();
        let name = server.lists(&format!("{}_combined.mp4", self.filename())).await;
        analysis(server, &name, directory.path()).await
    }
}

async fn analysis(server: &Server, name: &str, directory: &Path) -> Analysis {
    let file = directory.join(name);
    server.download(name, &file).await;
    let analysis = Analysis::of(&file).unwrap();
    assert_eq!(analysis.errors, "", "{name}");
    analysis
}

/// Seconds of an analysed file that have sound and pictures.
pub(crate) fn shortest(analysis: &Analysis) -> f64 {
    assert_eq!(analysis.streams.len(), 2, "{:?}", analysis.streams);
    analysis.streams.iter().map(|stream| stream.duration).fold(f64::INFINITY, f64::min)
}
