use std::{fs::File, sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{merge::Merge, *};
use crate::{
    ids::{ProducerId, RecordingId},
    recording::{
        log::{LogReader, Record},
        settings::Settings,
        tests::{
            FakeRoom,
            room::{TRACK, joined, packet, track},
        },
    },
};

fn header() -> LogHeader {
    LogHeader {
        id: RecordingId::from_u128(1),
        room_id: "room".parse().unwrap(),
        filename: "room".to_owned(),
        started_at: 0,
        options: serde_json::from_str("{}").unwrap(),
        settings: Settings::default(),
    }
}

/// Sequence numbers of packets, with their tracks.
fn packets(records: &[Record]) -> Vec<(u32, u64)> {
    let packet = |record: &Record| match record {
        Record::Packet(packet) => Some((packet.track, packet.sequence)),
        _ => None,
    };
    records.iter().filter_map(packet).collect()
}

struct Merged {
    now: std::time::Instant,
    merge: Merge,
    records: Vec<Record>,
}

impl Merged {
    fn new() -> Self {
        let now = Instant::now().into_std();
        Self { now, merge: Merge::new(now), records: Vec::new() }
    }

    fn hear(&mut self, producer: u128, sequence: u64) {
        let event = packet(ProducerId::from_u128(producer), self.now, sequence);
        self.merge.heard(event, &mut self.records);
    }

    fn change(&mut self, event: RosterEvent) {
        self.merge.changed(self.now, event, &mut self.records);
    }

    fn add(&mut self, producer: u128) {
        self.change(RosterEvent::TrackAdded(track(ProducerId::from_u128(producer))));
    }

    fn pause(&mut self, producer: u128, paused: bool) {
        self.change(RosterEvent::TrackPaused { producer_id: ProducerId::from_u128(producer), paused });
    }
}

#[test]
fn packets_wait_for_their_track() {
    let mut merged = Merged::new();
    merged.hear(7, 1);
    merged.hear(8, 2);
    assert_eq!(packets(&merged.records), []);
    merged.add(8);
    merged.add(7);
    merged.hear(7, 3);
    assert!(matches!(merged.records[0], Record::Roster { .. }), "the track stands before its packets");
    assert_eq!(packets(&merged.records), [(0, 2), (1, 1), (1, 3)]);
}

#[test]
fn packets_of_a_paused_track_wait_for_its_resumption_and_no_longer() {
    let mut merged = Merged::new();
    merged.add(7);
    merged.pause(7, true);
    merged.hear(7, 1);
    merged.now += Duration::from_millis(1500);
    merged.merge.give_up(merged.now);
    merged.hear(7, 2);
    merged.pause(7, false);
    assert_eq!(packets(&merged.records), [(0, 2)]);
}

#[test]
fn a_track_that_was_removed_is_heard_no_more_and_its_number_is_not_given_again() {
    let mut merged = Merged::new();
    merged.add(7);
    merged.change(RosterEvent::TrackRemoved { producer_id: ProducerId::from_u128(7) });
    merged.hear(7, 1);
    merged.add(8);
    merged.hear(8, 2);
    assert_eq!(packets(&merged.records), [(1, 2)]);
}

#[test]
fn no_more_than_a_bounded_number_of_packets_waits() {
    let mut merged = Merged::new();
    (0..5000).for_each(|sequence| merged.hear(7, sequence));
    merged.add(7);
    let heard = packets(&merged.records).len();
    assert_eq!(heard as u64 + merged.merge.missed(), 5000);
    assert!(heard < 5000);
}

/// A capture of a room into a file.
struct Captured {
    room: FakeRoom,
    directory: tempfile::TempDir,
    begun: std::time::Instant,
    capture: Capture,
    written: Written,
}

impl Captured {
    async fn new() -> Self {
        let (room, directory) = (FakeRoom::new("room").await, tempfile::tempdir().unwrap());
        let file = LogFile::create(directory.path().join("log"), directory.path().join("ballast")).unwrap();
        let listening = Listening::to(&room).await.unwrap();
        let begun = listening.begun.into_std();
        let (capture, written) = Capture::start(listening, file, header()).unwrap();
        Self { room, directory, begun, capture, written }
    }

    /// What the log says, when it is written.
    async fn records(self) -> Vec<Record> {
        drop(self.capture);
        self.written.wait().await;
        let mut reader = LogReader::new(File::open(self.directory.path().join("log")).unwrap());
        std::iter::from_fn(|| reader.next_record().unwrap()).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_heard_is_in_the_log() {
    let mut captured = Captured::new().await;
    for number in 0..5 {
        captured.room.send(captured.begun + Duration::from_millis(100 * number), number);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    captured.capture.stop();
    let Ended { length, cause } = captured.capture.ended().await;
    assert_eq!(cause, Cause::Asked);
    assert!((Duration::from_millis(500)..Duration::from_millis(510)).contains(&length), "{length:?}");
    assert_eq!(captured.capture.gauges().heard_ms(), length.as_millis() as u64);
    let records = captured.records().await;

    assert!(matches!(records[0], Record::Header(_)));
    assert!(matches!(&records[1], Record::Roster { event, .. } if *event == joined()));
    assert_eq!(packets(&records), [(0, 0), (0, 1), (0, 2), (0, 3), (0, 4)]);
    let third =
        records.iter().find(|record| matches!(record, Record::Packet(packet) if packet.sequence == 3));
    assert_eq!(third.unwrap().at(), Duration::from_millis(300), "when it came, not when it was fetched");
    assert!(records.iter().filter(|record| matches!(record, Record::Tick { .. })).count() >= 5);
    assert_eq!(records.last(), Some(&Record::End { at: length }));
}

#[tokio::test]
async fn what_was_said_last_before_the_stop_is_heard() {
    let mut captured = Captured::new().await;
    let producer_id = TRACK;
    captured.room.send(captured.begun, 1);
    captured.room.change(&RosterEvent::TrackRemoved { producer_id });
    captured.capture.stop();
    captured.capture.ended().await;
    let records = captured.records().await;
    assert_eq!(packets(&records), [(0, 1)]);
    let is_removal = |record: &Record| matches!(record, Record::Roster { event, .. } if *event == RosterEvent::TrackRemoved { producer_id });
    assert!(records.iter().any(is_removal));
}

#[tokio::test]
async fn it_ends_with_its_room_and_with_its_worker() {
    let mut captured = Captured::new().await;
    captured.room.close();
    assert_eq!(captured.capture.ended().await.cause, Cause::RoomClosed);
    assert!(matches!(captured.records().await.last(), Some(Record::End { .. })));

    let mut captured = Captured::new().await;
    captured.room.lose_worker();
    assert_eq!(captured.capture.ended().await.cause, Cause::RoomClosed);
}

#[tokio::test]
async fn dropped_it_ends_in_order() {
    let captured = Captured::new().await;
    let ballast = captured.directory.path().join("ballast");
    assert_eq!(ballast.metadata().unwrap().len(), 8 << 20);
    assert!(matches!(captured.records().await.last(), Some(Record::End { .. })));
}

#[tokio::test]
async fn what_the_tap_could_not_hold_is_counted() {
    let mut captured = Captured::new().await;
    // Nobody reads before the next await.
    (0..TAP_CAPACITY as u64 + 10).for_each(|number| captured.room.send(captured.begun, number));
    captured.capture.stop();
    captured.capture.ended().await;
    assert_eq!(captured.capture.gauges().missed(), 10);
    assert_eq!(packets(&captured.records().await).len(), TAP_CAPACITY);
}

#[tokio::test]
async fn a_closed_room_is_not_listened_to() {
    let room = Arc::new(FakeRoom::new("room").await);
    room.close();
    assert!(matches!(Listening::to(&*room).await, Err(RecordingError::RoomNotFound)));
    room.lose_worker();
    assert!(matches!(Listening::to(&*room).await, Err(RecordingError::RoomNotFound)));
}
