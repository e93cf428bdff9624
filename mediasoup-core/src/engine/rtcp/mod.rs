//! RTCP on the wire (RFC 3550 §6, RFC 4585, RFC 5104, RFC 3611, and the feedback of transport-wide congestion control).

mod arrivals;
mod build;
mod parse;
mod transport_cc;

pub(crate) use arrivals::Arrivals;
pub(crate) use build::{
    Dlrr, ReportBlock, SenderInfo, write_dlrr, write_fir, write_nack, write_pli,
    write_receiver_reference_time, write_receiver_report, write_remb, write_sender_report,
    write_source_description,
};
pub(crate) use parse::{Packet, ReceivedReport, packets};
pub(crate) use transport_cc::{Arrival, write_transport_cc};

/// Most report blocks in one report: the count has five bits.
pub(crate) const REPORT_BLOCKS_MAX: usize = 31;

/// A time as NTP has it: seconds in the upper half, fraction in the lower (RFC 3550 §4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct NtpTime(pub(crate) u64);

impl NtpTime {
    pub(crate) fn from_duration(duration: std::time::Duration) -> Self {
        let fraction = (u64::from(duration.subsec_nanos()) << 32) / 1_000_000_000;
        Self((duration.as_secs() << 32) | fraction)
    }

    /// The middle 32 bits: units of 1/65536 s.
    pub(crate) fn compact(self) -> u32 {
        (self.0 >> 16) as u32
    }

    /// Seconds from `earlier` to this, negative where it is later.
    pub(crate) fn seconds_since(self, earlier: Self) -> f64 {
        self.0.wrapping_sub(earlier.0).cast_signed() as f64 / 4_294_967_296.0
    }
}

/// A round trip, from when a report came back, what it repeated and how long it was held (RFC 3550 §6.4.1), all in
/// units of 1/65536 s. `None` where nothing was repeated, or where the clock of the peer makes it negative.
pub(crate) fn round_trip(now: NtpTime, last: u32, delay: u32) -> Option<std::time::Duration> {
    if last == 0 {
        return None;
    }
    let units = now.compact().wrapping_sub(last).wrapping_sub(delay);
    let plausible = units < 1 << 31;
    plausible.then(|| std::time::Duration::from_secs_f64(f64::from(units) / 65_536.0))
}
