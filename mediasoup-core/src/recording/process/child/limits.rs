//! What a recorder may take of the machine, and when it has to go. Nothing of it can be taken back.

use std::{fs, io};

use rustix::{
    io::Result,
    process::{
        Pid, Resource, Rlimit, Signal, getppid, set_parent_process_death_signal, setpriority_process,
        setrlimit,
    },
    thread::{CapabilitySet, CapabilitySets, set_capabilities, set_name, set_no_new_privs},
};

/// Bytes of memory it may write to: a dozen of decoders with a thread for each core need a tenth. Not of address space,
/// of which threads reserve far more than they use.
const MEMORY_MAX: u64 = 16 << 30;
/// GStreamer opens a few for each decoder.
const FILES_MAX: u64 = 1024;
/// The weakest.
const NICE: i32 = 19;

/// Closes all that a server may have been started with and handed on without meaning to, but for standard input, output
/// and error. Before anything else is opened.
pub(super) fn close_inherited() -> io::Result<()> {
    let listed: Vec<i32> = fs::read_dir("/proc/self/fd")?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect();
    for fd in listed.into_iter().filter(|fd| *fd > 2) {
        // The list's own is closed already.
        let _ = nix::unistd::close(fd);
    }
    Ok(())
}

/// Sets them; gives, for people, which could not be set.
pub(super) fn apply() -> Vec<String> {
    let limit = |resource, max| setrlimit(resource, Rlimit { current: Some(max), maximum: Some(max) });
    let limits: [(&str, Result<()>); 8] = [
        ("have no name of their own", set_name(c"recorder")),
        ("cannot be told to end with the server", set_parent_process_death_signal(Some(Signal::KILL))),
        ("run at the priority of calls", setpriority_process(None, NICE)),
        ("may take any memory", limit(Resource::Data, MEMORY_MAX)),
        ("may open any number of files", limit(Resource::Nofile, FILES_MAX)),
        ("may leave memory dumps", limit(Resource::Core, 0)),
        ("may gain rights", set_no_new_privs(true)),
        ("keep the server's capabilities", drop_capabilities()),
    ];
    let failed = limits.into_iter().filter_map(|(effect, result)| Some((effect, result.err()?.into())));
    failed
        .chain(be_first_to_go().err().map(|error| ("are not the first to go when memory is short", error)))
        .map(|(effect, error): (&str, io::Error)| format!("{effect}: {error}"))
        .collect()
}

/// Of a server that runs as root only the right to its own files is left, whoever they belong to. Without the others a
/// child cannot look into the server, either, whose capabilities it lacks.
fn drop_capabilities() -> Result<()> {
    let kept = rustix::thread::capabilities(None)?.permitted & CapabilitySet::DAC_OVERRIDE;
    set_capabilities(
        None,
        CapabilitySets { effective: kept, permitted: kept, inheritable: CapabilitySet::empty() },
    )
}

/// When memory runs out the kernel ends a recorder, never the calls; it is started again.
fn be_first_to_go() -> io::Result<()> {
    fs::write("/proc/self/oom_score_adj", "1000")
}

/// Whether the server that started this process has gone.
pub(super) fn is_orphan(server: u32) -> bool {
    getppid().map(Pid::as_raw_pid) != i32::try_from(server).ok()
}
