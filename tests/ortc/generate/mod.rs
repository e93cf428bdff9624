//! Cases for the negotiation, each out of one seed: routers, producers and viewers as they come and as they
//! should not.

mod codecs;
mod malformed;
mod producer;
mod viewer;

use rand::{Rng, RngExt, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::{Value, json};

/// One case. One in six has one fault planted: in the router, the producer or the viewer.
pub(crate) fn case(seed: u64) -> Value {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut media_codecs = codecs::router(&mut rng);
    let (kind, mut rtp_parameters) = producer::parameters(&mut rng, &media_codecs);
    let mut viewer = viewer::capabilities(&mut rng, &media_codecs);
    match rng.random_range(0..30) {
        0 => malformed::media_codecs(&mut rng, &mut media_codecs),
        1 | 2 => malformed::rtp_parameters(&mut rng, &mut rtp_parameters),
        3 | 4 => malformed::viewer(&mut rng, &mut viewer),
        _ => {}
    }
    json!({
        "mediaCodecs": media_codecs,
        "kind": kind,
        "rtpParameters": rtp_parameters,
        "viewer": viewer,
        "enableRtx": rng.random_bool(0.7),
    })
}

/// One of them.
fn pick<T: Clone>(rng: &mut impl Rng, choices: &[T]) -> T {
    choices.choose(rng).expect("there is a choice").clone()
}

/// A field that is there, absent, or `null`.
fn maybe(object: &mut Value, key: &str, value: Value, rng: &mut impl Rng) {
    match rng.random_range(0..4) {
        0 => {}
        1 => object[key] = Value::Null,
        _ => object[key] = value,
    }
}

/// Leaves each out with this probability.
fn thin_out(rng: &mut impl Rng, values: &mut Vec<Value>, probability: f64) {
    values.retain(|_| !rng.random_bool(probability));
}
