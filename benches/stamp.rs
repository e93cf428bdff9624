//! Times in packets: when one was sent.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// By the clock that the kernel stamps packets with.
#[must_use]
pub fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// Puts the time at the end of a payload.
pub fn stamp(payload: &mut [u8], at: Duration) {
    if let Some(end) = payload.last_chunk_mut() {
        *end = (at.as_nanos() as u64).to_be_bytes();
    }
}

/// The time at the end of a payload.
#[must_use]
pub fn stamped(payload: &[u8]) -> Option<Duration> {
    payload.last_chunk().map(|nanos| Duration::from_nanos(u64::from_be_bytes(*nanos)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_the_last_of_a_payload() {
        let mut payload = [0; 20];
        stamp(&mut payload, Duration::from_nanos(77));
        assert_eq!(stamped(&payload), Some(Duration::from_nanos(77)));
        assert_eq!(stamped(&[0; 7]), None);
    }
}
