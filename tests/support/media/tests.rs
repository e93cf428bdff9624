//! Clips hold what they say.

use super::*;

#[test]
fn the_fixtures_hold_what_they_say() {
    let picture = Clip::picture_vp8();
    assert_eq!(picture.frames.len(), 15);
    assert!(picture.frames[0].len() > 1, "a key frame is larger than a packet");
    // RFC 7741 §4.2: X set, S set in the first packet only; RFC 7741 §4.3: P clear in a key frame.
    assert_eq!(picture.frames[0][0][0] & 0x90, 0x90);
    assert_eq!(picture.frames[0][1][0] & 0x10, 0);
    let vp8_of = |frame: usize| picture.frames[frame][0].slice(3..);
    assert_eq!(vp8_of(0)[0] & 1, 0, "the first frame is a key frame");
    assert!((1..15).all(|frame| vp8_of(frame)[0] & 1 == 1), "the others are not");

    let tone = Clip::tone_opus();
    assert!(tone.frames.len() >= 20, "{}", tone.frames.len());
    assert!(tone.frames.iter().all(|frame| frame.len() == 1 && frame[0].len() < 200));
}

#[test]
fn beacons_are_encoded_frame_by_frame() {
    for codec in VideoCodec::ALL {
        let key_frames = vec![0, 7];
        let shot = Shot { codec, key_frames, ..Shot::second(codec, (160, 90), 10) };
        let clip = Clip::beacon_picture(BEACONS[0], &shot).unwrap();
        assert_eq!(clip.frames.len(), 10, "{codec:?}");
        assert!(clip.frames.iter().all(|packets| !packets.is_empty()), "{codec:?}");
        let size = |frame: usize| clip.frames[frame].iter().map(Bytes::len).sum::<usize>();
        assert!(size(7) > size(8), "{codec:?}: {} {}", size(7), size(8));
        assert_eq!(clip.key_frame_from(3), 7);
        assert_eq!(clip.key_frame_from(8), 0);
    }
    assert_eq!(Clip::beacon_sound(BEACONS[0]).unwrap().frames.len(), 50);
}
