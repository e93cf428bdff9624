//! The VP9 payload descriptor.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mediasoup_core::fuzzing::dependency(bytes));
