//! A STUN binding request.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mediasoup_core::fuzzing::stun(bytes));
