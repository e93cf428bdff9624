//! What a receiver counts of a stream, and what it reports of it (RFC 3550 §6.4.1, appendix A).

use std::time::{Duration, Instant};

use crate::engine::rtcp::{NtpTime, ReportBlock};

/// Counts of one received stream.
#[derive(Clone, Debug)]
pub(crate) struct Reception {
    clock_rate: u32,
    first: u64,
    newest: u64,
    received: u64,
    /// Of `expected` and `received` at the last report.
    reported: (u64, u64),
    /// Scaled by 16, as in RFC 3550 appendix A.8.
    jitter_q4: u32,
    last_transit: Option<u32>,
    last_sender_report: Option<(NtpTime, Instant)>,
    fraction_lost: u8,
}

impl Reception {
    pub(crate) fn new(clock_rate: u32) -> Self {
        Self {
            clock_rate,
            first: 0,
            newest: 0,
            received: 0,
            reported: (0, 0),
            jitter_q4: 0,
            last_transit: None,
            last_sender_report: None,
            fraction_lost: 0,
        }
    }

    /// A packet came; `since_epoch` is when.
    pub(crate) fn on_packet(&mut self, sequence: u64, timestamp: u32, since_epoch: Duration) {
        if self.received == 0 {
            self.first = sequence;
        }
        self.received += 1;
        if sequence > self.newest {
            self.newest = sequence;
            self.update_jitter(timestamp, since_epoch);
        }
    }

    fn update_jitter(&mut self, timestamp: u32, since_epoch: Duration) {
        let arrival = (since_epoch.as_micros() as u64 * u64::from(self.clock_rate) / 1_000_000) as u32;
        let transit = arrival.wrapping_sub(timestamp);
        if let Some(last) = self.last_transit.replace(transit) {
            let distance = transit.wrapping_sub(last).cast_signed().unsigned_abs();
            // A jump of more than a minute is a new timeline, not jitter.
            if distance < 60 * self.clock_rate {
                self.jitter_q4 = (self.jitter_q4 + distance).saturating_sub((self.jitter_q4 + 8) >> 4);
            }
        }
    }

    pub(crate) fn on_sender_report(&mut self, now: Instant, ntp: NtpTime) {
        self.last_sender_report = Some((ntp, now));
    }

    /// Packets that should have come.
    pub(crate) fn expected(&self) -> u64 {
        if self.received == 0 { 0 } else { self.newest - self.first + 1 }
    }

    /// Lost and not repaired.
    pub(crate) fn lost(&self) -> u64 {
        self.expected().saturating_sub(self.received)
    }

    /// Timestamp units.
    pub(crate) fn jitter(&self) -> u32 {
        self.jitter_q4 >> 4
    }

    /// Of the last report, 1/256.
    pub(crate) fn fraction_lost(&self) -> u8 {
        self.fraction_lost
    }

    /// The report for the time since the last one.
    pub(crate) fn report(&mut self, now: Instant, ssrc: u32) -> ReportBlock {
        let expected = self.expected() - self.reported.0;
        let received = self.received - self.reported.1;
        self.reported = (self.expected(), self.received);
        let lost = expected.saturating_sub(received);
        self.fraction_lost = (lost * 256).checked_div(expected).unwrap_or(0).min(255) as u8;
        let (last_sender_report, delay) = self.last_sender_report.map_or((0, 0), |(ntp, at)| {
            let held = NtpTime::from_duration(now.saturating_duration_since(at));
            (ntp.compact(), held.compact())
        });
        ReportBlock {
            ssrc,
            fraction_lost: self.fraction_lost,
            total_lost: self.expected().cast_signed().wrapping_sub(self.received.cast_signed()) as i32,
            // The line starts one turn up; the wire counts turns from the first packet.
            highest_sequence_number: self.newest.saturating_sub(1 << 16) as u32,
            jitter: self.jitter(),
            last_sender_report,
            delay,
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "a start for virtual time")]
    use super::*;

    const LINE: u64 = 1 << 16;

    #[test]
    fn reports_loss_since_the_last_report_and_in_all() {
        let now = Instant::now();
        let mut reception = Reception::new(90_000);
        for sequence in [0, 1, 3, 4, 6, 7] {
            reception.on_packet(LINE + sequence, 0, Duration::ZERO);
        }
        let report = reception.report(now, 5);
        assert_eq!((report.fraction_lost, report.total_lost, report.highest_sequence_number), (64, 2, 7));
        reception.on_packet(LINE + 2, 0, Duration::ZERO); // repaired
        reception.on_packet(LINE + 8, 0, Duration::ZERO);
        let report = reception.report(now, 5);
        assert_eq!((report.fraction_lost, report.total_lost), (0, 1));
    }

    #[test]
    fn jitter_is_of_arrivals_against_timestamps() {
        let mut reception = Reception::new(90_000);
        for index in 0..1_000_u32 {
            let late_ms = if index % 2 == 0 { 0 } else { 10 };
            let at = Duration::from_millis(u64::from(index) * 20 + late_ms);
            reception.on_packet(LINE + u64::from(index), index * 1_800, at);
        }
        assert!((850..=900).contains(&reception.jitter()), "{}", reception.jitter());
    }

    #[test]
    fn answers_sender_reports_with_their_age() {
        let now = Instant::now();
        let mut reception = Reception::new(48_000);
        reception.on_packet(LINE, 0, Duration::ZERO);
        reception.on_sender_report(now, NtpTime(0x0001_0002_0003_0004));
        let report = reception.report(now + Duration::from_millis(500), 5);
        assert_eq!((report.last_sender_report, report.delay), (0x0002_0003, 32_768));
    }
}
