//! The headers SRTP reads before it can authenticate a packet.
#![no_main]

libfuzzer_sys::fuzz_target!(|datagram: &[u8]| mediasoup_core::fuzzing::fuzz_srtp_header(datagram));
