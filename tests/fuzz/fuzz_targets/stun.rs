//! STUN binding requests from strangers.
#![no_main]

libfuzzer_sys::fuzz_target!(|datagram: &[u8]| mediasoup_core::fuzzing::fuzz_stun(datagram));
