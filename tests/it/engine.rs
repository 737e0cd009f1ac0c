//! The fake as the tests of this binary see it: with its own server, or mounted on a `wiremock::MockServer`.
//!
//! `main.rs` gives the test binary the crate's name, and everything of the crate but these two types, so a test that says
//! `fake_lambda::FakeLambda` runs on either engine as it stands. `mounted::capabilities` runs this binary again on the other one.

use std::future::Future;
use std::ops::Deref;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use fake_lambda_itself as itself;
use wiremock::MockServer;

use crate::raw::is_mounted;

#[derive(Debug)]
pub(crate) struct FakeLambda {
    // In the order in which they are dropped.
    lambda: itself::FakeLambda,
    _server: Option<MockServer>,
}

#[derive(Clone, Debug)]
pub(crate) struct Builder(itself::Builder);

impl FakeLambda {
    #[track_caller]
    pub(crate) fn start() -> Self {
        Self::builder().start()
    }

    pub(crate) fn builder() -> Builder {
        Builder(itself::FakeLambda::builder())
    }
}

impl Deref for FakeLambda {
    type Target = itself::FakeLambda;

    fn deref(&self) -> &itself::FakeLambda {
        &self.lambda
    }
}

macro_rules! forwarded {
    ($($(#[$attribute:meta])* $name:ident($($argument:ident: $kind:ty)?);)+) => {
        $(
            $(#[$attribute])*
            #[track_caller]
            pub(crate) fn $name(self $(, $argument: $kind)?) -> Self {
                Self(self.0.$name($($argument)?))
            }
        )+
    };
}

impl Builder {
    forwarded! {
        account(account: impl AsRef<str>);
        allow_unscripted();
        check_payloads(checks: bool);
        era(year: u16);
        events_run(when: itself::EventsRun);
        journal_bytes(bytes: usize);
        journal_calls(calls: usize);
        log_format(format: impl AsRef<str>);
        print_limit(bytes: usize);
        region(region: impl AsRef<str>);
        #[cfg(feature = "signature")]
        require_signature(credentials: itself::Credentials);
        seed(seed: u64);
        verify_on_drop(verifies: bool);
    }

    #[track_caller]
    pub(crate) fn start(self) -> FakeLambda {
        if !is_mounted() {
            return FakeLambda {
                lambda: self.0.start(),
                _server: None,
            };
        }
        let server = block_on(MockServer::start());
        FakeLambda {
            lambda: block_on(self.0.mount_on(&server)),
            _server: Some(server),
        }
    }
}

/// For what needs no runtime, also inside of one.
fn block_on<T>(work: impl Future<Output = T>) -> T {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut work = pin!(work);
    loop {
        match work.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}
