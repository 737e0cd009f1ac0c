//! One thread for all times that the process waits for.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, OnceLock, PoisonError};
use std::task::Waker;
use std::thread;
use std::time::Instant;

use super::panics;

/// The last number used, and wakers by the time they are due; the number distinguishes wakers with
/// the same time.
type Due = (u64, BTreeMap<(Instant, u64), Waker>);

#[derive(Default)]
struct Timer {
    due: Mutex<Due>,
    changed: Condvar,
}

/// Wakes `waker` at `moment`; a waker that is already registered for that time is not stored twice.
pub(crate) fn wake_at(moment: Instant, waker: &Waker) {
    static TIMER: OnceLock<&'static Timer> = OnceLock::new();
    let timer = TIMER.get_or_init(|| {
        let timer: &'static Timer = Box::leak(Box::default());
        thread::Builder::new()
            .name("fake-lambda timer".into())
            .spawn(|| timer.run())
            .expect("the system has a thread for the deadlines of waits");
        timer
    });
    // Cloned before the lock is taken, because a waker is foreign code.
    let waker = waker.clone();
    let mut due = timer.due.lock().unwrap_or_else(PoisonError::into_inner);
    let same_moment = due.1.range((moment, 0)..=(moment, u64::MAX));
    if same_moment
        .into_iter()
        .any(|(_, known)| known.will_wake(&waker))
    {
        return;
    }
    due.0 += 1;
    let number = due.0;
    due.1.insert((moment, number), waker);
    drop(due);
    timer.changed.notify_one();
}

impl Timer {
    fn run(&self) {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let now = Instant::now();
            due = match due.1.first_key_value().map(|(key, _)| *key) {
                None => self
                    .changed
                    .wait(due)
                    .unwrap_or_else(PoisonError::into_inner),
                Some((moment, _)) if moment > now => {
                    self.changed
                        .wait_timeout(due, moment - now)
                        .unwrap_or_else(PoisonError::into_inner)
                        .0
                }
                Some(key) => {
                    let waker = due.1.remove(&key);
                    // A waker is foreign code, so the lock is released first.
                    drop(due);
                    // Its panic was printed, and the other deadlines still have to be kept.
                    let _ = panics::catch(|| waker.map(Waker::wake));
                    self.due.lock().unwrap_or_else(PoisonError::into_inner)
                }
            };
        }
    }
}
