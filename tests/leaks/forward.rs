//! The way of a packet allocates nothing. Alone in its process, because it measures the process.

use std::{alloc::System, time::Instant};

use mediasoup_core::benching::Forwarding;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const VIEWERS: u16 = 20;
/// Until every buffer is as large as it gets: the stores keep two seconds.
const WARM_UP: usize = 4_000;
/// A packet comes each millisecond.
const PACKETS: usize = 2_000;
/// What routine allocates, for each viewer and second: reports, and shares of bandwidth.
const ROUTINE_MAX: usize = 40;

#[test]
fn nothing_is_allocated_for_a_packet() {
    let mut forwarding = Forwarding::new(Instant::now(), VIEWERS);
    let packets: Vec<_> = (0..WARM_UP + PACKETS).map(|_| forwarding.next_packet()).collect();
    let (first, others) = packets.split_at(WARM_UP);
    for packet in first {
        forwarding.forward(&mut packet.clone());
    }
    let mut others = others.to_vec();
    let region = Region::new(ALLOCATOR);
    let sent: usize = others.iter_mut().map(|packet| forwarding.forward(packet)).sum();
    let allocations = region.change().allocations;
    let seconds = PACKETS / 1_000;
    println!("{allocations} allocations for {sent} packets in {seconds} s to {VIEWERS} viewers");
    assert!(sent >= PACKETS * usize::from(VIEWERS), "{sent}");
    assert!(allocations <= ROUTINE_MAX * seconds * usize::from(VIEWERS), "{allocations} for {sent} packets");
}
