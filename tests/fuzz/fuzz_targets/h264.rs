//! H264 NAL units and aggregates.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mediasoup_core::fuzzing::h264(bytes));
