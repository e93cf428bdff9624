//! What a child cannot do.

use std::{
    fs,
    io::{self, ErrorKind},
    net::{TcpStream, UdpSocket},
    os::unix::net::{UnixListener, UnixStream},
    process::Command,
};

use super::*;

/// Run by the child: what succeeds or fails, a line each.
pub(super) fn probe(directory: &Path) -> String {
    let parent = rustix::process::getppid().unwrap().as_raw_pid();
    let thread = ambient::spawn("probe", || ()).map(|thread| thread.join().unwrap());
    let signalled = rustix::process::test_kill_process(rustix::process::getppid().unwrap());
    let own = rustix::process::test_kill_process(rustix::process::getpid());
    let outside = directory.parent().unwrap();
    // But for the list's own.
    let fds = fs::read_dir("/proc/self/fd").unwrap().count() - 1;
    let results: [(&str, io::Result<()>); 15] = [
        ("tcp", TcpStream::connect("127.0.0.1:9").map(drop)),
        ("udp", UdpSocket::bind("127.0.0.1:0").map(drop)),
        ("unix", UnixStream::connect("/run/dbus/system_bus_socket").map(drop)),
        ("listen", UnixListener::bind(directory.join("socket")).map(drop)),
        ("program", Command::new("/bin/true").status().map(drop)),
        ("signal", signalled.map_err(Into::into)),
        ("link", std::os::unix::fs::symlink("/etc/passwd", directory.join("link"))),
        ("environ", fs::read(format!("/proc/{parent}/environ")).map(drop)),
        ("passwd", fs::read("/etc/passwd").map(drop)),
        ("outside", fs::write(outside.join("written"), "")),
        ("log", fs::read(outside.join("media.log")).map(drop)),
        ("thread", thread),
        ("own", own.map_err(Into::into)),
        (
            "inside",
            fs::write(directory.join("part"), "")
                .and_then(|()| fs::rename(directory.join("part"), directory.join("whole"))),
        ),
        ("library", fs::read_dir("/usr/lib").map(drop)),
    ];
    let mut text: String = results
        .iter()
        .map(|(name, result)| match result {
            Ok(()) => format!("{name} ok\n"),
            Err(error) => format!("{name} {:?}\n", error.kind()),
        })
        .collect();
    text += &format!("fds {fds}\n");
    text += &format!("nice {:?}\n", rustix::process::getpriority_process(None).ok());
    // proc_pid_stat(5): the 41st field of a thread is its policy; SCHED_IDLE is 5.
    let stat = fs::read_to_string("/proc/thread-self/stat").unwrap_or_default();
    text += &format!("policy {}\n", stat.split_ascii_whitespace().nth(40).unwrap_or_default());
    text += &format!("variables {:?}\n", std::env::vars_os().map(|(name, _)| name).collect::<Vec<_>>());
    text
}

#[tokio::test]
async fn a_child_cannot_get_out() {
    let mut scene = Scene::new("probes");
    let mut recorder = scene.start().await;
    scene.write(1000);
    scene.growth.end();
    recorder.finished().await.unwrap();
    let probed = fs::read_to_string(scene.job().join("probed")).unwrap();
    let result = |name: &str| probed.lines().find_map(|line| line.strip_prefix(&format!("{name} "))).unwrap();
    let denied = format!("{:?}", ErrorKind::PermissionDenied);
    for name in ["tcp", "udp", "unix", "listen", "program", "signal", "link"] {
        assert_eq!(result(name), denied, "{name}\n{probed}");
    }
    for name in ["thread", "own", "inside", "library"] {
        assert_eq!(result(name), "ok", "{name}\n{probed}");
    }
    let warnings = scene.backend.warnings();
    let has_landlock = !warnings.iter().any(|warning| warning.contains("Landlock"));
    if has_landlock {
        for name in ["environ", "passwd", "outside", "log"] {
            assert_eq!(result(name), denied, "{name}\n{probed}");
        }
    }
    eprintln!("with Landlock: {has_landlock}; warnings: {warnings:?}\n{probed}");
    assert_eq!((result("nice"), result("policy")), ("Some(19)", "5"));
    // Standard input, output and error, the socket for either direction, and what this recorder writes.
    assert_eq!(result("fds"), "6", "{probed}");
    for variable in ["CARGO", "USER", "SECRET"] {
        assert!(!result("variables").contains(variable), "{probed}");
    }
}
