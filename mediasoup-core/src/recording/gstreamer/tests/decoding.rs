use std::time::Duration;

use super::media::{AudioSource, PACKET_SAMPLES, VideoSource, codec};
use crate::recording::{
    compose::{AudioDecoder, Frame, OrderedPacket, VideoDecoder},
    gstreamer::{audio_decoder::OpusDecoder, video_decoder::GstVideoDecoder},
};

const CODECS: [&str; 4] = ["video/VP8", "video/VP9", "video/H264", "video/AV1"];

/// When each picture is to be seen, its brightness, its width.
fn decode(decoder: &mut GstVideoDecoder, packets: &[OrderedPacket]) -> Vec<(Duration, u8, u32)> {
    let mut frames = Vec::new();
    for packet in packets {
        decoder.decode(packet, &mut frames).unwrap_or_else(|error| panic!("{decoder:?}: {error}"));
    }
    let seen = frames.iter().map(|(at, frame)| {
        let planes = frame.planes().unwrap();
        (*at, planes.plane_data(0).unwrap()[0], frame.size().0)
    });
    seen.collect()
}

fn near(a: u8, b: u8) -> bool {
    a.abs_diff(b) <= 3
}

#[test]
fn every_codec_gives_each_picture_at_once_and_at_its_time() {
    for mime_type in CODECS {
        let mut source = VideoSource::new(mime_type, (320, 180), 30, 1000);
        let mut decoder = GstVideoDecoder::new(&codec(mime_type)).unwrap();
        for index in 0..20_u8 {
            let packets = source.send(60 + index * 5);
            let at = packets[0].at;
            let seen = decode(&mut decoder, &packets);
            assert!(
                matches!(seen[..], [(seen_at, luma, 320)] if seen_at == at && near(luma, 60 + index * 5)),
                "{mime_type}, picture {index}: {seen:?}"
            );
        }
    }
}

#[test]
fn a_loss_gives_nothing_until_the_next_key_frame() {
    for mime_type in CODECS {
        let mut source = VideoSource::new(mime_type, (320, 180), 30, 10);
        let mut decoder = GstVideoDecoder::new(&codec(mime_type)).unwrap();
        let mut seen = Vec::new();
        for index in 0..30_u8 {
            let mut packets = source.send(60 + index * 5);
            if index == 0 || index == 14 {
                packets.clear();
            }
            if !decode(&mut decoder, &packets).is_empty() {
                seen.push(index);
            }
        }
        let expected: Vec<u8> = (10..14).chain(20..30).collect();
        assert_eq!(seen, expected, "{mime_type}: neither the first key frame nor a picture came");
    }
}

#[test]
fn the_size_may_change() {
    for mime_type in CODECS {
        let mut decoder = GstVideoDecoder::new(&codec(mime_type)).unwrap();
        let mut sequence = 0;
        for (width, height) in [(320, 180), (640, 360), (160, 90)] {
            let mut source = VideoSource::new(mime_type, (width, height), 30, 1000);
            for index in 0..5_u8 {
                let mut packets = source.send(100 + index);
                for packet in &mut packets {
                    sequence += 1;
                    packet.sequence = sequence;
                }
                let seen = decode(&mut decoder, &packets);
                assert!(matches!(seen[..], [(_, _, w)] if w == width), "{mime_type} {width}: {seen:?}");
            }
        }
    }
}

#[test]
fn pictures_that_are_too_large_are_refused() {
    for mime_type in ["video/VP8", "video/H264"] {
        let mut source = VideoSource::new(mime_type, (4112, 64), 30, 1000);
        let mut decoder = GstVideoDecoder::new(&codec(mime_type)).unwrap();
        let mut frames = Vec::new();
        let packets = source.send(100);
        let refused = packets.iter().any(|packet| decoder.decode(packet, &mut frames).is_err());
        assert!(refused && frames.is_empty(), "{mime_type}");
    }
}

#[test]
fn rubbish_is_no_picture() {
    for mime_type in CODECS {
        let mut source = VideoSource::new(mime_type, (320, 180), 30, 1000);
        let mut decoder = GstVideoDecoder::new(&codec(mime_type)).unwrap();
        let mut frames = Vec::new();
        for index in 0..50_u8 {
            for mut packet in source.send(100) {
                for (at, byte) in packet.payload.iter_mut().enumerate().skip(usize::from(index % 4)) {
                    *byte ^= (at as u8).wrapping_mul(index | 1);
                }
                // An error is an answer, too.
                let _ = decoder.decode(&packet, &mut frames);
            }
        }
    }
}

#[test]
fn unknown_codecs_are_refused() {
    super::super::init().unwrap();
    for mime_type in ["video/H265", "video", "", "video/x ! fakesink"] {
        assert!(GstVideoDecoder::new(&codec(mime_type)).is_err());
        assert!(OpusDecoder::new(&codec(mime_type)).is_err());
    }
}

#[test]
fn sound_is_whole_and_losses_are_concealed_to_the_sample() {
    let mut source = AudioSource::new();
    let mut decoder = OpusDecoder::new(&codec("audio/opus")).unwrap();
    let mut samples = Vec::new();
    let mut lost = 0;
    for index in 0..100 {
        let packet = source.send(8000);
        if matches!(index, 30 | 50..53) {
            lost += 1;
            continue;
        }
        decoder.decode(&packet, lost, &mut samples).unwrap();
        lost = 0;
        assert_eq!(samples.len(), PACKET_SAMPLES * (index + 1));
    }
    let loudest = |range: std::ops::Range<usize>| samples[range].iter().map(|s| s[0].abs()).max().unwrap();
    assert!(loudest(20_000..24_000) > 7000);
    assert!(loudest(30 * PACKET_SAMPLES..31 * PACKET_SAMPLES) > 2000, "not silent");
}

#[test]
fn a_pause_without_a_loss_is_not_filled() {
    let mut source = AudioSource::new();
    let mut decoder = OpusDecoder::new(&codec("audio/opus")).unwrap();
    let mut samples = Vec::new();
    for index in 0..10 {
        let mut packet = source.send(8000);
        if index >= 5 {
            packet.timestamp = packet.timestamp.wrapping_add(480_000);
        }
        decoder.decode(&packet, 0, &mut samples).unwrap();
    }
    assert_eq!(samples.len(), PACKET_SAMPLES * 10);
}
