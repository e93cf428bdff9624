//! Sound and picture stay together.

use super::{
    compose,
    fake::{CONCEALED, FakeStudio, PACKET},
    sender::{Sending, added, joined},
};
use crate::recording::log::Record;

/// Milliseconds from each flash to its beep.
fn offsets(studio: &FakeStudio, name: &str) -> Vec<f64> {
    let flashes: Vec<f64> = studio
        .frames(name)
        .iter()
        // At the very start sound is faded in.
        .skip(1)
        .filter(|frame| frame.is_marked)
        .map(|frame| frame.at.as_secs_f64() * 1000.0)
        .collect();
    let beeps = studio.impulses();
    let nearest = |flash: f64| {
        let offsets = beeps.iter().map(|beep| *beep as f64 / 48.0 - flash);
        offsets.min_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap()
    };
    flashes.into_iter().map(nearest).collect()
}

fn record(audio: Sending, video: Sending, end: f64) -> FakeStudio {
    let roster =
        vec![joined(0.0, "ada"), added(0.0, "ada", 0, "audio/opus"), added(0.0, "ada", 1, "video/VP8")];
    compose(vec![roster, audio.audio(0), video.video()], end)
}

fn worst(offsets: &[f64]) -> f64 {
    offsets.iter().copied().map(f64::abs).fold(0.0, f64::max)
}

#[test]
fn networks_asymmetry_and_jitter_do_not_matter_when_senders_report() {
    for (audio_delay, video_delay) in [(0.18, 0.03), (0.03, 0.18)] {
        let sending = |track, delay| Sending { delay, jitter: 0.02, ..Sending::new(track, 0.0, 30.0) };
        let studio = record(sending(0, audio_delay), sending(1, video_delay), 30.0);
        let offsets = offsets(&studio, "ada");
        assert!(offsets.len() >= 28);
        assert!(worst(&offsets) < 5.0, "{offsets:?}");
    }
}

#[test]
fn browsers_are_in_sync_from_their_first_second() {
    // Chromium reports of sound after 2.5 s.
    let audio =
        Sending { delay: 0.15, report_interval: 5.0, reports_from: 1.0, ..Sending::new(0, 0.0, 30.0) };
    let offsets = offsets(&record(audio, Sending::new(1, 0.0, 30.0), 30.0), "ada");
    assert!(worst(&offsets) < 5.0, "{offsets:?}");
}

#[test]
fn late_reports_bring_sound_and_picture_together() {
    for delay in [0.04, 0.15] {
        let audio = Sending { delay: 0.03 + delay, reports_from: 6.0, ..Sending::new(0, 0.0, 30.0) };
        let video = Sending { reports_from: 4.0, jitter: 0.02, ..Sending::new(1, 0.0, 30.0) };
        let offsets = offsets(&record(audio, video, 30.0), "ada");
        assert!(worst(&offsets) < delay * 1000.0 + 25.0 && worst(&offsets[18..]) < 5.0, "{offsets:?}");
    }
}

#[test]
fn clocks_that_drift_stay_together_for_twenty_minutes() {
    for (audio_drift, video_drift, ntp_drift) in [(1e-4, 0.0, 0.0), (-1e-4, 1e-4, 0.0), (1e-4, 1e-4, 1e-4)] {
        let end = 1200.0;
        let sending = |track, drift| Sending { drift, ntp_drift, ..Sending::new(track, 0.0, end) };
        let audio = Sending { report_interval: 5.0, delay: 0.1, ..sending(0, audio_drift) };
        let offsets = offsets(&record(audio, sending(1, video_drift), end), "ada");
        assert!(offsets.len() >= 1198);
        assert!(worst(&offsets[10..]) < 5.0, "{}", worst(&offsets[10..]));
    }
}

#[test]
fn repaired_loss_and_disorder_leave_no_trace() {
    let sending =
        |track| Sending { loss: 0.05, repair: Some(0.3), disorder: 0.1, ..Sending::new(track, 0.0, 20.0) };
    let studio = record(sending(0), sending(1), 20.0);
    assert!(worst(&offsets(&studio, "ada")) < 5.0);
    // What was to be repaired after the end is lost.
    assert!(studio.samples[..19 * 48_000].iter().all(|sample| sample[0] != CONCEALED));
    let frames = studio.frames("ada");
    assert!(frames.len() >= 580 && frames[569].at.as_secs_f64() < 19.01, "{}", frames.len());
}

#[test]
fn unrepaired_loss_is_concealed_in_sound() {
    let audio = Sending { loss: 0.05, ..Sending::new(0, 0.0, 20.0) };
    let studio = record(audio, Sending::new(1, 0.0, 20.0), 20.0);
    let concealed = studio.samples.iter().filter(|sample| sample[0] == CONCEALED).count();
    let lost = concealed as f64 / PACKET as f64;
    assert!((30.0..75.0).contains(&lost), "{lost}");
    let offsets = offsets(&studio, "ada");
    let near = offsets.iter().filter(|offset| offset.abs() < 5.0).count();
    // Beeps are lost, too.
    assert!(near >= 16, "{offsets:?}");
}

#[test]
fn silence_that_is_not_sent_is_silence() {
    let parts = |from, to| Sending::new(0, from, to).audio(500);
    let later = parts(5.0, 10.0).into_iter().map(|record| match record {
        Record::Packet(mut packet) => {
            // Numbered on.
            packet.sequence += 100;
            Record::Packet(packet)
        }
        other => other,
    });
    let roster = vec![joined(0.0, "ada"), added(0.0, "ada", 0, "audio/opus")];
    let studio = compose(vec![roster, parts(0.0, 2.0), later.collect()], 10.0);
    let second = |from: f64, to: f64| &studio.samples[(from * 48e3) as usize..(to * 48e3) as usize];
    assert!(second(0.1, 1.9).iter().all(|sample| sample[0] >= 500));
    assert!(second(2.1, 4.9).iter().all(|sample| *sample == [0, 0]));
    assert!(second(5.1, 9.8).iter().all(|sample| sample[0] >= 499));
    assert_eq!(studio.samples.len(), 480_000);
}
