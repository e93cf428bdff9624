//! ORTC parameters into SDP and back.
//!
//! [`remote`] writes the server's half from the parameters it gave; [`local`] reads this side's parameters
//! out of the half the peer connection wrote; [`fmtp`] is the text form of codec parameters in both.

pub(super) mod fmtp;
pub(super) mod local;
pub(super) mod remote;

#[cfg(test)]
mod tests;
