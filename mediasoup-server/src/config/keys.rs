//! The names of all keys, taken from the configuration itself, and the texts their values are written as.

use std::{collections::BTreeMap, sync::LazyLock};

use figment::value::Value;
use serde_json::Value as Json;

use super::Config;

/// Every key in dotted form, with its default.
static KEYS: LazyLock<BTreeMap<String, Json>> = LazyLock::new(|| {
    let mut keys = BTreeMap::new();
    let defaults = serde_json::to_value(Config::default()).unwrap_or_default();
    flatten(String::new(), defaults, &mut keys);
    keys
});

fn flatten(path: String, value: Json, keys: &mut BTreeMap<String, Json>) {
    match value {
        Json::Object(section) => {
            for (name, value) in section {
                flatten(join(&path, &name), value, keys);
            }
        }
        leaf => {
            keys.insert(path, leaf);
        }
    }
}

pub(super) fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// What a dotted name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyKind {
    /// A key that has a value.
    Leaf,
    /// A group of keys.
    Section,
    /// Nothing.
    Unknown,
}

pub(super) fn kind(key: &str) -> KeyKind {
    if KEYS.contains_key(key) {
        return KeyKind::Leaf;
    }
    let section = format!("{key}.");
    if KEYS.range(section.clone()..).next().is_some_and(|(name, _)| name.starts_with(&section)) {
        KeyKind::Section
    } else {
        KeyKind::Unknown
    }
}

/// The known key or section most like an unknown one, as a whole and in its last part.
pub(super) fn nearest(unknown: &str) -> &'static str {
    let unknown = unknown.to_lowercase();
    let likeness = |key: &str| {
        let key = key.to_lowercase();
        strsim::jaro_winkler(&unknown, &key) + strsim::jaro_winkler(last(&unknown), last(&key))
    };
    let names = KEYS.keys().flat_map(|key| {
        let sections = key.match_indices('.').map(|(at, _)| &key[..at]);
        sections.chain([key.as_str()])
    });
    names.max_by(|a, b| likeness(a).total_cmp(&likeness(b))).unwrap_or_default()
}

fn last(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or(key)
}

/// Keys without a default whose values are texts, whatever they look like.
const TEXTS: [&str; 8] = [
    "auth.audience",
    "auth.issuer",
    "auth.jwtPublicKeyFile",
    "auth.jwtSecret",
    "auth.jwtSecretFile",
    "ice.turn.secret",
    "log.debug",
    "log.filter",
];

/// The value of a key as environment and flags write it: a text where the key's value is one, a list with
/// commas between where it is a list of texts, and as in TOML otherwise.
pub(super) fn parse_value(key: &str, text: &str) -> Value {
    match KEYS.get(key) {
        Some(Json::String(_)) => Value::from(text),
        Some(Json::Array(_)) if !text.trim_start().starts_with('[') => text
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(Value::from)
            .collect::<Vec<_>>()
            .into(),
        _ if TEXTS.contains(&key) => Value::from(text),
        _ => match text.parse() {
            Ok(value) => value,
            Err(never) => match never {},
        },
    }
}

/// `MEDIASOUP__ROOM__MAX_PARTICIPANTS` for `room.maxParticipants`.
pub(super) fn environment_name(key: &str) -> String {
    let mut name = String::from("MEDIASOUP");
    for part in key.split('.') {
        name.push_str("__");
        for c in part.chars() {
            if c.is_ascii_uppercase() {
                name.push('_');
            }
            name.push(c.to_ascii_uppercase());
        }
    }
    name
}

/// `room.maxParticipants` for what follows `MEDIASOUP__` in `MEDIASOUP__ROOM__MAX_PARTICIPANTS`.
pub(super) fn key_of_environment(name: &str) -> String {
    name.split("__").map(camel_case).collect::<Vec<_>>().join(".")
}

fn camel_case(snake_case: &str) -> String {
    let mut words = snake_case.split('_').map(str::to_ascii_lowercase);
    let first = words.next().unwrap_or_default();
    words.fold(first, |mut name, word| {
        let mut chars = word.chars();
        name.extend(chars.next().map(|c| c.to_ascii_uppercase()));
        name.push_str(chars.as_str());
        name
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_an_environment_name_that_leads_back() {
        for key in KEYS.keys() {
            let name = environment_name(key);
            assert_eq!(&key_of_environment(name.strip_prefix("MEDIASOUP__").unwrap()), key, "{name}");
        }
        assert_eq!(environment_name("room.maxParticipants"), "MEDIASOUP__ROOM__MAX_PARTICIPANTS");
    }

    #[test]
    fn listed_texts_are_keys_without_a_default() {
        for key in TEXTS {
            assert_eq!(KEYS.get(key), Some(&Json::Null), "{key}");
        }
    }

    #[test]
    fn the_nearest_key_is_the_one_a_person_meant() {
        let table = [
            ("room.maxParticipant", "room.maxParticipants"),
            ("maxParticipants", "room.maxParticipants"),
            ("room.max_participants", "room.maxParticipants"),
            ("webrtcTransport.listenIp", "webRtcTransport.listenIps"),
            ("worker.rtcMinport", "worker.rtcMinPort"),
            ("recordings.outputDir", "recording.outputDir"),
            ("http.prot", "http.port"),
        ];
        for (unknown, known) in table {
            assert_eq!(nearest(unknown), known, "{unknown}");
        }
    }
}
