//! One thread for all times that the process waits for.

use std::collections::BTreeMap;
use std::mem;
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
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

/// A waker to wake at a moment, unless the alarm is dropped before that moment.
#[derive(Default)]
pub(crate) struct Alarm {
    key: Option<(Instant, u64)>,
}

impl Alarm {
    /// Wakes `waker` at `moment`; replaces the waker and the moment that were set earlier.
    pub(crate) fn set(&mut self, moment: Instant, waker: &Waker) {
        // Cloned before the lock is taken, because a waker is foreign code.
        let waker = waker.clone();
        let timer = Timer::of_process();
        let mut due = timer.lock();
        let known = self.key.filter(|(known, _)| *known == moment);
        let earlier = match known {
            Some(_) => None,
            None => self.key.and_then(|key| due.1.remove(&key)),
        };
        let key = known.unwrap_or_else(|| {
            due.0 += 1;
            (moment, due.0)
        });
        let replaced = due.1.insert(key, waker);
        self.key = Some(key);
        drop(due);
        // The thread may have just woken the earlier waker of a known moment.
        let is_new = replaced.is_none();
        drop((earlier, replaced));
        if is_new {
            timer.changed.notify_one();
        }
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            let waker = Timer::of_process().lock().1.remove(&key);
            drop(waker);
        }
    }
}

/// Wakes `waker` at `moment`.
pub(crate) fn wake_at(moment: Instant, waker: &Waker) {
    let mut alarm = Alarm::default();
    alarm.set(moment, waker);
    // Forgotten, because the drop of an alarm removes its waker.
    mem::forget(alarm);
}

impl Timer {
    fn of_process() -> &'static Self {
        static TIMER: OnceLock<&'static Timer> = OnceLock::new();
        TIMER.get_or_init(|| {
            let timer: &'static Timer = Box::leak(Box::default());
            thread::Builder::new()
                .name("fake-lambda timer".into())
                .spawn(|| timer.run())
                .expect("the system has a thread for the deadlines of waits");
            timer
        })
    }

    fn lock(&self) -> MutexGuard<'_, Due> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) {
        let mut due = self.lock();
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
                    if let Err(panic) = panics::try_for_each(waker, Waker::wake) {
                        drop(panics::panic_text(panic));
                    }
                    self.lock()
                }
            };
        }
    }
}
