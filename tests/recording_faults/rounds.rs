//! One recording after the other leaves nothing behind.

use std::time::Duration;

use tempfile::TempDir;
use tokio::time::sleep;

use crate::{
    call::{Call, shortest},
    process::Process,
    server::Server,
    setting,
};

/// Rounds until everything that is made once is there.
const WARM_UP: usize = 4;
/// KiB by which the memory may grow: allocators keep what they had.
const GROWTH_MAX: usize = 8 * 1024;
/// Threads that wait for blocking work and end by themselves.
const THREADS_MORE: usize = 3;

#[derive(Debug)]
struct Figures {
    children: usize,
    threads: usize,
    open_files: usize,
    memory: usize,
}

impl Figures {
    fn of(process: Process) -> Self {
        Self {
            children: process.children().len(),
            threads: process.threads(),
            open_files: process.open_files(),
            memory: process.memory(),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn recordings_leave_nothing_behind() {
    let directory = TempDir::new().unwrap();
    let server = Server::start(directory.path()).await;
    let mut call = Call::start(&server).await;
    let mut warm = None;
    for round in 0..setting("RECORDING_ROUNDS", 12) {
        if round == WARM_UP {
            warm = Some(Figures::of(server.process()));
        }
        let recording = call.record().await;
        let recorder = server.recorder().await;
        assert_eq!(server.process().children(), [recorder]);
        sleep(Duration::from_secs(1)).await;
        assert_eq!(call.stop_recording().await.filename(), recording.filename());
        if round % 10 == 0 {
            let length = shortest(&recording.analysis(&server).await);
            println!("{round}: {length:.3} s, {:?}", Figures::of(server.process()));
            assert!(length > 0.5);
        }
    }
    let (warm, end) = (warm.unwrap(), Figures::of(server.process()));
    println!("after {WARM_UP}: {warm:?}\nat the end: {end:?}");
    assert_eq!(end.children, 0, "children that nobody waited for");
    assert!(end.threads <= warm.threads + THREADS_MORE, "{warm:?} {end:?}");
    assert!(end.open_files <= warm.open_files + 1, "{warm:?} {end:?}");
    assert!(end.memory <= warm.memory + GROWTH_MAX, "{warm:?} {end:?}");
    let work = directory.path().join(".recordings");
    assert_eq!(std::fs::read_dir(&work).unwrap().count(), 0, "{} is not empty", work.display());
    server.stop().await;
}
