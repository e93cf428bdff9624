//! A composer that resumes shows what one that was never interrupted would have shown.

use super::{
    compose_with, log,
    sender::{Sending, added, joined, left, paused},
};
use crate::recording::{log::Record, options::Layout, settings::Settings};

fn meeting() -> Vec<Record> {
    let roster = vec![
        joined(0.0, "ada"),
        added(0.0, "ada", 0, "audio/opus"),
        added(0.0, "ada", 1, "video/VP8"),
        joined(3.0, "bob"),
        added(3.0, "bob", 2, "video/VP8"),
        added(3.0, "bob", 3, "audio/opus"),
        paused(9.0, 1, true),
        paused(11.0, 1, false),
        left(25.0, "bob"),
    ];
    let late = Sending { loss: 0.02, repair: Some(0.3), ..Sending::new(1, 0.0, 9.0) };
    let layer = |encoding, from, to| Sending { encoding, ..Sending::new(2, from, to) }.video();
    let parts = vec![
        roster,
        Sending { drift: 1e-4, ..Sending::new(0, 0.0, 28.0) }.audio(300),
        late.video(),
        Sending { key_interval: 100, ..Sending::new(1, 11.0, 30.0) }.video(),
        Sending { reports_from: 6.0, ..Sending::new(3, 3.0, 24.0) }.audio(900),
        layer(0, 3.0, 25.0),
        layer(1, 5.0, 16.0),
    ];
    log(parts, 30.0)
}

#[test]
fn resuming_goes_on_where_it_was() {
    for layout in [Layout::Grid, Layout::Speaker] {
        let (settings, records) = (Settings { layout, ..Settings::default() }, meeting());
        let whole = compose_with(&settings, &records, 30.0, 0.0);
        assert_eq!((whole.shown.len(), whole.samples.len()), (900, 1_440_000));
        for first in [1, 45, 270, 300, 330, 465, 490, 520, 700, 899, 900] {
            let resumed = compose_with(&settings, &records, 30.0, f64::from(first as u32) / 30.0);
            assert_eq!(resumed.shown.len(), 900 - first);
            for (index, shown) in resumed.shown.iter().enumerate() {
                assert_eq!(*shown, whole.shown[first + index], "frame {} from {first}", first + index);
            }
            let rest = &whole.samples[first * 1600..];
            assert_eq!(resumed.samples.len(), rest.len());
            let differing = rest.iter().zip(&resumed.samples).filter(|(a, b)| a != b).count();
            assert!(differing <= rest.len() / 1000, "{differing} of {} from {first}", rest.len());
        }
    }
}

#[test]
fn what_nobody_sees_is_not_decoded() {
    let video = Sending { key_interval: 60, ..Sending::new(0, 0.0, 60.0) }.video();
    let roster = vec![joined(0.0, "ada"), added(0.0, "ada", 0, "video/VP8")];
    let resumed = compose_with(&Settings::default(), &log(vec![roster, video], 60.0), 60.0, 59.0);
    assert!(resumed.decoded.get() < 200, "{}", resumed.decoded.get());
}
