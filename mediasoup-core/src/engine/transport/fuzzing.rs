//! Entry points for fuzz targets: parsers of what strangers send. They have nothing to show but that they return.

use std::hint::black_box;

use super::{
    srtp::header::{RtpHeader, rtcp_ssrc},
    stun::{BindingRequest, Credentials, username_fragment},
};
use crate::media::transport::IceParameters;

/// A datagram that may be a STUN binding request.
///
/// # Panics
/// If the two parsers disagree on a request both take.
pub fn fuzz_stun(datagram: &[u8]) {
    let quick = username_fragment(datagram);
    let Some(request) = BindingRequest::parse(datagram) else { return };
    if let Some(fragment) = request.username_fragment() {
        assert_eq!(quick, Some(fragment), "the parsers disagree");
    }
    let credentials = Credentials::new(IceParameters {
        username_fragment: "fragment".into(),
        password: "password".into(),
        ice_lite: true,
    });
    black_box(request.is_signed_with(&credentials));
    let _ = black_box(request.check());
}

/// A datagram that may be SRTP or SRTCP.
pub fn fuzz_srtp_header(datagram: &[u8]) {
    let _ = black_box(RtpHeader::parse(datagram));
    let _ = black_box(rtcp_ssrc(datagram));
}
