//! Where values come from: file, environment, flags. Each is a list of entries, the later the stronger.

use std::{collections::BTreeMap, fs, path::Path};

use figment::{
    Figment, Metadata, Profile, Provider,
    providers::{Format as _, Toml},
    value::{Dict, Map, Value},
};

use super::{
    ListenIp,
    cli::Cli,
    error::ConfigError,
    keys::{self, KeyKind},
};

/// One key, set somewhere.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// For error texts.
    pub(super) origin: String,
    /// Dotted; names a leaf.
    key: String,
    value: Value,
}

impl Provider for Entry {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.origin.clone())
    }

    fn data(&self) -> figment::Result<Map<Profile, Dict>> {
        let (path, leaf) = self.key.rsplit_once('.').unwrap_or(("", &self.key));
        let leaf = Dict::from([(leaf.to_owned(), self.value.clone())]);
        let nested = path
            .rsplit('.')
            .filter(|part| !part.is_empty())
            .fold(leaf, |inner, section| Dict::from([(section.to_owned(), Value::from(inner))]));
        Ok(Profile::Default.collect(nested))
    }
}

/// What one source sets.
#[derive(Clone, Debug, Default)]
pub(super) struct Source {
    pub(super) entries: Vec<Entry>,
    /// The short way to say `webRtcTransport.listenIps`.
    pub(super) listen: Listen,
}

/// The document's two variables for an address, which only together make a list entry.
#[derive(Clone, Debug, Default)]
pub(super) struct Listen {
    pub(super) ip: Option<String>,
    pub(super) announced_ip: Option<String>,
}

impl Listen {
    /// The list these stand for, over what weaker sources say. An announced address alone goes to the first.
    pub(super) fn entry(self, weaker: &Figment) -> Option<Entry> {
        const KEY: &str = "webRtcTransport.listenIps";
        let (origin, mut addresses) = match self.ip {
            Some(ip) => ("MEDIASOUP_LISTEN_IP or --listen-ip", vec![address(ip)]),
            None => {
                self.announced_ip.as_ref()?;
                let addresses = weaker.extract_inner(KEY).unwrap_or_default();
                ("MEDIASOUP_ANNOUNCED_IP or --announced-ip", addresses)
            }
        };
        if addresses.is_empty() {
            addresses.push(address(ListenIp::default().ip.to_string()));
        }
        if let Some(announced) = self.announced_ip {
            addresses[0].insert("announcedIp".to_owned(), announced.into());
        }
        Some(Entry { origin: origin.to_owned(), key: KEY.to_owned(), value: addresses.into() })
    }
}

fn address(ip: String) -> Dict {
    Dict::from([("ip".to_owned(), Value::from(ip))])
}

impl Source {
    fn set(&mut self, origin: &str, key: &str, text: &str) -> Result<(), ConfigError> {
        self.add(origin, key.to_owned(), keys::parse_value(key, text))
    }

    /// Adds a key, or every key of a section.
    fn add(&mut self, origin: &str, key: String, value: Value) -> Result<(), ConfigError> {
        let origin = origin.to_owned();
        match (keys::kind(&key), value) {
            (KeyKind::Leaf, value) => self.entries.push(Entry { origin, key, value }),
            (KeyKind::Section, Value::Dict(_, section)) => {
                for (name, value) in section {
                    self.add(&origin, keys::join(&key, &name), value)?;
                }
            }
            (KeyKind::Section, _) => {
                return Err(ConfigError::Value { key, reason: "expected a section".to_owned(), origin });
            }
            (KeyKind::Unknown, _) => {
                let nearest = keys::nearest(&key);
                let nearest = if origin.starts_with(ENVIRONMENT_PREFIX) {
                    keys::environment_name(nearest)
                } else {
                    nearest.to_owned()
                };
                return Err(ConfigError::UnknownKey { origin, key, nearest });
            }
        }
        Ok(())
    }
}

/// A TOML file.
pub(super) fn file(path: &Path) -> Result<Source, ConfigError> {
    let text =
        fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
    let sections: Dict = Toml::from_str(&text)
        .map_err(|error| ConfigError::Syntax { path: path.to_owned(), reason: error.to_string() })?;
    let mut source = Source::default();
    for (name, value) in sections {
        source.add(&path.display().to_string(), name, value)?;
    }
    Ok(source)
}

/// Every key can be set as `MEDIASOUP__SECTION__KEY`.
const ENVIRONMENT_PREFIX: &str = "MEDIASOUP__";

/// Names people know already. Stronger than the long ones.
const SHORT_NAMES: [(&str, &str); 13] = [
    ("ALLOW_ANONYMOUS", "auth.allowAnonymous"),
    ("CORS_ORIGINS", "http.corsOrigins"),
    ("DEBUG", "log.debug"),
    ("HTTP_LISTEN_IP", "http.listenIp"),
    ("JWT_ALGORITHM", "auth.algorithm"),
    ("JWT_PUBLIC_KEY_FILE", "auth.jwtPublicKeyFile"),
    ("JWT_SECRET", "auth.jwtSecret"),
    ("JWT_SECRET_FILE", "auth.jwtSecretFile"),
    ("LOG_FORMAT", "log.format"),
    ("MEDIASOUP_WORKERS", "worker.numWorkers"),
    ("PORT", "http.port"),
    ("RECORDING_OUTPUT_DIR", "recording.outputDir"),
    ("RUST_LOG", "log.filter"),
];

/// Variables of the environment. An empty one counts as absent.
pub(super) fn environment(variables: &BTreeMap<String, String>) -> Result<Source, ConfigError> {
    let present = |name: &str| variables.get(name).filter(|value| !value.is_empty());
    let mut source = Source::default();
    for (variable, value) in variables {
        if let Some(name) = variable.strip_prefix(ENVIRONMENT_PREFIX)
            && !value.is_empty()
        {
            source.set(variable, &keys::key_of_environment(name), value)?;
        }
    }
    for (variable, key) in SHORT_NAMES {
        if let Some(value) = present(variable) {
            source.set(variable, key, value)?;
        }
    }
    source.listen = Listen {
        ip: present("MEDIASOUP_LISTEN_IP").cloned(),
        announced_ip: present("MEDIASOUP_ANNOUNCED_IP").cloned(),
    };
    Ok(source)
}

/// Flags.
pub(super) fn flags(cli: &Cli) -> Result<Source, ConfigError> {
    let mut source = Source::default();
    for assignment in &cli.set {
        let (key, value) =
            assignment.split_once('=').ok_or_else(|| ConfigError::Assignment(assignment.clone()))?;
        source.set(&format!("--set {key}"), key.trim(), value.trim())?;
    }
    let named = [
        ("--port", "http.port", cli.port.map(|port| port.to_string())),
        ("--host", "http.listenIp", cli.host.map(|ip| ip.to_string())),
        ("--workers", "worker.numWorkers", cli.workers.map(|count| count.to_string())),
        ("--recording-dir", "recording.outputDir", cli.recording_dir.clone()),
        ("--allow-anonymous", "auth.allowAnonymous", cli.allow_anonymous.then(|| true.to_string())),
    ];
    for (flag, key, value) in named {
        if let Some(value) = value {
            source.set(flag, key, &value)?;
        }
    }
    source.listen = Listen { ip: cli.listen_ip.clone(), announced_ip: cli.announced_ip.clone() };
    Ok(source)
}
