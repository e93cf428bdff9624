//! What is logged, and that it can change while the process runs.

use std::sync::OnceLock;

use tracing_subscriber::{EnvFilter, Registry, filter::ParseError, reload};

use super::{TelemetryError, filter};
use crate::config::Config;

/// What [`init`](super::init) started: a process has one subscriber.
static LOGS: OnceLock<Logs> = OnceLock::new();

/// The filter of a subscriber.
#[derive(Debug)]
pub(super) struct Logs(reload::Handle<EnvFilter, Registry>);

impl Logs {
    /// The filter as a layer, and what changes it.
    pub(super) fn new(config: &Config) -> Result<(Self, reload::Layer<EnvFilter, Registry>), ParseError> {
        let filter = EnvFilter::builder().parse(filter::directives(config))?;
        let (layer, handle) = reload::Layer::new(filter);
        Ok((Self(handle), layer))
    }

    /// From now on it can be reached from anywhere.
    pub(super) fn keep(self) {
        drop(LOGS.set(self));
    }

    fn change(&self, config: &Config) -> Result<String, TelemetryError> {
        let directives = filter::directives(config);
        let filter = EnvFilter::builder().parse(&directives)?;
        self.0.reload(filter).map_err(|_| TelemetryError::NotStarted)?;
        Ok(directives)
    }
}

/// Logs from now on as if the server had been started with this configuration: its `worker.logLevel`, `log.filter` and
/// `log.debug`. Gives the filter that makes.
///
/// # Errors
/// A malformed filter: then nothing has changed. A process in which [`init`](super::init) was not called.
pub fn change_logs(config: &Config) -> Result<String, TelemetryError> {
    LOGS.get().ok_or(TelemetryError::NotStarted)?.change(config)
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use tracing_subscriber::{fmt, layer::SubscriberExt as _};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_is_logged_changes_at_once() {
        let mut config = Config::default();
        let (logs, layer) = Logs::new(&config).unwrap();
        let lines = Lines::default();
        let writer = lines.clone();
        let output = fmt::layer().with_writer(move || writer.clone());
        let speak = |text| tracing::debug!(target: "mediasoup::worker", text);
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer).with(output), || {
            speak("one");
            config.log.debug = Some("mediasoup:worker".to_owned());
            assert!(logs.change(&config).unwrap().ends_with(",mediasoup::worker=debug"));
            speak("two");
            config.log.filter = Some("==".to_owned());
            assert!(matches!(logs.change(&config), Err(TelemetryError::Filter(_))));
            speak("three");
            config.log.debug = None;
            config.log.filter = Some("off".to_owned());
            assert_eq!(logs.change(&config).unwrap(), "off");
            speak("four");
        });
        let lines = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        let heard = ["one", "two", "three", "four"].map(|text| lines.contains(text));
        assert_eq!(heard, [false, true, true, false], "{lines}");
    }
}
