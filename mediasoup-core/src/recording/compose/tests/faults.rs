//! Whatever a log says, frames and samples are as many as its length needs.

use proptest::prelude::*;

use super::{
    fake::FakeStudio,
    sender::{added, joined, left, paused, removed, time},
};
use crate::recording::{
    compose::Composer,
    log::{LoggedPacket, LoggedSenderReport, Record},
    options::Layout,
    settings::Settings,
};

const NAMES: [&str; 3] = ["ada", "bob", "cyd"];
const CODECS: [&str; 4] = ["audio/opus", "video/VP8", "video/VP8+screen", "video/H266"];

fn packet() -> impl Strategy<Value = Record> {
    let timestamp = prop_oneof![any::<u32>(), 0_u32..1_000_000];
    let sequence = prop_oneof![any::<u64>(), 0_u64..200];
    let payload = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..7),
        (0_u8..3, any::<[u8; 4]>()).prop_map(|(kind, rest)| [&[kind], &rest[..]].concat()),
    ];
    let place = (0_u32..6, 0_u8..4, sequence, timestamp);
    (place, any::<bool>(), any::<bool>(), any::<Option<u16>>(), payload).prop_map(
        |((track, encoding, sequence, timestamp), marker, is_key_frame, rotation, payload)| {
            Record::Packet(LoggedPacket {
                at: time(0.0),
                track,
                encoding,
                sequence,
                timestamp,
                marker,
                is_key_frame,
                rotation,
                payload: payload.into(),
            })
        },
    )
}

fn record() -> impl Strategy<Value = Record> {
    let report = (0_u32..6, 0_u8..4, any::<u64>(), any::<u32>()).prop_map(|(track, encoding, ntp, rtp)| {
        Record::SenderReport(LoggedSenderReport { at: time(0.0), track, encoding, ntp, rtp_timestamp: rtp })
    });
    let name = || prop::sample::select(&NAMES);
    let track = || 0_u32..6;
    prop_oneof![
        20 => packet(),
        4 => report,
        2 => name().prop_map(|name| joined(0.0, name)),
        1 => name().prop_map(|name| left(0.0, name)),
        4 => (name(), track(), prop::sample::select(&CODECS))
            .prop_map(|(name, track, codec)| added(0.0, name, track, codec)),
        1 => track().prop_map(|track| removed(0.0, track)),
        2 => (track(), any::<bool>()).prop_map(|(track, is_paused)| paused(0.0, track, is_paused)),
        1 => Just(Record::Tick { at: time(0.0) }),
    ]
}

fn set_time(record: &mut Record, now: f64) {
    match record {
        Record::Header(_) => {}
        Record::Roster { at, .. } | Record::Tick { at } | Record::End { at } => *at = time(now),
        Record::Packet(packet) => packet.at = time(now),
        Record::SenderReport(report) => report.at = time(now),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_makes_it_stumble(
        records in prop::collection::vec((record(), 0_u32..300), 1..300),
        rate in 1_u8..60, layout: bool, resume_at in 0.0..20.0_f64, rest in 0.0..5.0_f64,
    ) {
        let mut settings = Settings::default();
        settings.video.framerate = rate;
        settings.layout = if layout { Layout::Grid } else { Layout::Speaker };
        let mut composer = Composer::new(FakeStudio::default(), &settings, time(resume_at));
        let mut now = 0.0;
        for (mut record, elapsed) in records {
            now += f64::from(elapsed) / 1000.0;
            set_time(&mut record, now);
            composer.take(record).unwrap();
        }
        let end = now + rest;
        let studio = composer.finish(time(end)).unwrap();
        let frames = |seconds: f64| (time(seconds).as_secs_f64() * f64::from(rate)).round() as usize;
        let samples = |frame: usize| frame * 48_000 / usize::from(rate);
        let first = frames(resume_at).min(frames(end));
        prop_assert_eq!(studio.shown.len(), frames(end) - first);
        prop_assert_eq!(studio.samples.len(), samples(frames(end)) - samples(first));
    }
}
