//! Catches panics of user code, with their text and location.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::mem;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo, catch_unwind, resume_unwind};
use std::pin::pin;
use std::sync::Once;
use std::thread;

use super::location::Location;

/// A panic of user code.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct CaughtPanic {
    pub(crate) text: String,
    /// Where it happened; `None` if the panic hook of this crate was not installed or was replaced.
    pub(crate) panicked_at: Option<Location>,
}

thread_local! {
    static WATCH: Cell<Watch> = const { Cell::new(Watch::Off) };
    /// Where the watched code has panicked.
    static PANICKED_AT: RefCell<Option<Location>> = const { RefCell::new(None) };
}

/// The action of the panic hook on this thread.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Watch {
    Off,
    /// Records the location, and prints as usual.
    Loud,
    /// Records the location, and prints nothing.
    Quiet,
}

/// Runs user code; the panic hook prints its panic as usual.
pub(crate) fn catch<T>(run: impl FnOnce() -> T) -> Result<T, CaughtPanic> {
    set_hook();
    caught(Watch::Loud, run)
}

/// Runs user code without printing its panic, which is already known or printed by a report.
pub(crate) fn catch_quietly<T>(run: impl FnOnce() -> T) -> Result<T, CaughtPanic> {
    set_hook();
    caught(Watch::Quiet, run)
}

/// Runs code of this crate, which can call user code. The location of a panic is known only if user
/// code was caught before: a fake without any does not change the panic hook of the process.
pub(crate) fn catch_own<T>(run: impl FnOnce() -> T) -> Result<T, CaughtPanic> {
    caught(Watch::Loud, run)
}

fn caught<T>(watch: Watch, run: impl FnOnce() -> T) -> Result<T, CaughtPanic> {
    let outer = WATCH.get();
    // Within quiet code everything is quiet.
    if outer != Watch::Quiet {
        WATCH.set(watch);
    }
    // This code can run while another panic unwinds, and it can catch panics of its own.
    let outer_place = replace_place(None);
    let result = catch_unwind(AssertUnwindSafe(run));
    WATCH.set(outer);
    let panicked_at = replace_place(outer_place);
    result.map_err(|panic| CaughtPanic {
        text: panic_text(panic),
        panicked_at,
    })
}

/// Replaces where the watched code has panicked. At the end of its thread that is always unknown.
fn replace_place(place: Option<Location>) -> Option<Location> {
    let replaced = PANICKED_AT.try_with(|known| known.replace(place));
    replaced.ok().flatten()
}

/// The output of a future of this crate, or the panic that ended it.
pub(crate) async fn catch_in<T>(future: impl Future<Output = T>) -> Result<T, CaughtPanic> {
    let mut future = pin!(future);
    poll_fn(|context| {
        let poll = catch_own(|| future.as_mut().poll(context));
        poll.map_or_else(|panic| Err(panic).into(), |poll| poll.map(Ok))
    })
    .await
}

/// Runs `run` with every item, even if it panics for some; afterwards, the first panic continues.
pub(crate) fn for_each<T>(items: impl IntoIterator<Item = T>, run: impl FnMut(T)) {
    if let Err(panic) = try_for_each(items, run) {
        resume_unwind(panic);
    }
}

/// Runs `run` with every item, even if it panics for some; returns the first panic.
pub(crate) fn try_for_each<T>(
    items: impl IntoIterator<Item = T>,
    mut run: impl FnMut(T),
) -> thread::Result<()> {
    let mut result = Ok(());
    for item in items {
        match catch_unwind(AssertUnwindSafe(|| run(item))) {
            Err(panic) if result.is_ok() => result = Err(panic),
            Err(panic) => drop_payload(panic),
            Ok(()) => {}
        }
    }
    result
}

/// Drops the payload of a panic, whose own drop can panic.
fn drop_payload(panic: Box<dyn Any + Send>) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
        // Each drop of a payload could panic with another one.
        mem::forget(panic);
    }
}

/// Installs a hook in front of the process's own: only a hook receives the location of a panic.
fn set_hook() {
    static SET: Once = Once::new();
    // A thread that panics cannot install one.
    if SET.is_completed() || thread::panicking() {
        return;
    }
    SET.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let watch = WATCH.get();
            if watch != Watch::Off {
                replace_place(place_of(info));
            }
            if watch != Watch::Quiet {
                usual(info);
            }
        }));
    });
}

fn place_of(info: &PanicHookInfo<'_>) -> Option<Location> {
    let place = info.location()?;
    Some(Location::File {
        path: place.file().into(),
        line: place.line() as usize,
        column: place.column() as usize,
    })
}

/// The text of a panic whose value has none.
pub(crate) const NOT_TEXT: &str = "a value that is not text";

/// The text of a panic, or else [`NOT_TEXT`].
pub(crate) fn panic_text(panic: Box<dyn Any + Send>) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let text = text.unwrap_or(NOT_TEXT).to_owned();
    drop_payload(panic);
    text
}

#[cfg(test)]
mod tests {
    use std::panic;

    use super::{catch, catch_quietly};

    #[test]
    fn a_panic_is_caught_with_its_location() {
        let line = line!() + 1;
        let caught = catch_quietly(|| panic!("no order {}", 7)).unwrap_err();
        assert_eq!(caught.text, "no order 7");
        let place = caught.panicked_at.unwrap().to_string();
        assert!(
            place.starts_with(&format!("{}:{line}:", file!())),
            "{place}"
        );
        assert_eq!(catch(|| 1).unwrap(), 1);
    }

    /// Only a panic that begins on this thread tells its location; one that is resumed, such as
    /// that of a task, does not.
    #[test]
    fn a_resumed_panic_does_not_have_the_location_of_an_earlier_one() {
        let handled = || drop(panic::catch_unwind(|| panic!("handled")));
        catch_quietly(handled).unwrap();
        let resumed = catch_quietly(|| panic::resume_unwind(Box::new("resumed"))).unwrap_err();
        assert_eq!((&*resumed.text, resumed.panicked_at), ("resumed", None));
    }

    #[test]
    fn a_panic_that_is_caught_during_another_one_does_not_take_its_location() {
        struct Catches;
        impl Drop for Catches {
            fn drop(&mut self) {
                catch_quietly(|| panic!("inner")).unwrap_err();
            }
        }
        let line = line!() + 3;
        let outer = catch_quietly(|| {
            let _catches = Catches;
            panic!("outer");
        });
        let place = outer.unwrap_err().panicked_at.unwrap().to_string();
        assert!(
            place.starts_with(&format!("{}:{line}:", file!())),
            "{place}"
        );
    }
}
