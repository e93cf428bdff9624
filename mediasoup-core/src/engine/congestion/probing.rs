//! Whether the path carries more than is sent: short bursts of padding, and how fast they arrive.

use std::time::{Duration, Instant};

use super::history::Delivered;

/// How long a probe lasts.
const DURATION: Duration = Duration::from_millis(40);
/// Its packets.
const PACKETS_MIN: u32 = 5;
const PACKET_LEN_MIN: f64 = 200.0;
const PACKET_LEN_MAX: f64 = 1_200.0;
/// The answer to a probe is waited for so long.
const ANSWER_MAX: Duration = Duration::from_secs(1);
/// A probe asks for at most so many times what is known: it must not fill a queue that others stand in.
const STEP: f64 = 2.0;
/// A probe has failed where the estimate did not grow by this.
const SUCCESS: f64 = 1.1;
/// After a failure the next one waits, longer each time.
const REST_MIN: Duration = Duration::from_millis(1_500);
const REST_MAX: Duration = Duration::from_secs(4);
/// bit/s.
const TARGET_MIN: f64 = 200_000.0;

/// What a probe has shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shown {
    /// bit/s that the path carries.
    pub(super) bitrate: f64,
    /// It carries no more.
    pub(super) is_all: bool,
}

/// Padding that is going out, or has gone out.
#[derive(Clone, Copy, Debug)]
struct Probe {
    cluster: u8,
    /// bit/s.
    target: f64,
    started: Instant,
    packets: u32,
    bytes: u32,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Resting { until: Option<Instant> },
    Sending(Probe),
    Awaiting { probe: Probe, until: Instant },
}

/// The prober of one transport.
#[derive(Debug)]
pub(super) struct Prober {
    state: State,
    /// bit/s that more could be shown with; `None`: nobody wants more.
    wanted: Option<f64>,
    rest: Duration,
    clusters: u8,
    arrived: Cluster,
}

impl Default for Prober {
    fn default() -> Self {
        Self {
            state: State::Resting { until: None },
            wanted: None,
            rest: REST_MIN,
            clusters: 0,
            arrived: Cluster::default(),
        }
    }
}

impl Prober {
    /// With this much more could be shown, bit/s; `None`: there is enough.
    pub(super) fn want(&mut self, bitrate: Option<f64>) {
        self.wanted = bitrate;
    }

    /// The probe that packets sent now are part of; 0: none.
    pub(super) fn cluster(&self) -> u8 {
        match &self.state {
            State::Sending(probe) => probe.cluster,
            _ => 0,
        }
    }

    /// A packet, of whatever kind, went out as part of the probe.
    pub(super) fn on_sent(&mut self, len: usize) {
        if let State::Sending(probe) = &mut self.state {
            probe.packets += 1;
            probe.bytes += len as u32;
        }
    }

    pub(super) fn next_due(&self) -> Option<Instant> {
        match &self.state {
            State::Resting { until } => self.wanted.and(*until),
            State::Sending(probe) => Some(probe.next_packet_at()),
            State::Awaiting { until, .. } => Some(*until),
        }
    }

    /// Length of the padding packet to send now; begins a probe where one is due. `estimate`: bit/s.
    pub(super) fn poll(&mut self, now: Instant, estimate: f64) -> Option<usize> {
        match &self.state {
            State::Resting { until } if until.is_none_or(|until| until <= now) => {
                self.start(now, estimate)?;
            }
            State::Awaiting { until, .. } if *until <= now => self.fail(now),
            _ => {}
        }
        let State::Sending(probe) = self.state else { return None };
        if probe.is_complete(now) {
            self.state = State::Awaiting { probe, until: now + ANSWER_MAX };
            return None;
        }
        (probe.next_packet_at() <= now).then(|| probe.packet_len())
    }

    fn start(&mut self, now: Instant, estimate: f64) -> Option<()> {
        self.wanted = self.wanted.filter(|wanted| *wanted > estimate);
        let wanted = self.wanted?;
        self.clusters = self.clusters.checked_add(1).unwrap_or(1);
        let target = wanted.min(STEP * estimate).max(TARGET_MIN);
        let probe = Probe { cluster: self.clusters, target, started: now, packets: 0, bytes: 0 };
        self.arrived = Cluster::default();
        self.state = State::Sending(probe);
        Some(())
    }

    /// No probe before this.
    pub(super) fn rest_until(&mut self, until: Instant) {
        self.state = State::Resting { until: Some(until) };
    }

    fn fail(&mut self, now: Instant) {
        self.rest_until(now + self.rest);
        self.rest = (self.rest * 3 / 2).min(REST_MAX);
    }

    /// A packet of a probe arrived.
    pub(super) fn on_delivered(&mut self, packet: &Delivered) {
        if let State::Sending(probe) | State::Awaiting { probe, .. } = &self.state
            && packet.cluster == probe.cluster
        {
            self.arrived.add(packet);
        }
    }

    /// What the probe has shown, once enough of it arrived.
    pub(super) fn take_result(&mut self, now: Instant, estimate: f64) -> Option<Shown> {
        let State::Awaiting { probe, .. } = &self.state else { return None };
        if self.arrived.packets * 10 < probe.packets * 8 || self.arrived.bytes * 10 < probe.bytes * 8 {
            return None;
        }
        let result = self.arrived.result();
        if result.is_some_and(|shown| shown.bitrate > SUCCESS * estimate) {
            self.rest = REST_MIN;
            self.rest_until(now);
        } else {
            self.fail(now);
        }
        result
    }
}

impl Probe {
    fn packet_len(&self) -> usize {
        let total = self.target / 8.0 * DURATION.as_secs_f64();
        (total / f64::from(PACKETS_MIN + 1)).clamp(PACKET_LEN_MIN, PACKET_LEN_MAX) as usize
    }

    fn next_packet_at(&self) -> Instant {
        self.started + Duration::from_secs_f64(f64::from(self.bytes) * 8.0 / self.target)
    }

    fn is_complete(&self, now: Instant) -> bool {
        self.packets > PACKETS_MIN && now.saturating_duration_since(self.started) >= DURATION
    }
}

/// What arrived of a probe.
#[derive(Clone, Copy, Debug, Default)]
struct Cluster {
    packets: u32,
    bytes: u32,
    /// First and last: when sent, and how long.
    sent: Option<[(Instant, u16); 2]>,
    /// First and last: when arrived (µs), and how long.
    arrived: Option<[(i64, u16); 2]>,
}

impl Cluster {
    fn add(&mut self, packet: &Delivered) {
        self.packets += 1;
        self.bytes += u32::from(packet.len);
        let sent = (packet.sent, packet.len);
        let [first, last] = self.sent.unwrap_or([sent; 2]);
        self.sent =
            Some([if sent.0 < first.0 { sent } else { first }, if sent.0 >= last.0 { sent } else { last }]);
        let arrived = (packet.arrived_us, packet.len);
        let [first, last] = self.arrived.unwrap_or([arrived; 2]);
        self.arrived = Some([
            if arrived.0 < first.0 { arrived } else { first },
            if arrived.0 >= last.0 { arrived } else { last },
        ]);
    }

    /// The lower of the rates it was sent and arrived at. Where it arrived slower than it was sent, that is all the path
    /// carries: a little less is safe.
    fn result(&self) -> Option<Shown> {
        const ARRIVED_AS_SENT: f64 = 0.9;
        const SAFE: f64 = 0.95;
        let [first_sent, last_sent] = self.sent?;
        let [first_arrived, last_arrived] = self.arrived?;
        let sent_for = last_sent.0.saturating_duration_since(first_sent.0).as_secs_f64();
        let arrived_for = (last_arrived.0 - first_arrived.0) as f64 / 1e6;
        if sent_for <= 0.0 || arrived_for <= 0.0 || sent_for > 1.0 || arrived_for > 1.0 {
            return None;
        }
        let sent = 8.0 * f64::from(self.bytes - u32::from(last_sent.1)) / sent_for;
        let arrived = 8.0 * f64::from(self.bytes - u32::from(first_arrived.1)) / arrived_for;
        if arrived > 2.0 * sent {
            return None; // the path held them back and let them go at once
        }
        let is_all = arrived < ARRIVED_AS_SENT * sent;
        Some(Shown { bitrate: if is_all { SAFE * arrived } else { sent.min(arrived) }, is_all })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "a start for virtual time")]
    use super::*;

    /// Probes a path of this capacity, idle otherwise; gives what it showed, and the bytes it took.
    fn probe(capacity: f64, estimate: f64, wanted: f64) -> (Option<f64>, usize) {
        let mut now = Instant::now();
        let start = now;
        let mut prober = Prober::default();
        prober.want(Some(wanted));
        let (mut sent, mut free_at_us, mut delivered) = (0, 0_i64, Vec::new());
        while now < start + Duration::from_millis(200) {
            if let Some(len) = prober.poll(now, estimate) {
                let at_us = (now - start).as_micros() as i64;
                free_at_us = free_at_us.max(at_us) + (8e6 * len as f64 / capacity) as i64;
                delivered.push(Delivered {
                    sent: now,
                    arrived_us: free_at_us,
                    len: len as u16,
                    cluster: prober.cluster(),
                });
                prober.on_sent(len);
                sent += len;
            }
            now += Duration::from_millis(1);
        }
        delivered.iter().for_each(|packet| prober.on_delivered(packet));
        (prober.take_result(now, estimate).map(|shown| shown.bitrate), sent)
    }

    #[test]
    fn shows_what_the_path_carries() {
        let (result, bytes) = probe(10e6, 500_000.0, 900_000.0);
        let result = result.unwrap();
        assert!((800_000.0..1_000_000.0).contains(&result), "{result}");
        assert!(bytes < 6_000, "{bytes}");
        let result = probe(600_000.0, 500_000.0, 900_000.0).0.unwrap();
        assert!((500_000.0..620_000.0).contains(&result), "{result}");
        let result = probe(10e6, 300_000.0, 5e6).0.unwrap();
        assert!(result < 700_000.0, "one step at a time: {result}");
    }

    #[test]
    fn nothing_is_probed_where_nobody_wants_more() {
        let now = Instant::now();
        let mut prober = Prober::default();
        assert_eq!(prober.poll(now, 1e6), None);
        prober.want(Some(900_000.0));
        assert_eq!(prober.poll(now, 1e6), None);
        assert_eq!(prober.next_due(), None);
    }

    #[test]
    fn a_probe_without_an_answer_is_not_repeated_at_once() {
        let mut now = Instant::now();
        let mut prober = Prober::default();
        prober.want(Some(2e6));
        let mut starts = Vec::new();
        for _ in 0..20_000 {
            if prober.poll(now, 1e6).is_some() {
                if starts.last().is_none_or(|at| now - *at > Duration::from_millis(500)) {
                    starts.push(now);
                }
                prober.on_sent(1_000);
            }
            now += Duration::from_millis(1);
        }
        assert!((4..=8).contains(&starts.len()), "{}", starts.len());
    }
}
