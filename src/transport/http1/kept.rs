//! Runs futures that are not `Send` as tasks of a runtime that requires `Send`.
//!
//! A future stays on the thread that made it; the task holds only its number. The runtime of a fake
//! in memory runs on one thread, which is therefore also the thread that polls the future.

use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

type Boxed<T> = Pin<Box<dyn Future<Output = T>>>;

thread_local! {
    static FUTURES: RefCell<HashMap<u64, Box<dyn Any>>> = RefCell::default();
}

/// A future of this thread. Its output is `None` if another thread polls it.
pub(super) struct Kept<T> {
    number: u64,
    output: PhantomData<fn() -> T>,
}

impl<T: 'static> Kept<T> {
    pub(super) fn new(future: impl Future<Output = T> + 'static) -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let number = LAST.fetch_add(1, Ordering::Relaxed);
        put(number, Box::pin(future) as Boxed<T>);
        Self {
            number,
            output: PhantomData,
        }
    }
}

fn put<T: 'static>(number: u64, future: Boxed<T>) {
    FUTURES.with(|futures| futures.borrow_mut().insert(number, Box::new(future)));
}

/// Takes the future with this number out of the table of this thread; `None` if the thread ends, or
/// if the future was made on another one.
fn take(number: u64) -> Option<Box<dyn Any>> {
    let taken = FUTURES.try_with(|futures| futures.borrow_mut().remove(&number));
    taken.ok().flatten()
}

impl<T: 'static> Future for Kept<T> {
    type Output = Option<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        // Not left in the table while it is polled, because it may start others.
        let Some(future) = take(self.number) else {
            return Poll::Ready(None);
        };
        let mut future = future
            .downcast::<Boxed<T>>()
            .expect("the number stands for a future of this type");
        match future.as_mut().as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending => {
                put(self.number, *future);
                Poll::Pending
            }
        }
    }
}

impl<T> Drop for Kept<T> {
    fn drop(&mut self) {
        // Dropped after the table is free, because the future may hold others. On another thread it
        // stays until its own thread ends.
        drop(take(self.number));
    }
}
