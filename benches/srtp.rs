//! Sealing and opening one packet of 1,000 bytes.
#![allow(missing_docs, reason = "made by criterion's macros")]

use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mediasoup_benches::criterion;
use mediasoup_core::benching::{Profile, Srtp};

const PACKET_LEN: usize = 1000;
const TAG_LEN_MAX: usize = 16;
const PROFILES: [(&str, Profile); 3] = [
    ("AES-128-CM-HMAC-SHA1-80", Profile::AesCm128HmacSha1_80),
    ("AES-128-GCM", Profile::AeadAes128Gcm),
    ("AES-256-GCM", Profile::AeadAes256Gcm),
];

/// Packets that are made before they are timed together.
const CHUNK: u64 = 50;

/// A session, and the numbers of its packets.
struct Stream {
    srtp: Srtp,
    sequence_number: u16,
}

impl Stream {
    fn new(profile: Profile) -> Self {
        Self { srtp: Srtp::new(profile), sequence_number: 0 }
    }

    fn plain(&mut self) -> Vec<u8> {
        self.sequence_number = self.sequence_number.wrapping_add(1);
        let mut packet = Vec::with_capacity(PACKET_LEN + TAG_LEN_MAX);
        packet.extend([0x80, 96]);
        packet.extend(self.sequence_number.to_be_bytes());
        packet.resize(PACKET_LEN, 0);
        packet
    }

    /// Time that sealing so many takes, or opening them.
    fn time(&mut self, packets: u64, opening: bool) -> Duration {
        let mut taken = Duration::ZERO;
        let mut left = packets;
        while left > 0 {
            let mut chunk: Vec<_> = (0..left.min(CHUNK)).map(|_| self.plain()).collect();
            left -= chunk.len() as u64;
            let begun = Instant::now();
            chunk.iter_mut().for_each(|packet| self.srtp.seal(packet));
            let sealed = Instant::now();
            if opening {
                for packet in &mut chunk {
                    std::hint::black_box(self.srtp.open(packet));
                }
                taken += sealed.elapsed();
            } else {
                taken += sealed - begun;
            }
            std::hint::black_box(&chunk);
        }
        taken
    }
}

fn srtp(criterion: &mut Criterion) {
    for (what, opening) in [("seal", false), ("open", true)] {
        let mut group = criterion.benchmark_group(what);
        group.throughput(Throughput::Bytes(PACKET_LEN as u64));
        for (name, profile) in PROFILES {
            let mut stream = Stream::new(profile);
            group
                .bench_function(name, |bencher| bencher.iter_custom(|packets| stream.time(packets, opening)));
        }
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = criterion();
    targets = srtp
}
criterion_main!(benches);
