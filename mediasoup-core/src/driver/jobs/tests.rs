use std::{
    pin::{Pin, pin},
    task::{Context, Poll},
};

use mio::Token;

use super::*;

type Log = Vec<&'static str>;

/// A queue of two, with the poll that its waker needs.
fn queue_of_two() -> (mio::Poll, JobSender<Log>, JobReceiver<Log>) {
    let poll = mio::Poll::new().unwrap();
    let waker = Waker::new(poll.registry(), Token(0)).unwrap();
    let (sender, receiver) = queue(2, Arc::new(waker));
    (poll, sender, receiver)
}

fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(std::task::Waker::noop()))
}

fn log(text: &'static str) -> impl FnOnce(&mut Log, Instant) + Send + 'static {
    move |log, _| log.push(text)
}

fn create(log: &mut Log, _: Instant) -> Result<(), WorkerError> {
    log.push("create");
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "jobs are told the time")]
fn run_all(receiver: &mut JobReceiver<Log>) -> Log {
    let mut done = Log::new();
    while let Some(job) = receiver.poll_job() {
        job(&mut done, Instant::now());
    }
    assert!(!receiver.has_work());
    done
}

#[test]
fn a_job_answers_and_wakes_the_thread() {
    let (mut poll, sender, mut receiver) = queue_of_two();
    let mut call = pin!(sender.call(|log, _| {
        log.push("counted");
        log.len()
    }));
    assert!(poll_once(call.as_mut()).is_pending());
    assert!(receiver.has_work());

    let mut events = mio::Events::with_capacity(1);
    poll.poll(&mut events, Some(std::time::Duration::from_secs(5))).unwrap();
    assert!(!events.is_empty());

    assert_eq!(run_all(&mut receiver), ["counted"]);
    assert!(matches!(poll_once(call), Poll::Ready(Ok(1))));
}

#[test]
fn a_full_queue_refuses_what_costs_and_takes_what_frees() {
    let (_poll, sender, mut receiver) = queue_of_two();
    let (mut first, mut second) = (pin!(sender.call(log("first"))), pin!(sender.call(log("second"))));
    assert!(poll_once(first.as_mut()).is_pending());
    assert!(poll_once(second.as_mut()).is_pending());
    assert!(matches!(poll_once(pin!(sender.call(log("third")))), Poll::Ready(Err(WorkerError::Overloaded))));
    let mut close = pin!(sender.call_freeing(log("close")));
    assert!(poll_once(close.as_mut()).is_pending());
    assert_eq!(run_all(&mut receiver), ["first", "second", "close"]);

    let mut after = pin!(sender.call(log("after")));
    assert!(poll_once(after.as_mut()).is_pending());
    assert_eq!(run_all(&mut receiver), ["after"]);
}

#[test]
fn what_is_created_for_nobody_is_undone() {
    let (_poll, sender, mut receiver) = queue_of_two();
    // Gone before it ran, although the queue is full.
    {
        let mut gone = Box::pin(sender.call_creating(create, log("undo")));
        let mut other = pin!(sender.call(log("other")));
        assert!(poll_once(gone.as_mut()).is_pending());
        assert!(poll_once(other.as_mut()).is_pending());
        drop(gone);
    }
    assert_eq!(run_all(&mut receiver), ["create", "other", "undo"]);

    // Gone after it ran, before the answer was taken.
    let mut gone = Box::pin(sender.call_creating(create, log("undo")));
    assert!(poll_once(gone.as_mut()).is_pending());
    assert_eq!(run_all(&mut receiver), ["create"]);
    drop(gone);
    assert_eq!(run_all(&mut receiver), ["undo"]);

    // Taken.
    let mut taken = Box::pin(sender.call_creating(create, log("undo")));
    assert!(poll_once(taken.as_mut()).is_pending());
    assert_eq!(run_all(&mut receiver), ["create"]);
    assert!(poll_once(taken.as_mut()).is_ready());
    drop(taken);
    assert!(run_all(&mut receiver).is_empty());
}

#[test]
fn what_failed_is_not_undone() {
    let (_poll, sender, mut receiver) = queue_of_two();
    let fails = |log: &mut Log, _: Instant| {
        log.push("fail");
        Err::<(), _>(WorkerError::Closed)
    };
    let mut gone = Box::pin(sender.call_creating(fails, log("undo")));
    assert!(poll_once(gone.as_mut()).is_pending());
    drop(gone);
    assert_eq!(run_all(&mut receiver), ["fail"]);
}

#[test]
fn a_thread_that_ends_answers_all() {
    let (_poll, sender, receiver) = queue_of_two();
    let mut waiting = pin!(sender.call(log("never")));
    assert!(poll_once(waiting.as_mut()).is_pending());
    drop(receiver);
    assert!(matches!(poll_once(waiting), Poll::Ready(Err(WorkerError::Closed))));
    assert!(matches!(poll_once(pin!(sender.call(log("late")))), Poll::Ready(Err(WorkerError::Closed))));
    assert!(matches!(
        poll_once(pin!(sender.call_freeing(log("late")))),
        Poll::Ready(Err(WorkerError::Closed))
    ));
}
