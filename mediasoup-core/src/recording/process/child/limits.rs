//! What a recorder may take of the machine, and when it has to go. Nothing of it can be taken back.

use std::{fs, io};

use rustix::{
    io::{Errno, Result},
    process::{
        Pid, Resource, Rlimit, Signal, getppid, set_parent_process_death_signal, setpriority_process,
        setrlimit,
    },
    thread::{CapabilitySet, CapabilitySets, set_capabilities, set_name, set_no_new_privs},
};
use thread_priority::{
    NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy, set_thread_priority_and_policy,
    thread_native_id, unix::thread_schedule_policy,
};

/// Bytes of memory it may write to: a dozen of decoders with a thread for each core need a tenth. Not of address space,
/// of which threads reserve far more than they use.
const MEMORY_MAX: u64 = 16 << 30;
/// GStreamer opens a few for each decoder.
const FILES_MAX: u64 = 1024;
/// The weakest.
const NICE: i32 = 19;
/// A core on which nothing but this runs counts as idle to Linux: what wakes for a call goes there at once, and not into
/// the queue of a core that is busy with calls. Being nice does not do that.
const POLICY: ThreadSchedulePolicy = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);

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
    let limits: [(&str, Result<()>); 9] = [
        ("have no name of their own", set_name(c"recorder")),
        ("cannot be told to end with the server", set_parent_process_death_signal(Some(Signal::KILL))),
        ("keep calls waiting for a core", run_when_idle()),
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

/// For this thread, and all it starts.
fn run_when_idle() -> Result<()> {
    // It also takes the niceness back, which a server that was itself started nice may not: what counts is the policy.
    let _ = set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, POLICY);
    if thread_schedule_policy() == Ok(POLICY) { Ok(()) } else { Err(Errno::PERM) }
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
