//! Which lines are logged: `worker.logLevel`, `RUST_LOG` and `DEBUG`, as one list of `tracing` directives.

use std::collections::BTreeMap;

use crate::config::{Config, LogLevel};

/// The log types people name in `DEBUG`, after `mediasoup:`, and the targets our lines carry.
const NAMESPACES: [(&str, &str); 7] = [
    ("mediasoup:core", "mediasoup_core"),
    ("mediasoup:participant", "mediasoup::participant"),
    ("mediasoup:recording", "mediasoup::recording"),
    ("mediasoup:room", "mediasoup::room"),
    ("mediasoup:server", "mediasoup_server"),
    ("mediasoup:transport", "mediasoup::transport"),
    ("mediasoup:worker", "mediasoup::worker"),
];

/// What the media engine logs under; `worker.logLevel` is about these.
const ENGINE_TARGETS: [&str; 3] = ["mediasoup::transport", "mediasoup::worker", "mediasoup_core"];

/// The directives, in the syntax of `RUST_LOG`. What `DEBUG` names is logged whatever the rest says.
pub(super) fn directives(config: &Config) -> String {
    let mut directives = match &config.log.filter {
        Some(filter) => vec![filter.clone()],
        None => defaults(config.worker.log_level),
    };
    let debug = config.log.debug.as_deref().map(raised).unwrap_or_default();
    directives.extend(debug.into_iter().map(|target| format!("{target}=debug")));
    directives.join(",")
}

fn defaults(log_level: LogLevel) -> Vec<String> {
    let level = match log_level {
        LogLevel::Debug => "debug",
        LogLevel::Warn => "warn",
        LogLevel::Error => "error",
        LogLevel::None => "off",
    };
    let mut targets: BTreeMap<_, _> = NAMESPACES.iter().map(|(_, target)| (*target, "info")).collect();
    targets.extend(ENGINE_TARGETS.map(|target| (target, level)));
    let own = targets.into_iter().map(|(target, level)| format!("{target}={level}"));
    std::iter::once("warn".to_owned()).chain(own).collect()
}

/// Targets a `DEBUG` list names. As in npm's `debug`: separated by commas or white space, `*` stands for
/// anything, `-` in front excludes; other programs' namespaces are none of our business.
fn raised(list: &str) -> Vec<&'static str> {
    let patterns = || list.split([',', ' ', '\t']).filter(|pattern| !pattern.is_empty());
    let excluded = |name| {
        patterns().filter_map(|pattern| pattern.strip_prefix('-')).any(|pattern| matches(pattern, name))
    };
    let included = |name| patterns().any(|pattern| matches(pattern, name));
    let chosen = NAMESPACES.iter().filter(|(name, _)| included(name) && !excluded(name));
    chosen.map(|(_, target)| *target).collect()
}

/// Whether a pattern with `*` in it matches the whole of `name`.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else { return pattern == name };
    name.strip_prefix(head).is_some_and(|rest| {
        (0..=rest.len()).any(|skip| rest.get(skip..).is_some_and(|rest| matches(tail, rest)))
    })
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::EnvFilter;

    use super::*;
    use crate::config::Log;

    #[test]
    fn debug_lists_are_npms() {
        let all = [
            "mediasoup_core",
            "mediasoup::participant",
            "mediasoup::recording",
            "mediasoup::room",
            "mediasoup_server",
            "mediasoup::transport",
            "mediasoup::worker",
        ];
        let table: [(&str, &[&str]); 11] = [
            ("mediasoup:*", &all),
            ("mediasoup*", &all),
            ("*", &all),
            ("mediasoup:room", &["mediasoup::room"]),
            ("mediasoup:room*,-mediasoup:transport", &["mediasoup::room"]),
            ("mediasoup:room mediasoup:worker", &["mediasoup::room", "mediasoup::worker"]),
            ("*:r*", &["mediasoup::recording", "mediasoup::room"]),
            ("mediasoup:*,-*:[core]*,-*o*", &[]),
            ("express:*,socket.io*", &[]),
            ("1", &[]),
            ("", &[]),
        ];
        for (list, targets) in table {
            assert_eq!(raised(list), targets, "{list}");
        }
        let without_transport: Vec<_> =
            all.into_iter().filter(|target| !target.contains("transport")).collect();
        assert_eq!(raised("mediasoup:*,-mediasoup:transport"), without_transport);
    }

    #[test]
    fn patterns_of_stars_end() {
        assert!(matches("**********", "mediasoup:room"));
        assert!(!matches("*a*a*a*a*a*a*b", "mediasoup:room"));
    }

    #[test]
    fn every_directive_is_one() {
        let mut config = Config::default();
        for level in [LogLevel::Debug, LogLevel::Warn, LogLevel::Error, LogLevel::None] {
            config.worker.log_level = level;
            EnvFilter::builder().parse(directives(&config)).unwrap();
        }
        config.log =
            Log { filter: Some("warn".into()), debug: Some("mediasoup:room".into()), ..Log::default() };
        assert_eq!(directives(&config), "warn,mediasoup::room=debug");
        EnvFilter::builder().parse(directives(&config)).unwrap();
    }
}
