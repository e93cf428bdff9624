//! A track that is received, and what is counted of it.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
    time::Duration,
};

use bytes::Bytes;
use mediasoup_core::{ids::ConsumerId, media::rtp::MediaKind};
use rtc::rtp;
use tokio::{
    sync::{Mutex, mpsc, watch},
    time::{Instant, timeout},
};
use webrtc::media_stream::track_remote::{TrackRemote, TrackRemoteEvent};

use super::ClientError;

/// How long [`RemoteTrack::wait_until`] waits.
const PATIENCE: Duration = Duration::from_secs(10);

/// What came on a track so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReceivedStats {
    /// RTP packets, repaired ones too.
    pub packets: u64,
    /// Payload bytes.
    pub bytes: u64,
    /// Packets with the marker bit: the ends of video frames, the starts of talk.
    pub markers: u64,
    /// Sequence numbers that were skipped and have not come since.
    pub missing: u64,
    /// Packets that came late or twice.
    pub reordered: u64,
    /// When the first packet came.
    pub first_packet_at: Option<Instant>,
    /// When the latest packet came.
    pub last_packet_at: Option<Instant>,
    /// SSRC of the latest packet.
    pub ssrc: Option<u32>,
    /// Payload type of the latest packet.
    pub payload_type: Option<u8>,
    sequence_number_max: Option<u16>,
}

impl ReceivedStats {
    fn count(&mut self, packet: &rtp::Packet, now: Instant) {
        let header = &packet.header;
        self.packets += 1;
        self.bytes += packet.payload.len() as u64;
        self.markers += u64::from(header.marker);
        self.first_packet_at.get_or_insert(now);
        self.last_packet_at = Some(now);
        self.ssrc = Some(header.ssrc);
        self.payload_type = Some(header.payload_type);
        let Some(max) = self.sequence_number_max else {
            self.sequence_number_max = Some(header.sequence_number);
            return;
        };
        // RFC 3550 appendix A.1: the shorter way round decides what is ahead.
        match header.sequence_number.wrapping_sub(max) {
            ahead @ 1..0x8000 => {
                self.missing += u64::from(ahead - 1);
                self.sequence_number_max = Some(header.sequence_number);
            }
            _ => {
                self.reordered += 1;
                self.missing = self.missing.saturating_sub(1);
            }
        }
    }
}

/// Packets a listener may leave unread.
const UNREAD_MAX: usize = 1 << 16;

/// A packet that came.
#[derive(Clone, Debug)]
pub struct ReceivedPacket {
    /// When.
    pub at: Instant,
    /// RTP payload.
    pub payload: Bytes,
}

/// A consumed track.
#[derive(Clone, Debug)]
pub struct RemoteTrack {
    consumer_id: ConsumerId,
    kind: MediaKind,
    stats: watch::Receiver<ReceivedStats>,
    listener: Listener,
}

/// Who is handed the packets, beside their being counted.
type Listener = Arc<OnceLock<mpsc::Sender<ReceivedPacket>>>;

impl RemoteTrack {
    /// The server's id of it.
    #[must_use]
    pub fn consumer_id(&self) -> ConsumerId {
        self.consumer_id
    }

    /// Audio or video.
    #[must_use]
    pub fn kind(&self) -> MediaKind {
        self.kind
    }

    /// What came so far.
    #[must_use]
    pub fn stats(&self) -> ReceivedStats {
        self.stats.borrow().clone()
    }

    /// The packets that come from now on; those that nobody reads in time are left out.
    ///
    /// # Panics
    /// Somebody listens already.
    #[must_use]
    pub fn listen(&self) -> mpsc::Receiver<ReceivedPacket> {
        let (sender, packets) = mpsc::channel(UNREAD_MAX);
        self.listener.set(sender).expect("a track has one listener");
        packets
    }

    /// Waits until what came satisfies `condition`.
    ///
    /// # Errors
    /// Ten seconds pass, or the transport is closed.
    pub async fn wait_until(
        &mut self,
        condition: impl Fn(&ReceivedStats) -> bool,
    ) -> Result<ReceivedStats, ClientError> {
        let waiting = self.stats.wait_for(|stats| condition(stats));
        let reached = timeout(PATIENCE, waiting).await.map_err(|_| ClientError::Timeout("media".into()))?;
        Ok(reached.map_err(|_| ClientError::Closed)?.clone())
    }

    /// Waits for `count` packets more than have come by now.
    ///
    /// # Errors
    /// As [`Self::wait_until`].
    pub async fn wait_for_packets(&mut self, count: u64) -> Result<ReceivedStats, ClientError> {
        let goal = self.stats().packets + count;
        self.wait_until(|stats| stats.packets >= goal).await
    }
}

/// The counters of a transport's tracks, by the track id their section was given.
#[derive(Clone, Debug, Default)]
pub(super) struct TrackTable {
    counters: Arc<Mutex<BTreeMap<String, Counter>>>,
}

#[derive(Clone, Debug)]
struct Counter {
    stats: watch::Sender<ReceivedStats>,
    listener: Listener,
}

impl Counter {
    fn take(&self, packet: rtp::Packet) {
        let at = Instant::now();
        self.stats.send_modify(|stats| stats.count(&packet, at));
        if let Some(listener) = self.listener.get() {
            // One that reads too late, or no longer.
            let _not_heard = listener.try_send(ReceivedPacket { at, payload: packet.payload });
        }
    }
}

impl TrackTable {
    /// Counts what comes for this consumer.
    pub(super) async fn expect(&self, consumer_id: ConsumerId, kind: MediaKind) -> RemoteTrack {
        let (sender, stats) = watch::channel(ReceivedStats::default());
        let listener = Listener::default();
        let counter = Counter { stats: sender, listener: Arc::clone(&listener) };
        self.counters.lock().await.insert(consumer_id.to_string(), counter);
        RemoteTrack { consumer_id, kind, stats, listener }
    }

    pub(super) async fn forget(&self, consumer_id: ConsumerId) {
        self.counters.lock().await.remove(&consumer_id.to_string());
    }

    /// Reads a track to its end.
    pub(super) async fn read(&self, track: Arc<dyn TrackRemote>) {
        let id = track.track_id().await;
        let Some(counter) = self.counters.lock().await.get(&id).cloned() else {
            tracing::warn!(track = id, "a track nobody asked for");
            return;
        };
        while let Some(event) = track.poll().await {
            match event {
                TrackRemoteEvent::OnRtpPacket(packet) => counter.take(packet),
                TrackRemoteEvent::OnEnded => break,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(sequence_numbers: &[u16]) -> ReceivedStats {
        let mut stats = ReceivedStats::default();
        for &sequence_number in sequence_numbers {
            let header = rtp::Header { sequence_number, ..Default::default() };
            stats.count(&rtp::Packet { header, ..Default::default() }, Instant::now());
        }
        stats
    }

    #[test]
    fn gaps_are_counted_across_the_wrap_and_filled_by_late_packets() {
        for (sequence_numbers, missing, reordered) in [
            (&[1, 2, 3][..], 0, 0),
            (&[1, 4], 2, 0),
            (&[65_534, 65_535, 0, 1], 0, 0),
            (&[65_535, 2], 2, 0),
            (&[1, 3, 2], 0, 1),
            (&[1, 1], 0, 1),
        ] {
            let stats = counted(sequence_numbers);
            assert_eq!((stats.missing, stats.reordered), (missing, reordered), "{sequence_numbers:?}");
        }
    }
}
