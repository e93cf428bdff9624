//! Descriptors written here, and read again.

use super::*;

/// Writes bit by bit.
#[derive(Default)]
pub(crate) struct Writer {
    bits: Vec<bool>,
}

impl Writer {
    fn number(&mut self, count: u32, value: u32) {
        self.bits.extend((0..count).rev().map(|bit| value >> bit & 1 == 1));
    }

    fn bytes(&self) -> Vec<u8> {
        let byte = |bits: &[bool]| {
            bits.iter().enumerate().fold(0, |byte, (at, bit)| byte | u8::from(*bit) << (7 - at))
        };
        self.bits.chunks(8).map(byte).collect()
    }
}

/// A kind of frame: its layer, what it is to each decode target (`-`, `D`, `S`, `R`), its references.
pub(crate) struct Kind(pub(crate) u8, pub(crate) u8, pub(crate) &'static str, pub(crate) &'static [u16]);

/// Frames of a key picture (in which upper sizes are predicted from the lowest), then of T0, T1 and T2 pictures.
pub(crate) fn l2t2_key() -> [Kind; 6] {
    [
        Kind(0, 0, "SSSS", &[]),
        Kind(0, 0, "SS--", &[4]),
        Kind(0, 1, "-D--", &[2]),
        Kind(1, 0, "--SS", &[1]),
        Kind(1, 0, "--SS", &[4]),
        Kind(1, 1, "---D", &[2]),
    ]
}

fn indication(letter: u8) -> u32 {
    match letter {
        b'D' => 1,
        b'S' => 2,
        b'R' => 3,
        _ => 0,
    }
}

/// A descriptor with nothing but the mandatory fields.
pub(crate) fn short(template: u8, number: u16, starts: bool, ends: bool) -> Vec<u8> {
    let mut writer = Writer::default();
    mandatory(&mut writer, template, number, starts, ends);
    writer.bytes()
}

fn mandatory(writer: &mut Writer, template: u8, number: u16, starts: bool, ends: bool) {
    writer.number(1, starts.into());
    writer.number(1, ends.into());
    writer.number(6, template.into());
    writer.number(16, number.into());
}

/// A descriptor with the structure; `active` are the decode targets that are sent, where not all.
pub(crate) fn with_structure(
    kinds: &[Kind],
    first_template: u8,
    template: u8,
    number: u16,
    (starts, ends): (bool, bool),
    active: Option<u32>,
) -> Vec<u8> {
    let target_count = kinds[0].2.len() as u32;
    let mut writer = Writer::default();
    mandatory(&mut writer, template, number, starts, ends);
    writer.number(1, 1);
    writer.number(1, active.is_some().into());
    writer.number(3, 0);
    writer.number(6, first_template.into());
    writer.number(5, target_count - 1);
    for (at, kind) in kinds.iter().enumerate() {
        let next =
            kinds.get(at + 1).map_or(3, |next| if next.0 > kind.0 { 2 } else { u32::from(next.1 > kind.1) });
        writer.number(2, next);
    }
    for kind in kinds {
        kind.2.bytes().for_each(|letter| writer.number(2, indication(letter)));
    }
    for kind in kinds {
        for distance in kind.3 {
            writer.number(5, 0x10 | u32::from(distance - 1));
        }
        writer.number(1, 0);
    }
    // No chains: 0 below `target_count + 1`, in as few bits as do.
    writer.number(u32::BITS - (target_count + 1).leading_zeros() - 1, 0);
    writer.number(1, 0);
    if let Some(active) = active {
        writer.number(target_count, active);
    }
    writer.bytes()
}

/// Template ids are from here on.
const FIRST: u8 = 60;

fn key_frame(active: Option<u32>) -> Vec<u8> {
    with_structure(&l2t2_key(), FIRST, FIRST, 100, (true, true), active)
}

#[test]
fn frames_are_read_by_the_structure_that_came_before() {
    let mut reader = Reader::default();
    assert_eq!(reader.read(1, 0, &short(FIRST, 99, true, true)), None, "no structure");
    let key = reader.read(2, 0, &key_frame(None)).unwrap();
    assert_eq!((key.number, key.layer, key.starts, key.ends), (100, Layer::new(0, 0), true, true));
    assert_eq!(key.references().count(), 0);
    assert!(LayerSet::layers().all(|layer| key.is_needed_by(layer) && key.switches_to(layer)));
    assert!(key.is_largest_of(Layer::new(0, 1)) && !key.is_largest_of(Layer::new(1, 0)));

    // Template 5 of those from 60 on is 1.
    let upper = reader.read(3, 0, &short(1, 105, true, false)).unwrap();
    assert_eq!((upper.layer, upper.starts, upper.ends), (Layer::new(1, 1), true, false));
    assert_eq!(upper.references().collect::<Vec<_>>(), [103]);
    let needing: Vec<_> = [(0, 0), (0, 1), (1, 0), (1, 1)]
        .map(|(spatial, temporal)| upper.is_needed_by(Layer::new(spatial, temporal)))
        .into();
    assert_eq!(needing, [false, false, false, true]);
    assert!(!upper.switches_to(Layer::new(1, 1)));
    assert!(upper.is_needed_by(Layer::ALL), "the best there is stands for what is above");
    assert_eq!(reader.read(4, 0, &short(2, 106, true, true)), None, "no such template");
}

#[test]
fn what_is_not_sent_is_not_chosen() {
    let mut reader = Reader::default();
    let all = reader.read(1, 0, &key_frame(None)).unwrap();
    assert_eq!(all.best_within(Layer::ALL), Layer::new(1, 1));
    assert_eq!(all.best_within(Layer::new(1, 0)), Layer::new(1, 0));
    // The first two targets are the small pictures.
    let some = reader.read(2, 0, &key_frame(Some(0b0011))).unwrap();
    assert_eq!(some.best_within(Layer::ALL), Layer::new(0, 1));
    let next = reader.read(3, 0, &short(FIRST + 1, 101, true, true)).unwrap();
    assert_eq!(next.best_within(Layer::ALL), Layer::new(0, 1), "until it is said otherwise");
}

#[test]
fn frames_may_differ_from_their_template() {
    let mut reader = Reader::default();
    reader.read(1, 0, &key_frame(None)).unwrap();
    let mut writer = Writer::default();
    mandatory(&mut writer, FIRST + 1, 200, true, true);
    writer.number(5, 0b00110);
    "RRR-".bytes().for_each(|letter| writer.number(2, indication(letter)));
    for (size, distance) in [(1, 3), (3, 0x800)] {
        writer.number(2, size);
        writer.number(4 * size, distance - 1);
    }
    writer.number(2, 0);
    let frame = reader.read(2, 0, &writer.bytes()).unwrap();
    assert!(frame.is_needed_by(Layer::new(1, 0)) && !frame.is_needed_by(Layer::new(1, 1)));
    assert_eq!(frame.references().collect::<Vec<_>>(), [197, 200_u16.wrapping_sub(0x800)]);
}

#[test]
fn a_straggler_changes_nothing_for_those_after_it() {
    let mut reader = Reader::default();
    reader.read(10, 0, &with_structure(&l2t2_key(), 0, 0, 7, (true, true), None)).unwrap();
    let old = with_structure(&l2t2_key(), 30, 30, 3, (true, true), None);
    assert!(reader.read(9, 0, &old).is_some(), "it is read by its own structure");
    assert!(reader.read(11, 0, &short(1, 8, true, true)).is_some());
    assert!(reader.read(12, 0, &short(31, 8, true, true)).is_none());
}

#[test]
fn cut_short_is_nothing() {
    let whole = key_frame(Some(0b1111));
    for len in 0..whole.len() {
        assert_eq!(Reader::default().read(1, 0, &whole[..len]), None, "{len}");
    }
}
