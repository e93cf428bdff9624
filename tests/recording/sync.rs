//! Beeps are heard when flashes are seen: at the start, and after a long time with wrong clocks.

use std::time::Instant;

use mediasoup_tests::{
    media::BEACONS,
    recorded::{
        analysis::{Analysis, longest_within},
        scene::{Actor, Clocks, Network, Scene},
    },
};

use crate::composed::{compose, small, tiny, vp8};

/// A phone's network: pictures take longer than sound, and nothing comes evenly.
const AUDIO: Network = Network { delay: 0.03, jitter: 0.02, ..Network::PERFECT };
const VIDEO: Network = Network { delay: 0.18, jitter: 0.04, ..Network::PERFECT };

/// Prints and checks the offsets of a beacon in a part of the file that has this many flashes at least.
pub(crate) fn in_sync(analysis: &Analysis, beacon: &str, (from, to): (f64, f64), flashes: usize) {
    let offsets = analysis.beacon(beacon).offsets_within(from, to);
    println!("{beacon} from {from} s to {to} s: {offsets}");
    assert!(offsets.count >= flashes, "{beacon}: {offsets}, not of {flashes}");
    assert!(offsets.median.abs() <= 40.0, "{beacon}: {offsets}");
    assert!(offsets.worst.abs() <= 80.0, "{beacon}: {offsets}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sound_and_pictures_are_in_sync_from_the_start() {
    let red = Actor { audio: AUDIO, video: VIDEO, ..Actor::new(BEACONS[0], vp8(15)) };
    // The other way round.
    let green = Actor { joins: 5.0, audio: VIDEO, video: AUDIO, ..Actor::new(BEACONS[1], vp8(30)) };
    let blue =
        Actor { joins: 7.0, leaves: 13.0, muted: Some((9.2, 11.1)), ..Actor::new(BEACONS[2], vp8(15)) };
    let scene = Scene { settings: small(30), seconds: 15.0, actors: vec![red, green, blue] };
    let analysis = compose(&scene).await.combined();

    in_sync(&analysis, "red", (0.0, 15.0), 14);
    in_sync(&analysis, "green", (5.0, 15.0), 9);
    in_sync(&analysis, "blue", (7.0, 9.0), 1);
    in_sync(&analysis, "blue", (11.3, 13.0), 1);
    for (beacon, from, to) in [("red", 0.5, 14.5), ("green", 5.6, 14.5), ("blue", 7.6, 12.8)] {
        let still = longest_within(&analysis.beacon(beacon).still, from, to);
        assert!(still < 0.5, "{beacon} stands still for {still} s: {:?}", analysis.beacon(beacon).still);
    }
    for (beacon, from, to) in
        [("red", 0.3, 14.5), ("green", 5.5, 14.5), ("blue", 7.5, 9.1), ("blue", 11.4, 12.8)]
    {
        let silent = longest_within(&analysis.beacon(beacon).silent, from, to);
        assert!(silent < 0.03, "{beacon} is silent for {silent} s: {:?}", analysis.beacon(beacon).silent);
    }
    let blue = analysis.beacon("blue");
    // Others' beeps begin and end with clicks of all frequencies.
    let silent: f64 = blue.silent.iter().map(|each| (each.to.min(11.1) - each.from.max(9.2)).max(0.0)).sum();
    assert!(silent > 1.7, "muted: {silent} s of 1.9");
    assert!(blue.flashes.iter().all(|at| (7.0..13.2).contains(at)), "{:?}", blue.flashes);
    assert!(
        blue.beeps.iter().all(|at| (7.0..9.4).contains(at) || (11.0..13.2).contains(at)),
        "{:?}",
        blue.beeps
    );
}

/// 20 minutes, of senders whose clocks go wrong in every way. `RECORDING_DRIFT_MINUTES` for another length.
#[tokio::test(flavor = "multi_thread")]
async fn wrong_clocks_do_not_part_them() {
    let minutes = std::env::var("RECORDING_DRIFT_MINUTES").map_or(20.0, |minutes| minutes.parse().unwrap());
    let seconds = minutes * 60.0;
    let fast = Clocks { system_ppm: 100.0, audio_ppm: 0.0 };
    let fast_sound = Clocks { system_ppm: 0.0, audio_ppm: 100.0 };
    let slow_sound = Clocks { system_ppm: 50.0, audio_ppm: -100.0 };
    let actor = |index: usize, clocks| Actor {
        clocks,
        audio: AUDIO,
        video: VIDEO,
        ..Actor::new(BEACONS[index], vp8(5))
    };
    let actors = vec![actor(0, fast), actor(1, fast_sound), actor(2, slow_sound)];
    let scene = Scene { settings: tiny(25), seconds, actors };
    let started = Instant::now();
    let composed = compose(&scene).await;
    println!("composed {minutes} minutes in {:.1} s", started.elapsed().as_secs_f64());
    let analysis = composed.combined();

    for beacon in ["red", "green", "blue"] {
        in_sync(&analysis, beacon, (0.0, 60.0), 57);
        in_sync(&analysis, beacon, (seconds - 60.0, seconds), 57);
        in_sync(&analysis, beacon, (0.0, seconds), seconds as usize - 3);
        let silent = longest_within(&analysis.beacon(beacon).silent, 0.5, seconds - 0.5);
        assert!(silent < 0.03, "{beacon} is silent for {silent} s");
    }
}
