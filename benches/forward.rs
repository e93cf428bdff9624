//! One packet of 1,000 bytes in, N out: through the whole engine, and through nothing but the cipher.
#![allow(missing_docs, reason = "made by criterion's macro")]

use std::time::{Duration, Instant};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group};
use mediasoup_benches::criterion;
use mediasoup_core::benching::Forwarding;

const VIEWERS: [u16; 3] = [1, 10, 100];
const PACKET_LEN: usize = 1000;
const HEADER_LEN: usize = 28;

/// Packets that are made before they are timed together.
const CHUNK: u64 = 50;

/// Time the engine takes for so many packets.
fn forward(forwarding: &mut Forwarding, viewers: u16, packets: u64) -> Duration {
    let viewers = usize::from(viewers);
    let mut taken = Duration::ZERO;
    let mut left = packets;
    while left > 0 {
        let mut chunk: Vec<_> = (0..left.min(CHUNK)).map(|_| forwarding.next_packet()).collect();
        left -= chunk.len() as u64;
        let begun = Instant::now();
        for packet in &mut chunk {
            assert!(forwarding.forward(packet) >= viewers, "a viewer got nothing");
        }
        taken += begun.elapsed();
    }
    taken
}

/// What cannot be done without: each packet opened once, and sealed for each viewer under its own header.
struct Floor {
    key: LessSafeKey,
    viewers: u16,
    count: u64,
    buffer: Vec<u8>,
}

impl Floor {
    fn new(viewers: u16) -> Self {
        let key = UnboundKey::new(&AES_256_GCM, &[7; 32]).expect("the length is right");
        Self { key: LessSafeKey::new(key), viewers, count: 0, buffer: Vec::new() }
    }

    fn nonce(&mut self) -> Nonce {
        self.count += 1;
        let mut nonce = [0; 12];
        nonce[4..].copy_from_slice(&self.count.to_be_bytes());
        Nonce::assume_unique_for_key(nonce)
    }

    fn seal(&mut self, packet: &[u8]) {
        let nonce = self.nonce();
        let start = self.buffer.len();
        self.buffer.extend_from_slice(packet);
        let (header, payload) = self.buffer[start..].split_at_mut(HEADER_LEN);
        let tag =
            self.key.seal_in_place_separate_tag(nonce, Aad::from(&*header), payload).expect("it is short");
        self.buffer.extend_from_slice(tag.as_ref());
    }

    fn packet(&mut self) {
        // Opening takes as long as sealing.
        for _ in 0..=self.viewers {
            self.seal(&[0xab; PACKET_LEN]);
        }
        std::hint::black_box(&self.buffer);
        self.buffer.clear();
    }

    fn packets(&mut self, packets: u64) -> Duration {
        let begun = Instant::now();
        for _ in 0..packets {
            self.packet();
        }
        begun.elapsed()
    }
}

fn forwarding(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("forward");
    for viewers in VIEWERS {
        let mut engine = Forwarding::new(Instant::now(), viewers);
        group.throughput(Throughput::Elements(viewers.into()));
        group.bench_function(BenchmarkId::new("engine", viewers), |bencher| {
            bencher.iter_custom(|packets| forward(&mut engine, viewers, packets));
        });
        let mut floor = Floor::new(viewers);
        group.bench_function(BenchmarkId::new("floor", viewers), |bencher| {
            bencher.iter_custom(|packets| floor.packets(packets));
        });
    }
    group.finish();
}

/// The engine's time over the floor's: turn by turn, so that a busy machine slows both, and the best of many.
fn print_ratios() {
    const TURNS: usize = 40;
    for viewers in VIEWERS {
        let (mut engine, mut floor) = (Forwarding::new(Instant::now(), viewers), Floor::new(viewers));
        let packets = 5_000 / u64::from(viewers);
        let turns: Vec<_> =
            (0..TURNS).map(|_| (forward(&mut engine, viewers, packets), floor.packets(packets))).collect();
        let nanos = |time: Option<Duration>| time.unwrap_or_default().as_nanos() as f64 / packets as f64;
        let engine = nanos(turns.iter().map(|turn| turn.0).min());
        let floor = nanos(turns.iter().map(|turn| turn.1).min());
        println!(
            "{viewers:>3} viewers: engine {engine:.0} ns a packet, floor {floor:.0} ns, ratio {:.2}",
            engine / floor
        );
    }
}

criterion_group! {
    name = benches;
    config = criterion();
    targets = forwarding
}

fn main() {
    benches();
    Criterion::default().configure_from_args().final_summary();
    // `--test` runs everything once, to see that it runs; `--profile-time` is for a profiler, which wants nothing else.
    if !std::env::args().any(|argument| ["--test", "--profile-time"].contains(&&*argument)) {
        print_ratios();
    }
}
