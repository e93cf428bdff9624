//! How a child is started.

use std::{
    env,
    ffi::{OsStr, OsString},
    io,
    os::{
        fd::OwnedFd,
        unix::{ffi::OsStrExt as _, net::UnixStream, process::CommandExt as _},
    },
    path::PathBuf,
    process::{Child, ChildStderr, Command, Stdio},
};

/// Variables a recorder may know: where programs, fonts, caches and GStreamer's plugins are. No other reaches it, so
/// that no secret does.
const VARIABLES: &[&str] = &["PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "XDG_CACHE_HOME"];
const VARIABLE_PREFIXES: &[&str] = &["GST_", "FONTCONFIG_"];

/// The program that runs as a child, and ends up in [`run_child`](super::run_child).
#[derive(Clone, Debug)]
pub struct RecorderCommand {
    /// Its file.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// All its environment.
    pub environment: Vec<(OsString, OsString)>,
}

impl RecorderCommand {
    /// `program` with `arguments`, and of this process's environment what a recorder may know: `PATH`, `HOME`, `LANG`,
    /// `LC_ALL`, `LD_LIBRARY_PATH`, `XDG_CACHE_HOME`, `GST_*` and `FONTCONFIG_*`.
    #[must_use]
    pub fn new(program: PathBuf, arguments: Vec<OsString>) -> Self {
        let environment = env::vars_os().filter(|(name, _)| may_know(name)).collect();
        Self { program, arguments, environment }
    }

    /// The running program with `arguments`: the very file that runs, also where it was replaced or deleted since.
    #[must_use]
    pub fn current_exe(arguments: Vec<OsString>) -> Self {
        Self::new("/proc/self/exe".into(), arguments)
    }

    /// Starts it. Must be called on a thread that outlives it: the child dies with that thread.
    pub(super) fn spawn(&self) -> io::Result<RunningChild> {
        let (ours, theirs) = UnixStream::pair()?;
        let mut child = Command::new(&self.program)
            .args(&self.arguments)
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            // Else a Ctrl-C for the server would end its recorders before it has told them to.
            .process_group(0)
            .spawn()?;
        let stderr = child.stderr.take();
        Ok(RunningChild { process: Process(child), socket: ours, stderr })
    }
}

fn may_know(name: &OsStr) -> bool {
    let name = name.as_bytes();
    VARIABLES.iter().any(|known| known.as_bytes() == name)
        || VARIABLE_PREFIXES.iter().any(|prefix| name.starts_with(prefix.as_bytes()))
}

/// A child, and what leads to it.
#[derive(Debug)]
pub(super) struct RunningChild {
    pub(super) process: Process,
    /// Its standard input, the other way, too.
    pub(super) socket: UnixStream,
    pub(super) stderr: Option<ChildStderr>,
}

/// A child process. Dropped, it is killed and reaped.
#[derive(Debug)]
pub(super) struct Process(Child);

impl Process {
    pub(super) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Whether it runs no more.
    pub(super) fn has_ended(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }

    /// Ends it, and says how it ended: of itself, where it has done so already.
    pub(super) fn end(&mut self) -> String {
        // Fails where it was reaped already. Until then its id is nobody else's.
        let _ = self.0.kill();
        match self.0.wait() {
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_handed_on() {
        for name in ["PATH", "GST_DEBUG", "FONTCONFIG_FILE", "XDG_CACHE_HOME"] {
            assert!(may_know(OsStr::new(name)), "{name}");
        }
        for name in
            ["MEDIASOUP__AUTH__JWT_SECRET", "JWT_SECRET", "AWS_SECRET_ACCESS_KEY", "XGST_", "LD_PRELOAD"]
        {
            assert!(!may_know(OsStr::new(name)), "{name}");
        }
    }
}
