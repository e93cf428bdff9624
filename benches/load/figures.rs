//! What is reported.

use std::time::Duration;

use mediasoup_benches::{
    process::{self, CpuTimes},
    report,
};
use serde::Serialize;

use crate::{Result, histogram::Histogram, options::Options, totals::Totals};

/// Frames that are later than this say that the generator cannot keep up.
const LATE: Duration = Duration::from_millis(5);
/// Of the CPU that media threads may have.
const BUSY: f64 = 0.9;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Figures {
    pub(crate) options: Options,
    /// It was stopped before its time.
    pub(crate) interrupted: bool,
    /// For which the load was held.
    pub(crate) seconds: f64,
    pub(crate) clients: Clients,
    pub(crate) sent: Sent,
    pub(crate) received: Received,
    /// From a publisher's send to a viewer's socket.
    pub(crate) latency_ms: Percentiles,
    /// From the start of a viewer's connection to its first packet.
    pub(crate) first_rtp_ms: Percentiles,
    pub(crate) signalling: Signalling,
    pub(crate) server: Option<Server>,
    pub(crate) generator: Generator,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Clients {
    pub(crate) publishers: usize,
    pub(crate) viewers: usize,
    /// That could not join.
    pub(crate) failed: usize,
    /// Why: the first few.
    pub(crate) errors: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Sent {
    pub(crate) packets: u64,
    pub(crate) packets_per_second: f64,
    /// Of the UDP payload.
    pub(crate) bits_per_second: f64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Received {
    pub(crate) packets: u64,
    pub(crate) packets_per_second: f64,
    /// Of the UDP payload.
    pub(crate) bits_per_second: f64,
    pub(crate) lost: u64,
    pub(crate) lost_percent: f64,
    /// Retransmissions and probes.
    pub(crate) other: u64,
    /// Of those that were to be opened.
    pub(crate) unopened: u64,
    /// Messages of transport-wide congestion control that viewers sent.
    pub(crate) feedback: u64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Percentiles {
    pub(crate) count: u64,
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) p999: f64,
    pub(crate) max: f64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Signalling {
    pub(crate) requests: u64,
    /// While clients joined.
    pub(crate) per_second: f64,
    pub(crate) reply_ms: Percentiles,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Server {
    pub(crate) pid: u32,
    pub(crate) user_us_per_packet: f64,
    pub(crate) system_us_per_packet: f64,
    /// Of one core.
    pub(crate) cpu_percent: f64,
    pub(crate) memory_mib: f64,
    pub(crate) threads: u64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Generator {
    pub(crate) us_per_packet: f64,
    pub(crate) cpu_percent: f64,
    /// Of frames.
    pub(crate) late_ms: Percentiles,
    pub(crate) unsent: u64,
    pub(crate) socket_drops: u64,
    /// Empty where it kept up.
    pub(crate) bottleneck: Vec<String>,
}

/// What was used between two moments.
pub(crate) struct Used {
    pub(crate) time: Duration,
    pub(crate) server: Option<(u32, CpuTimes)>,
    pub(crate) own: CpuTimes,
    /// Packets that this process's sockets had no room for.
    pub(crate) drops: u64,
}

impl Percentiles {
    pub(crate) fn of(nanos: &Histogram) -> Self {
        let ms = |nanos: u64| round(nanos as f64 / 1e6, 3);
        Self {
            count: nanos.len(),
            p50: ms(nanos.percentile(0.5)),
            p99: ms(nanos.percentile(0.99)),
            p999: ms(nanos.percentile(0.999)),
            max: ms(nanos.max()),
        }
    }
}

impl Sent {
    pub(crate) fn of(totals: &Totals, time: Duration) -> Self {
        Self {
            packets: totals.sent,
            packets_per_second: per(totals.sent, time),
            bits_per_second: per(8 * totals.sent_bytes, time),
        }
    }
}

impl Received {
    pub(crate) fn of(totals: &Totals, time: Duration) -> Self {
        let share = if totals.expected == 0 { 0.0 } else { totals.lost as f64 / totals.expected as f64 };
        Self {
            packets: totals.received,
            packets_per_second: per(totals.received, time),
            bits_per_second: per(8 * totals.received_bytes, time),
            lost: totals.lost,
            lost_percent: round(100.0 * share, 4),
            other: totals.other,
            unopened: totals.unopened,
            feedback: totals.feedback,
        }
    }
}

impl Server {
    pub(crate) fn of((pid, cpu): (u32, CpuTimes), totals: &Totals, time: Duration) -> Result<Self> {
        Ok(Self {
            pid,
            user_us_per_packet: us_each(cpu.user, totals),
            system_us_per_packet: us_each(cpu.system, totals),
            cpu_percent: percent(cpu.own(), time),
            memory_mib: round(process::memory(pid)? as f64 / f64::from(1 << 20), 1),
            threads: process::threads(pid)?,
        })
    }
}

impl Generator {
    pub(crate) fn of(used: &Used, totals: &Totals, threads: u32) -> Self {
        let late = Duration::from_nanos(totals.lateness.percentile(0.99));
        let cpu_percent = percent(used.own.own(), used.time);
        let mut bottleneck = Vec::new();
        if late > LATE {
            bottleneck.push(format!("of its frames 1 % are {} ms late or more", late.as_millis()));
        }
        if used.drops > 0 {
            bottleneck.push(format!("its sockets dropped {} packets", used.drops));
        }
        if totals.unsent > 0 {
            bottleneck.push(format!("its sockets did not take {} packets", totals.unsent));
        }
        if cpu_percent > 100.0 * BUSY * f64::from(threads) {
            bottleneck.push(format!("it used {cpu_percent} % of a core with --threads {threads}"));
        }
        Self {
            us_per_packet: us_each(used.own.own(), totals),
            cpu_percent,
            late_ms: Percentiles::of(&totals.lateness),
            unsent: totals.unsent,
            socket_drops: used.drops,
            bottleneck,
        }
    }
}

impl Figures {
    pub(crate) fn print(&self) {
        let percentiles = |p: &Percentiles| format!("{} / {} / {} / {}", p.p50, p.p99, p.p999, p.max);
        let rate = |packets: f64, bits: f64| format!("{packets:.0} packet/s, {:.1} Mbit/s", bits / 1e6);
        let mut rows = vec![
            ["publishers, viewers".into(), format!("{}, {}", self.clients.publishers, self.clients.viewers)],
            ["into the server".into(), rate(self.sent.packets_per_second, self.sent.bits_per_second)],
            [
                "out of the server".into(),
                rate(self.received.packets_per_second, self.received.bits_per_second),
            ],
            [
                "lost".into(),
                format!(
                    "{} of {} ({} %)",
                    self.received.lost,
                    self.received.lost + self.received.packets,
                    self.received.lost_percent
                ),
            ],
            ["latency, ms: p50 / p99 / p99.9 / max".into(), percentiles(&self.latency_ms)],
            ["first RTP, ms: p50 / p99 / p99.9 / max".into(), percentiles(&self.first_rtp_ms)],
            [
                "requests while joining".into(),
                format!("{} ({:.0} a second)", self.signalling.requests, self.signalling.per_second),
            ],
            ["replies, ms: p50 / p99 / p99.9 / max".into(), percentiles(&self.signalling.reply_ms)],
        ];
        if let Some(server) = &self.server {
            let each = format!("{} user, {} system", server.user_us_per_packet, server.system_us_per_packet);
            rows.push(["server: CPU of a packet out, µs".into(), each]);
            rows.push(["server: CPU, % of a core".into(), server.cpu_percent.to_string()]);
            rows.push([
                "server: memory, threads".into(),
                format!("{} MiB, {}", server.memory_mib, server.threads),
            ]);
        }
        let own = format!("{} ({} % of a core)", self.generator.us_per_packet, self.generator.cpu_percent);
        rows.push(["generator: CPU of a packet received, µs".into(), own]);
        rows.push([
            "generator: late, ms: p50 / p99 / p99.9 / max".into(),
            percentiles(&self.generator.late_ms),
        ]);
        report::table(&format!("Load held for {:.1} s", self.seconds), ["", "figure"], &rows);
        for error in &self.clients.errors {
            println!("could not join: {error}");
        }
        for reason in &self.generator.bottleneck {
            println!("THE GENERATOR WAS THE BOTTLENECK: {reason}");
        }
    }
}

pub(crate) fn round(value: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (value * scale).round() / scale
}

pub(crate) fn per(count: u64, time: Duration) -> f64 {
    round(count as f64 / time.as_secs_f64(), 1)
}

fn percent(cpu: Duration, time: Duration) -> f64 {
    round(100.0 * cpu.as_secs_f64() / time.as_secs_f64(), 1)
}

fn us_each(cpu: Duration, totals: &Totals) -> f64 {
    round(cpu.as_secs_f64() * 1e6 / totals.received.max(1) as f64, 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(drops: u64, own: u64) -> Used {
        let own = CpuTimes { user: Duration::from_millis(own), ..CpuTimes::default() };
        Used { time: Duration::from_secs(1), server: None, own, drops }
    }

    #[test]
    fn it_says_when_it_is_the_bottleneck() {
        let mut totals = Totals { received: 1000, ..Totals::default() };
        totals.lateness.record(1_000_000);
        let fine = Generator::of(&used(0, 100), &totals, 1);
        assert!(fine.bottleneck.is_empty(), "{fine:?}");
        assert_eq!((fine.us_per_packet, fine.cpu_percent), (100.0, 10.0));
        totals.lateness.record(9_000_000);
        totals.unsent = 1;
        assert_eq!(Generator::of(&used(1, 950), &totals, 1).bottleneck.len(), 4);
        assert_eq!(Generator::of(&used(1, 950), &totals, 2).bottleneck.len(), 3);
    }

    #[test]
    fn loss_is_a_share_of_what_was_expected() {
        let totals = Totals { received: 90, expected: 100, lost: 10, ..Totals::default() };
        let received = Received::of(&totals, Duration::from_secs(2));
        assert_eq!((received.lost_percent, received.packets_per_second), (10.0, 45.0));
        assert_eq!(Received::of(&Totals::default(), Duration::from_secs(1)).lost_percent, 0.0);
    }
}
