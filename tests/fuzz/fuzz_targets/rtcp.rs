//! Compound RTCP packets.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mediasoup_core::fuzzing::rtcp(bytes));
