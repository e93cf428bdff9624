//! RTP packets and their header extensions.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mediasoup_core::fuzzing::rtp(bytes));
