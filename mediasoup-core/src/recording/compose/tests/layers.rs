//! Simulcast: the highest layer there is.

use super::{
    compose,
    fake::{BROKEN, FakeStudio},
    sender::{Sending, added, joined},
};
use crate::recording::log::Record;

fn record(layers: Vec<Vec<Record>>, end: f64) -> FakeStudio {
    let roster = vec![joined(0.0, "ada"), added(0.0, "ada", 0, "video/VP8")];
    compose([vec![roster], layers].concat(), end)
}

fn layer(encoding: u8, from: f64, to: f64) -> Sending {
    Sending { encoding, ..Sending::new(0, from, to) }
}

fn seen(studio: &FakeStudio, seconds: f64) -> Option<u8> {
    studio.at(seconds)[0].frame.map(|frame| frame.label)
}

/// Seconds for which one and the same picture was shown, at most.
fn longest_freeze(studio: &FakeStudio) -> f64 {
    let frames = studio.frames("ada");
    let gaps = frames.windows(2).map(|pair| pair[1].at.as_secs_f64() - pair[0].at.as_secs_f64());
    gaps.fold(0.0, f64::max)
}

#[test]
fn the_highest_layer_is_shown_as_soon_as_it_can_be_and_the_next_when_it_ends() {
    // Only the first frame of each is a key frame.
    let studio = record(
        vec![
            layer(0, 0.0, 20.0).video(),
            layer(1, 2.0, 20.0).video(),
            layer(2, 4.0, 8.0).video(),
            layer(2, 14.0, 16.0).video(),
        ],
        20.0,
    );
    let expected = [(1.0, 0), (3.0, 1), (5.0, 2), (7.9, 2), (9.2, 1), (13.0, 1), (15.0, 2), (17.5, 1)];
    for (seconds, label) in expected {
        assert_eq!(seen(&studio, seconds), Some(label), "at {seconds}");
    }
    assert!(longest_freeze(&studio) < 1.2, "{}", longest_freeze(&studio));
}

#[test]
fn one_layer_is_decoded_while_all_come() {
    let studio = record((0..3).map(|encoding| layer(encoding, 0.0, 20.0).video()).collect(), 20.0);
    assert_eq!(seen(&studio, 10.0), Some(2));
    // 600 frames of two packets.
    assert!(studio.decoded.get() < 1210, "{}", studio.decoded.get());
}

#[test]
fn a_key_frame_that_is_broken_does_not_take_the_picture_away() {
    let mut broken = layer(1, 2.0, 10.0).video();
    for record in &mut broken {
        if let Record::Packet(packet) = record
            && packet.is_key_frame
        {
            packet.payload[0] = BROKEN;
        }
    }
    let studio = record(vec![layer(0, 0.0, 10.0).video(), broken], 10.0);
    assert_eq!(seen(&studio, 9.0), Some(0));
    assert!(longest_freeze(&studio) < 0.05);
}

#[test]
fn a_decoder_that_fails_is_replaced_at_a_key_frame() {
    let mut video = Sending { key_interval: 15, ..layer(0, 0.0, 10.0) }.video();
    for record in &mut video {
        if let Record::Packet(packet) = record
            && (1000 + 120..1000 + 140).contains(&packet.sequence)
        {
            packet.payload[0] = BROKEN;
        }
    }
    let studio = record(vec![video], 10.0);
    assert!(longest_freeze(&studio) < 2.0, "{}", longest_freeze(&studio));
    assert!(studio.opened.len() <= 3);
    assert_eq!(seen(&studio, 9.0), Some(0));
}

#[test]
fn without_a_key_frame_there_is_a_card() {
    let mut video = layer(0, 0.0, 5.0).video();
    for record in &mut video {
        if let Record::Packet(packet) = record {
            packet.is_key_frame = false;
        }
    }
    let studio = record(vec![video], 5.0);
    assert_eq!(studio.shown.len(), 150);
    assert_eq!(seen(&studio, 4.0), None);
}

#[test]
fn rotation_holds_until_it_changes() {
    let mut video = layer(0, 0.0, 6.0).video();
    for record in &mut video {
        if let Record::Packet(packet) = record {
            packet.rotation = match packet.sequence {
                1060 => Some(90),
                1240 => Some(0),
                _ => None,
            };
        }
    }
    let studio = record(vec![video], 6.0);
    let rotation = |seconds| studio.at(seconds)[0].rotation;
    assert_eq!([rotation(0.9), rotation(1.2), rotation(3.8), rotation(4.2)], [0, 90, 90, 0]);
}
