//! The headers SRTP reads before it can authenticate a packet.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mediasoup_core::fuzzing::srtp(bytes));
