//! From all sources to one valid configuration.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use figment::Figment;

use super::{
    Config,
    cli::Cli,
    error::ConfigError,
    source::{self, Source},
};

impl Config {
    /// The configuration in effect: defaults, then the file, the environment, the flags.
    ///
    /// # Errors
    /// [`ConfigError`]: the first thing that is wrong.
    pub fn load(cli: &Cli, environment: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let path = cli.config.clone().or_else(|| environment.get("MEDIASOUP_CONFIG").map(PathBuf::from));
        let file = path.as_deref().map(source::file).transpose()?.unwrap_or_default();
        let environment = source::environment(environment)?;
        let mut flags = source::flags(cli)?;
        if flags.listen.ip.is_some() && flags.listen.announced_ip.is_none() {
            flags.listen.announced_ip = environment.listen.announced_ip.clone();
        }

        let mut figment = Figment::new();
        for source in [file, environment, flags] {
            figment = merge(figment, source);
        }
        let config: Self = figment.extract().map_err(|error| value_error(&error))?;
        config.validate()?;
        Ok(config)
    }

    /// As TOML, with every key and its value; secrets masked.
    ///
    /// # Errors
    /// None is known: every value that can be parsed can be printed.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(self)
    }
}

/// The environment of this process over what a file named `.env` in the working directory sets.
///
/// # Errors
/// The file is there, but cannot be read or is malformed.
pub fn process_environment() -> Result<BTreeMap<String, String>, ConfigError> {
    let mut variables = dotenv(Path::new(".env"))?;
    let utf8 = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    variables.extend(std::env::vars_os().filter_map(utf8));
    Ok(variables)
}

pub(super) fn dotenv(path: &Path) -> Result<BTreeMap<String, String>, ConfigError> {
    let error = |error| match error {
        dotenvy::Error::Io(source) => ConfigError::Read { path: path.to_owned(), source },
        other => ConfigError::Syntax { path: path.to_owned(), reason: other.to_string() },
    };
    match dotenvy::from_path_iter(path) {
        Ok(variables) => variables.collect::<Result<_, _>>().map_err(error),
        Err(dotenvy::Error::Io(source)) if source.kind() == io::ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(other) => Err(error(other)),
    }
}

fn merge(figment: Figment, source: Source) -> Figment {
    let figment = source.entries.into_iter().fold(figment, Figment::merge);
    match source.listen.entry(&figment) {
        Some(entry) => figment.merge(entry),
        None => figment,
    }
}

/// figment's error with the key first, and who set it last.
fn value_error(error: &figment::Error) -> ConfigError {
    ConfigError::Value {
        key: error.path.join("."),
        reason: error.kind.to_string(),
        origin: error
            .metadata
            .as_ref()
            .map_or_else(|| "defaults".to_owned(), |source| source.name.to_string()),
    }
}
