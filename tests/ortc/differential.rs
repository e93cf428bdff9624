//! Generated cases, answered by us and by npm `mediasoup`.
//!
//! `ORTC_SEED` and `ORTC_CASES` choose other cases: a failure names the seed of its own.

use std::{collections::BTreeMap, env, str::FromStr};

use serde_json::Value;

use crate::{generate, oracle, ours, without_nulls};

const SEED_DEFAULT: u64 = 20_260_101;
const CASES_DEFAULT: u64 = 2_000;

fn setting<T: FromStr>(name: &str, default: T) -> T {
    match env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} is not a number: {text}")),
        Err(_) => default,
    }
}

#[test]
fn generated_cases_are_negotiated_as_by_mediasoup() {
    let seed = setting("ORTC_SEED", SEED_DEFAULT);
    let count = setting("ORTC_CASES", CASES_DEFAULT);
    let seeds: Vec<u64> = (0..count).map(|index| seed.wrapping_add(index)).collect();
    let cases: Vec<Value> = seeds.iter().map(|&seed| generate::case(seed)).collect();

    let mut tally = BTreeMap::<(String, String), u32>::new();
    for ((seed, case), theirs) in seeds.iter().zip(&cases).zip(oracle::answers(&cases)) {
        let ours = without_nulls(ours::answer(case));
        let theirs = without_nulls(theirs);
        for (stage, outcome) in theirs.as_object().expect("the oracle answers with stages") {
            let kind = outcome.get("error").and_then(Value::as_str).unwrap_or("ok");
            *tally.entry((stage.clone(), kind.to_owned())).or_default() += 1;
        }
        assert_eq!(
            comparable(ours),
            comparable(theirs),
            "ours (left) is not mediasoup's (right): ORTC_SEED={seed} ORTC_CASES=1\ncase: {case:#}"
        );
    }

    println!("{count} cases equal, from seed {seed}");
    for ((stage, outcome), times) in &tally {
        println!("{stage:>12} {outcome:<12} {times:>6}");
    }
    if count >= CASES_DEFAULT {
        assert_covers(&tally, count);
    }
}

/// Texts of malformed input differ where our JSON reader finds the fault first.
fn comparable(mut stages: Value) -> Value {
    for outcome in stages.as_object_mut().into_iter().flat_map(|stages| stages.values_mut()) {
        if outcome["error"] == "Invalid" {
            outcome["text"].take();
        }
    }
    stages
}

/// Each way a negotiation can end is in enough of the cases to mean something.
fn assert_covers(tally: &BTreeMap<(String, String), u32>, count: u64) {
    for (stage, outcome, share_min) in [
        ("router", "ok", 0.6),
        ("router", "Invalid", 0.02),
        ("router", "Unsupported", 0.02),
        ("producer", "ok", 0.3),
        ("producer", "Invalid", 0.02),
        ("producer", "Unsupported", 0.05),
        ("viewer", "Invalid", 0.02),
        ("consumer", "ok", 0.2),
        ("consumer", "Unsupported", 0.02),
    ] {
        let times = tally.get(&(stage.to_owned(), outcome.to_owned())).copied().unwrap_or(0);
        let share = f64::from(times) / count as f64;
        assert!(share >= share_min, "{stage} ends {outcome} in {times} of {count} cases only");
    }
}
