//! What is lost on the way to the server.

use mediasoup_core::recording::Settings;
use mediasoup_tests::{
    media::{BEACONS, Shot},
    recorded::{
        analysis::{Analysis, longest_within},
        scene::{Actor, Loss, Network, Scene},
    },
};

use crate::{
    composed::{compose, small, vp8},
    sync::in_sync,
};

const SECONDS: f64 = 20.0;

async fn composed(shot: Shot, audio: Loss, video: Loss, settings: Settings) -> Analysis {
    let network = |loss| Network { delay: 0.05, jitter: 0.01, loss };
    let actor = Actor { audio: network(audio), video: network(video), ..Actor::new(BEACONS[1], shot) };
    compose(&Scene { settings, seconds: SECONDS, actors: vec![actor] }).await.combined()
}

fn gaps(analysis: &Analysis) -> (f64, f64) {
    let seen = analysis.beacon("green");
    let gaps =
        (longest_within(&seen.still, 0.5, SECONDS - 0.5), longest_within(&seen.silent, 0.5, SECONDS - 0.5));
    println!("longest still {:.3} s, longest silent {:.3} s", gaps.0, gaps.1);
    gaps
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_repaired_late_is_as_if_never_lost() {
    let loss = Loss::Repaired { share: 0.05, within: 0.3 };
    let analysis = composed(vp8(15), loss, loss, small(30)).await;
    let (still, silent) = gaps(&analysis);
    assert!(still < 0.3 && silent < 0.02, "{still} {silent}");
    in_sync(&analysis, "green", (0.0, SECONDS), 19);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_lost_for_good_is_covered() {
    // A frame is lost every 3 s; the key frame that was asked for then comes 400 ms later, before the next flash.
    let shot = Shot { frames: 45, key_frames: vec![0, 30], ..vp8(15) };
    let analysis = composed(shot, Loss::Lost { share: 0.05 }, Loss::Frame(24), small(30)).await;
    let (still, silent) = gaps(&analysis);
    assert!(still <= 1.0, "{still}");
    assert!(silent < 0.03, "lost sound is concealed: {silent}");
    in_sync(&analysis, "green", (0.0, SECONDS), 18);
}
