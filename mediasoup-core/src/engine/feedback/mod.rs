//! What the server tells a sender about the path to it, so that its bitrate finds the room there is.

mod remb;
mod wide_cc;

pub(crate) use remb::Remb;
pub(crate) use wide_cc::WideCcReceiver;
