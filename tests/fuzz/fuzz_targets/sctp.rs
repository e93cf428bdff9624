//! What peers send over DTLS for data channels.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mediasoup_core::fuzzing::sctp(bytes));
