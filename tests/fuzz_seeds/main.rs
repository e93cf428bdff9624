//! The fuzz targets without a fuzzer: over their seeds, and over mutations of them that are the same in every run.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use std::{fs, panic, path::Path};

use mediasoup_core::fuzzing::TARGETS;

/// A few seconds for all targets together.
const MUTATIONS: u32 = 1_000_000;
/// Each input has an association made for it.
const SCTP_MUTATIONS: u32 = MUTATIONS / 20;
const INPUT_LEN_MAX: usize = 1_500;

/// A pseudo-random sequence (xorshift64*): no strength, but the same everywhere.
struct Sequence(u64);

impl Sequence {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// At most `max`.
    fn up_to(&mut self, max: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap() % (max + 1)
    }

    fn byte(&mut self) -> u8 {
        self.next().to_be_bytes()[0]
    }
}

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let seeds: Vec<_> = paths.into_iter().map(|path| fs::read(path).unwrap()).collect();
    assert!(!seeds.is_empty(), "{target} has no seeds");
    seeds
}

/// One small change, of the kinds that parsers stumble over.
fn mutate(input: &mut Vec<u8>, seeds: &[Vec<u8>], sequence: &mut Sequence) {
    let at = sequence.up_to(input.len());
    match sequence.up_to(6) {
        0 => input.truncate(at),
        1 => input.insert(at, sequence.byte()),
        2 => input.extend_from_slice(&seeds[sequence.up_to(seeds.len() - 1)]),
        3 => input.resize(sequence.up_to(INPUT_LEN_MAX), sequence.byte()),
        kind => {
            let new = sequence.byte();
            if let Some(byte) = input.get_mut(at) {
                match kind {
                    4 => *byte ^= 1 << (new % 8),
                    5 => *byte = [0, 1, 0x7f, 0x80, 0xff][usize::from(new % 5)],
                    _ => *byte = new,
                }
            }
        }
    }
    input.truncate(INPUT_LEN_MAX);
}

fn run(name: &str, target: fn(&[u8]), input: &[u8]) {
    if panic::catch_unwind(|| target(input)).is_err() {
        panic!("{name} fails on {input:02x?}: keep it as a file in tests/fuzz/seeds/{name}");
    }
}

fn exercise(name: &str) {
    let (_, target) = TARGETS.into_iter().find(|(known, _)| *known == name).unwrap();
    let seeds = seeds(name);
    seeds.iter().for_each(|seed| run(name, target, seed));
    let mut sequence = Sequence(0x9E37_79B9_7F4A_7C15);
    let mutations = if name == "sctp" { SCTP_MUTATIONS } else { MUTATIONS };
    for _ in 0..mutations {
        let mut input = seeds[sequence.up_to(seeds.len() - 1)].clone();
        for _ in 0..=sequence.up_to(3) {
            mutate(&mut input, &seeds, &mut sequence);
        }
        run(name, target, &input);
    }
}

macro_rules! targets {
    ($($name:ident),+ $(,)?) => {
        $(#[test]
        fn $name() {
            exercise(stringify!($name));
        })+

        #[test]
        fn every_target_is_run_here_and_by_the_fuzzer() {
            assert_eq!(TARGETS.map(|(name, _)| name), [$(stringify!($name)),+]);
            let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/Cargo.toml")).unwrap();
            for (name, _) in TARGETS {
                assert!(manifest.contains(&format!("name = \"{name}\"")), "{name} is not in tests/fuzz/Cargo.toml");
            }
        }
    };
}

targets!(stun, srtp, rtp, rtcp, vp8, vp9, h264, av1, dependency, sctp);

#[test]
fn a_panic_is_reported_with_its_input() {
    let fails = |input: &[u8]| assert!(input.is_empty(), "input");
    let report = panic::catch_unwind(|| run("made-up", fails, &[0xab])).unwrap_err();
    assert!(report.downcast_ref::<String>().unwrap().contains("[ab]"));
}
