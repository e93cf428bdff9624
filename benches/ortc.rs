//! Negotiation, step by step.
#![allow(missing_docs, reason = "made by criterion's macros")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use mediasoup_benches::{criterion, video_parameters};
use mediasoup_core::media::{
    default_media_codecs,
    ortc::{
        can_consume, consumable_rtp_parameters, consumer_rtp_parameters, normalize_rtp_parameters,
        producer_mapping, router_rtp_capabilities,
    },
    rtp::{MediaKind, RtpCapabilities, RtpParameters},
};

/// All that is worked out when a track is produced.
fn produce(parameters: &RtpParameters, router: &RtpCapabilities) -> RtpParameters {
    let mut parameters = normalize_rtp_parameters(parameters.clone()).expect("they are valid");
    let mapping = producer_mapping(&mut parameters, router, 5000).expect("the router has the codecs");
    consumable_rtp_parameters(MediaKind::Video, &parameters, router, &mapping)
}

fn ortc(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ortc");
    let codecs = default_media_codecs();
    group.bench_function("router_capabilities", |bencher| {
        bencher.iter(|| router_rtp_capabilities(black_box(&codecs)));
    });
    let router = router_rtp_capabilities(&codecs).expect("they are supported");
    let parameters = video_parameters();
    group.bench_function("produce", |bencher| bencher.iter(|| produce(black_box(&parameters), &router)));
    let consumable = produce(&parameters, &router);
    group.bench_function("can_consume", |bencher| {
        bencher.iter(|| can_consume(black_box(&consumable), &router));
    });
    group.bench_function("consume", |bencher| {
        bencher.iter(|| consumer_rtp_parameters(black_box(&consumable), &router, true, 6000));
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = criterion();
    targets = ortc
}
criterion_main!(benches);
