//! RTP on the wire: reading a packet in place, and writing one anew.

mod extensions;
mod packet;
mod rtx;
mod sequence;
mod stamp;
mod write;

pub(crate) use extensions::{Extension, ExtensionIds};
pub(crate) use packet::RtpPacket;
pub(crate) use rtx::restore;
pub(crate) use sequence::{SequenceMap, Unwrapper};
pub(crate) use stamp::stamp;
pub(crate) use write::{ExtensionValue, Header, pad, write_packet};

/// Nanoseconds of a duration as 24-bit fixed point seconds with 18 bits of fraction: abs-send-time.
pub(crate) fn abs_send_time(since_epoch: std::time::Duration) -> u32 {
    let units = (since_epoch.as_nanos() << 18) / 1_000_000_000;
    (units & 0x00FF_FFFF) as u32
}
