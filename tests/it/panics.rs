//! Catches the panic of a test and returns its text.

use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use crate::text::without_lines;

/// A panic, and the location in its message.
pub(crate) struct Caught {
    /// The message without line numbers, for snapshots.
    pub(crate) text: String,
    /// The message as it is.
    pub(crate) exact: String,
    pub(crate) file: String,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

impl Caught {
    /// The text that the test's author reads, preceded by the location that the terminal shows, if
    /// this location is in the test.
    ///
    /// A panic in the fake's drop is at a line of this crate, which tells the author nothing.
    pub(crate) fn shown(&self) -> String {
        let place = format!("{}:{}:{}", self.file, self.line, self.column);
        match self.file.starts_with("src/") {
            true => self.exact.clone(),
            false => format!("panicked at {place}\n{}", self.exact),
        }
    }
}

/// The panic of `run`, which is hidden from the test's output; panics if there is none.
#[track_caller]
pub(crate) fn caught<T>(run: impl FnOnce() -> T) -> Caught {
    thread_local! {
        static CATCHES: Cell<bool> = const { Cell::new(false) };
        static PLACE: RefCell<Option<(String, u32, u32)>> = const { RefCell::new(None) };
    }
    // The hook belongs to the whole process, so it is set once, and it distinguishes the threads.
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !CATCHES.get() {
                return usual(info);
            }
            let place = info
                .location()
                .map(|place| (place.file().to_owned(), place.line(), place.column()));
            PLACE.replace(place);
        }));
    });
    CATCHES.set(true);
    let result = catch_unwind(AssertUnwindSafe(run));
    CATCHES.set(false);
    let Err(panic) = result else {
        panic!("it did not panic");
    };
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
    let (file, line, column) = PLACE.take().expect("a panic has a place");
    let exact = text.expect("a panic has a text");
    Caught {
        text: without_lines(&exact),
        exact,
        file,
        line,
        column,
    }
}

/// The text of the panic of `test`, for a snapshot.
#[track_caller]
pub(crate) fn text_of(test: impl FnOnce()) -> String {
    caught(test).text
}

/// The first line of the help in the panic of `test`.
#[track_caller]
pub(crate) fn help_of(test: impl FnOnce()) -> String {
    let text = text_of(test);
    let help = text.lines().find_map(|line| line.strip_prefix("  help: "));
    help.unwrap().to_owned()
}
