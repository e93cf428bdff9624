//! Time of the processor that a thread takes, and which processor it is.

use std::{fs, time::Duration};

use rustix::thread::{CpuSet, Pid, sched_setaffinity};

/// A thread of this process.
#[derive(Clone, Copy)]
pub struct Thread(i32);

impl Thread {
    /// The one that asks.
    #[must_use]
    pub fn current() -> Self {
        Self(rustix::thread::gettid().as_raw_nonzero().get())
    }

    /// The one of this name.
    ///
    /// # Panics
    /// Where there is none.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let tasks = fs::read_dir("/proc/self/task").expect("there is /proc");
        let named = tasks
            .flatten()
            .find(|task| fs::read_to_string(task.path().join("comm")).is_ok_and(|comm| comm.trim() == name));
        let id = named.and_then(|task| task.file_name().to_str()?.parse().ok());
        Self(id.expect("there is a thread of this name"))
    }

    /// It runs on this processor alone from now on, and so do threads that it starts.
    ///
    /// # Panics
    /// Where there is no such processor.
    pub fn pin(self, processor: usize) {
        let mut set = CpuSet::new();
        set.set(processor);
        sched_setaffinity(Pid::from_raw(self.0), &set).expect("there is such a processor");
    }

    /// Time it has run so far (`schedstat`, in ns).
    ///
    /// # Panics
    /// Where it has ended.
    #[must_use]
    pub fn cpu_time(self) -> Duration {
        self.schedstat(0)
    }

    /// Time it could have run so far, but for others who did.
    ///
    /// # Panics
    /// Where it has ended.
    #[must_use]
    pub fn waiting_time(self) -> Duration {
        self.schedstat(1)
    }

    fn schedstat(self, field: usize) -> Duration {
        let stat = fs::read_to_string(format!("/proc/self/task/{}/schedstat", self.0));
        let stat = stat.expect("the kernel counts");
        let nanos = stat.split_whitespace().nth(field).and_then(|nanos| nanos.parse().ok());
        Duration::from_nanos(nanos.expect("it is a number"))
    }
}
