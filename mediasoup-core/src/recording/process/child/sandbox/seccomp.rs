//! Which system calls a recorder may make: all but those that lead out of it.
//!
//! A list of what is refused, not of what is allowed: what decoders and the C library need changes with every version,
//! and a call that is missing would cost somebody a recording. Beside this, files are Landlock's.

use std::{error::Error, process};

use libc::c_long;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, apply_filter_all_threads,
};

/// Refused whatever the arguments.
const REFUSED: &[c_long] = &[
    // The network, and whatever listens on a Unix socket. Pairs of sockets stay.
    libc::SYS_socket,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
    // Other programs.
    libc::SYS_execve,
    libc::SYS_execveat,
    // Other processes: their memory, files, limits, priorities.
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_kcmp,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_send_signal,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_tgsigqueueinfo,
    libc::SYS_tkill,
    libc::SYS_setpriority,
    libc::SYS_ioprio_set,
    libc::SYS_sched_setscheduler,
    libc::SYS_sched_setattr,
    libc::SYS_sched_setparam,
    libc::SYS_migrate_pages,
    libc::SYS_move_pages,
    // Names for files elsewhere, that somebody with more rights might follow.
    libc::SYS_linkat,
    libc::SYS_symlinkat,
    libc::SYS_mknodat,
    // What the system is made of.
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_open_tree,
    libc::SYS_move_mount,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_setns,
    libc::SYS_unshare,
    libc::SYS_name_to_handle_at,
    libc::SYS_open_by_handle_at,
    libc::SYS_quotactl,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_reboot,
    libc::SYS_kexec_load,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_personality,
    // Parts of the kernel with a history of holes, which decoding does not need. io_uring also goes around this filter.
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
];

/// The older names of some of these, which newer machines never had.
#[cfg(target_arch = "x86_64")]
const REFUSED_HERE: &[c_long] = &[
    libc::SYS_fork,
    libc::SYS_vfork,
    libc::SYS_link,
    libc::SYS_symlink,
    libc::SYS_mknod,
    libc::SYS_iopl,
    libc::SYS_ioperm,
    libc::SYS_modify_ldt,
    libc::SYS_kexec_file_load,
];
#[cfg(not(target_arch = "x86_64"))]
const REFUSED_HERE: &[c_long] = &[libc::SYS_kexec_file_load];

/// On x86-64 each call has a second number, for programs with short pointers, and some only there.
#[cfg(target_arch = "x86_64")]
const SECOND_NUMBERS: Option<(c_long, std::ops::Range<c_long>)> = Some((0x4000_0000, 512..548));
#[cfg(not(target_arch = "x86_64"))]
const SECOND_NUMBERS: Option<(c_long, std::ops::Range<c_long>)> = None;

/// Refuses them to all threads, for good.
///
/// # Errors
/// The kernel cannot, or this machine is none the filter is written for.
pub(super) fn restrict() -> Result<(), Box<dyn Error>> {
    let architecture = TargetArch::try_from(std::env::consts::ARCH)?;
    // "Not implemented": its flags are out of a filter's sight, and the C library falls back to a call whose are not.
    let clone3 = SeccompFilter::new(
        all_numbers([(libc::SYS_clone3, Vec::new())]),
        SeccompAction::Allow,
        SeccompAction::Errno(libc::ENOSYS as u32),
        architecture,
    )?;
    let refused = REFUSED.iter().chain(REFUSED_HERE).map(|call| (*call, Vec::new()));
    let others = SeccompFilter::new(
        all_numbers(refused.chain(refused_in_part()?)),
        SeccompAction::Allow,
        SeccompAction::Errno(libc::EPERM as u32),
        architecture,
    )?;
    for filter in [clone3, others] {
        apply_filter_all_threads(&BpfProgram::try_from(filter)?)?;
    }
    Ok(())
}

/// Threads may be started, processes not; this process may signal itself, and set its own limits.
fn refused_in_part() -> seccompiler::Result<[(c_long, Vec<SeccompRule>); 4]> {
    let own_id = u64::from(process::id());
    let first = |length, operator, value| {
        let condition = SeccompCondition::new(0, length, operator, value)?;
        Ok::<_, seccompiler::Error>(vec![SeccompRule::new(vec![condition])?])
    };
    let thread = libc::CLONE_THREAD as u64;
    Ok([
        (libc::SYS_clone, first(SeccompCmpArgLen::Qword, SeccompCmpOp::MaskedEq(thread), 0)?),
        (libc::SYS_kill, first(SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, own_id)?),
        (libc::SYS_tgkill, first(SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, own_id)?),
        (libc::SYS_prlimit64, first(SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, 0)?),
    ])
}

fn all_numbers(
    calls: impl IntoIterator<Item = (c_long, Vec<SeccompRule>)>,
) -> std::collections::BTreeMap<i64, Vec<SeccompRule>> {
    let calls: std::collections::BTreeMap<i64, _> = calls.into_iter().collect();
    let Some((offset, extra)) = SECOND_NUMBERS else { return calls };
    let second = calls.iter().map(|(call, rules)| (call | offset, rules.clone()));
    let only_there = extra.map(|call| (call | offset, Vec::new()));
    second.chain(only_there).chain(calls.clone()).collect()
}
