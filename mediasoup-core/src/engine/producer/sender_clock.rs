//! The clock of a sender, learnt from its sender reports.
//!
//! All streams of a transport come from one clock, so one shift turns its NTP times into ours: whatever the shift's
//! error is, audio and video share it and stay in sync.

use std::time::Duration;

use crate::engine::rtcp::NtpTime;

/// A transport's NTP clock against ours.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SenderClock {
    /// Our time less theirs, seconds, of the report that was quickest to come.
    shift: Option<f64>,
}

impl SenderClock {
    /// A jump of their clock by more than this starts anew.
    const JUMP_SECONDS: f64 = 5.0;

    /// A report came at `ours` that was sent at `theirs`.
    pub(crate) fn on_sender_report(&mut self, ours: NtpTime, theirs: NtpTime) {
        let seen = ours.seconds_since(theirs);
        self.shift = Some(match self.shift {
            // The least delay is nearest to the truth; a slow drift upwards is followed.
            Some(shift) if (seen - shift).abs() < Self::JUMP_SECONDS => {
                shift.min(seen) + (seen - shift).max(0.0) * 0.01
            }
            _ => seen,
        });
    }

    /// Their time at `ours`.
    fn theirs_at(&self, ours: NtpTime) -> Option<NtpTime> {
        let shift = self.shift?;
        Some(NtpTime(ours.0.wrapping_add_signed((-shift * 4_294_967_296.0) as i64)))
    }
}

/// A stream's timestamps against its sender's clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TimestampAnchor {
    pub(crate) ntp: NtpTime,
    pub(crate) rtp_timestamp: u32,
}

impl TimestampAnchor {
    /// What is to be added (wrapping) to `other`'s timestamps for this stream's at the same moment. Both streams are
    /// of one sender.
    pub(crate) fn offset_of(&self, other: &Self, clock_rate: u32) -> Option<u32> {
        let later = other.ntp.seconds_since(self.ntp) * f64::from(clock_rate);
        let mine = self.rtp_timestamp.wrapping_add(later.round() as i64 as u32);
        Some(mine.wrapping_sub(other.rtp_timestamp))
    }

    /// The stream's timestamp at our time `ours`, or `None` where the clock is not known.
    pub(crate) fn timestamp_at(&self, clock: &SenderClock, ours: NtpTime, clock_rate: u32) -> Option<u32> {
        let elapsed = clock.theirs_at(ours)?.seconds_since(self.ntp);
        Some(self.rtp_timestamp.wrapping_add((elapsed * f64::from(clock_rate)).round() as i64 as u32))
    }
}

/// The timestamp `elapsed` after `timestamp`: for streams whose sender has not reported.
pub(crate) fn advance(timestamp: u32, elapsed: Duration, clock_rate: u32) -> u32 {
    timestamp.wrapping_add((elapsed.as_secs_f64() * f64::from(clock_rate)) as u64 as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ntp(seconds: f64) -> NtpTime {
        NtpTime((seconds * 4_294_967_296.0) as u64)
    }

    #[test]
    fn audio_and_video_of_one_sender_agree() {
        // Their clock is 1000 s ahead of ours; reports take 20 and 50 ms.
        let mut clock = SenderClock::default();
        clock.on_sender_report(ntp(5.02), ntp(1005.0));
        clock.on_sender_report(ntp(6.05), ntp(1006.0));
        let video = TimestampAnchor { ntp: ntp(1005.0), rtp_timestamp: 90_000 };
        let audio = TimestampAnchor { ntp: ntp(1006.0), rtp_timestamp: 48_000 };
        let ours = ntp(7.02);
        let video_seconds = f64::from(video.timestamp_at(&clock, ours, 90_000).unwrap()) / 90_000.0 + 1004.0;
        let audio_seconds = f64::from(audio.timestamp_at(&clock, ours, 48_000).unwrap()) / 48_000.0 + 1005.0;
        assert!((video_seconds - audio_seconds).abs() < 0.001);
        assert!((video_seconds - 1007.0).abs() < 0.005);
    }
}
