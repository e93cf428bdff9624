//! Who is seen and heard, when and where.

use super::{
    compose, compose_with,
    fake::{FakeStudio, Shown},
    log,
    sender::{Sending, added, joined, left, paused, removed},
};
use crate::recording::{options::Layout, settings::Settings};

fn texts(shown: &[Shown]) -> Vec<&str> {
    shown.iter().map(|tile| tile.text.as_str()).collect()
}

fn with_video(shown: &[Shown]) -> Vec<bool> {
    shown.iter().map(|tile| tile.frame.is_some()).collect()
}

#[test]
fn an_empty_recording_is_black_and_silent_and_exactly_as_long() {
    for (end, frames) in [(0.0, 0), (0.01, 0), (3.0, 90), (3.02, 91)] {
        let studio = compose(vec![], end);
        assert_eq!(studio.shown.len(), frames);
        assert_eq!(studio.samples.len(), frames * 1600);
        assert!(
            studio.shown.iter().all(Vec::is_empty) && studio.samples.iter().all(|sample| *sample == [0, 0])
        );
    }
}

#[test]
fn people_come_mute_share_and_go() {
    let roster = vec![
        joined(0.0, "ada"),
        added(0.0, "ada", 0, "audio/opus"),
        added(0.0, "ada", 1, "video/VP8"),
        joined(5.0, "bob"),
        added(5.0, "bob", 2, "video/VP8"),
        paused(8.0, 0, true),
        paused(10.0, 1, true),
        paused(12.0, 1, false),
        added(14.0, "bob", 3, "video/VP8+screen"),
        removed(17.0, 3),
        left(20.0, "bob"),
    ];
    let video = |track, from, to| Sending::new(track, from, to).video();
    let parts = vec![
        roster,
        Sending::new(0, 0.0, 8.0).audio(0),
        video(1, 0.0, 10.0),
        video(1, 12.0, 24.0),
        video(2, 5.1, 20.0),
        video(3, 14.1, 17.0),
    ];
    let studio = compose(parts, 24.0);
    assert_eq!(studio.shown.len(), 720);
    let tile = |seconds: f64, index: usize| studio.at(seconds)[index].clone();
    assert_eq!(texts(studio.at(4.9)), ["ada"]);
    assert_eq!(tile(4.9, 0).rect.to_string(), "1280x720+0+0");
    assert_eq!(
        (texts(studio.at(5.05)), with_video(studio.at(5.05))),
        (vec!["ada", "bob"], vec![true, false])
    );
    assert_eq!(with_video(studio.at(5.3)), [true, true]);
    assert_eq!([tile(7.9, 0).muted, tile(7.9, 1).muted, tile(8.1, 0).muted], [false, true, true]);
    assert_eq!(with_video(studio.at(10.1)), [false, true]);
    assert_eq!(with_video(studio.at(12.2)), [true, true]);
    assert_eq!(texts(studio.at(14.05)), ["bob (screen)", "ada", "bob"]);
    assert_eq!(with_video(studio.at(14.3)), [true; 3]);
    assert_eq!(tile(14.3, 0).rect.width, 1016);
    assert_eq!(texts(studio.at(17.1)), ["ada", "bob"]);
    assert_eq!((texts(studio.at(20.1)), with_video(studio.at(20.1))), (vec!["ada"], vec![true]));
    assert_eq!(tile(1.0, 0).key, tile(23.0, 0).key);
    // Each picture is shown within a frame of its time.
    for (index, shown) in studio.shown.iter().enumerate() {
        for frame in shown.iter().filter_map(|tile| tile.frame) {
            let late = index as f64 / 30.0 - frame.at.as_secs_f64();
            assert!((-0.017..0.05).contains(&late), "{late} at {index}");
        }
    }
}

#[test]
fn a_track_that_is_gone_at_once_and_one_of_an_unknown_codec_disturb_nobody() {
    let roster = vec![
        joined(0.0, "ada"),
        added(0.0, "ada", 0, "video/H266"),
        joined(0.0, "bob"),
        added(1.0, "bob", 1, "video/VP8"),
        removed(1.01, 1),
        added(2.0, "bob", 2, "video/VP8"),
    ];
    let unknown = Sending { key_interval: 30, ..Sending::new(0, 0.0, 10.0) };
    let studio = compose(
        vec![roster, unknown.video(), Sending::new(1, 1.0, 1.2).video(), Sending::new(2, 2.0, 10.0).video()],
        10.0,
    );
    assert_eq!(with_video(studio.at(9.0)), [false, true]);
    let tries = studio.opened.iter().filter(|codec| *codec == "video/H266").count();
    assert!((1..=10).contains(&tries), "{tries}");
}

#[test]
fn sounds_of_all_are_added() {
    let roster = vec![
        joined(0.0, "ada"),
        added(0.0, "ada", 0, "audio/opus"),
        joined(0.0, "bob"),
        added(0.0, "bob", 1, "audio/opus"),
    ];
    let voices = vec![Sending::new(0, 0.0, 5.0).audio(1000), Sending::new(1, 1.5, 5.0).audio(200)];
    let studio = compose([vec![roster], voices].concat(), 5.0);
    assert_eq!(studio.samples[48_300], [1000; 2]);
    assert_eq!(studio.samples[96_300], [1200; 2]);
}

fn speaker_log() -> FakeStudio {
    let mut parts = vec![vec![
        joined(0.0, "ada"),
        added(0.0, "ada", 0, "audio/opus"),
        joined(0.0, "bob"),
        added(0.0, "bob", 1, "audio/opus"),
        joined(0.0, "cyd"),
    ]];
    parts.push(Sending::new(0, 2.0, 6.0).audio(2000));
    parts.push(Sending::new(1, 6.0, 12.0).audio(2000));
    let settings = Settings { layout: Layout::Speaker, ..Settings::default() };
    compose_with(&settings, &log(parts, 12.0), 12.0, 0.0)
}

#[test]
fn whoever_speaks_is_large() {
    let studio = speaker_log();
    let large = |seconds| {
        let shown = studio.at(seconds);
        assert_eq!(shown.len(), 3);
        shown.iter().max_by_key(|tile| tile.rect.width).unwrap().text.clone()
    };
    assert_eq!([large(1.0), large(5.0), large(6.5), large(11.0)], ["ada", "ada", "ada", "bob"]);
}
