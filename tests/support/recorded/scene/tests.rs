//! Logs hold what the scene says.

use std::{collections::BTreeSet, fs::File, io::BufReader};

use mediasoup_core::recording::log::{LogReader, LoggedPacket};
use tempfile::TempDir;

use super::*;
use crate::media::{BEACONS, VideoCodec};

fn actor() -> Actor {
    Actor::new(BEACONS[0], Shot::second(VideoCodec::Vp8, (64, 36), 10))
}

fn logged(seconds: f64, actors: Vec<Actor>) -> Vec<Record> {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("media.log");
    Scene { settings: Settings::default(), seconds, actors }.write(&path, 1).unwrap();
    let mut reader = LogReader::new(BufReader::new(File::open(&path).unwrap()));
    std::iter::from_fn(|| reader.next_record().unwrap()).collect()
}

fn packets(records: &[Record], track: u32) -> Vec<&LoggedPacket> {
    let all = records.iter().filter_map(|record| match record {
        Record::Packet(packet) => Some(packet),
        _ => None,
    });
    all.filter(|packet| packet.track == track).collect()
}

#[test]
fn a_log_is_in_order_from_header_to_end() {
    let late = Actor { joins: 1.0, leaves: 2.0, beacon: BEACONS[1], ..actor() };
    let records = logged(3.0, vec![actor(), late]);
    assert!(matches!(records[0], Record::Header(_)));
    assert_eq!(records.last().unwrap(), &Record::End { at: Duration::from_secs(3) });
    assert!(records.is_sorted_by_key(Record::at));
    assert_eq!(packets(&records, 0).len(), 150);
    let joined =
        records.iter().position(|record| matches!(record, Record::Roster { at, .. } if !at.is_zero()));
    let first =
        records.iter().position(|record| matches!(record, Record::Packet(packet) if packet.track == 2));
    assert!(joined.unwrap() < first.unwrap());
    assert_eq!(packets(&records, 2).len(), 50, "a second of sound");
}

#[test]
fn wrong_clocks_show_in_timestamps() {
    let clocks = Clocks { system_ppm: 10_000.0, audio_ppm: 20_000.0 };
    let records = logged(20.0, vec![Actor { clocks, ..actor() }]);
    for (track, rate, ppm) in [(0, 48_000.0, 30_200.0), (1, 90_000.0, 10_000.0)] {
        let packets = packets(&records, track);
        let (first, last) = (packets[0], packets.last().unwrap());
        let ticks = f64::from(last.timestamp.wrapping_sub(first.timestamp));
        let real = (last.at - first.at).as_secs_f64() * rate;
        assert!(((ticks / real - 1.0) * 1e6 - ppm).abs() < 50.0, "track {track}: {}", ticks / real);
    }
}

#[test]
fn what_is_repaired_comes_late_and_what_is_lost_does_not_come() {
    let network = |loss| Network { delay: 0.05, jitter: 0.02, loss };
    let audio = network(Loss::Repaired { share: 0.05, within: 0.3 });
    let video = network(Loss::Frame(4));
    let records = logged(60.0, vec![Actor { audio, video, ..actor() }]);

    let sound = packets(&records, 0);
    let sequences: BTreeSet<u64> = sound.iter().map(|packet| packet.sequence).collect();
    let span = sequences.last().unwrap() - sequences.first().unwrap() + 1;
    assert!(span - sequences.len() as u64 <= 2, "but for the last ones nothing is missing");
    let late = sound.windows(2).filter(|pair| pair[1].sequence < pair[0].sequence).count();
    assert!((75..=225).contains(&late), "{late} of 3000");

    let lost = packets(&records, 1).windows(2).filter(|pair| pair[1].sequence > pair[0].sequence + 1).count();
    assert_eq!(lost, 60, "one in each second");
}

#[test]
fn who_is_muted_is_not_heard() {
    let records = logged(4.0, vec![Actor { muted: Some((1.0, 3.0)), ..actor() }]);
    let muted = Duration::from_secs(1)..Duration::from_secs(3);
    assert!(packets(&records, 0).iter().all(|packet| !muted.contains(&packet.at)));
    assert_eq!(packets(&records, 0).len(), 100);
}
