//! The transport of a test run, and the fake of a test that runs on each transport.
//!
//! A test below `any_transport` starts this module's [`FakeLambda`] and uses everything else from
//! the crate. `other_transports` runs those tests again on each transport except the socket.

use std::env;
use std::future::Future;
use std::ops::Deref;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use fake_lambda::Builder;
use wiremock::MockServer;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Transport {
    /// The fake's own server.
    Socket,
    /// A `wiremock::MockServer` on which the fake is mounted.
    Wiremock,
}

impl Transport {
    /// Names the transport of a run.
    pub(crate) const VARIABLE: &str = "FAKE_LAMBDA_TEST_TRANSPORT";

    const ALL: [Self; 2] = [Self::Socket, Self::Wiremock];

    pub(crate) fn of_this_run() -> Self {
        let Some(name) = env::var_os(Self::VARIABLE) else {
            return Self::Socket;
        };
        let transport = Self::ALL.into_iter().find(|one| name == one.name());
        transport.unwrap_or_else(|| panic!("{}: no transport is {name:?}", Self::VARIABLE))
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Socket => "socket",
            Self::Wiremock => "wiremock",
        }
    }

    #[track_caller]
    fn start(self, builder: Builder) -> FakeLambda {
        match self {
            Self::Socket => FakeLambda {
                lambda: builder.start(),
                _server: None,
            },
            Self::Wiremock => {
                let server = block_on(MockServer::start());
                FakeLambda {
                    lambda: block_on(builder.mount_on(&server)),
                    _server: Some(server),
                }
            }
        }
    }
}

/// The crate's fake, on the transport of this run.
#[derive(Debug)]
pub(crate) struct FakeLambda {
    // In the order in which they are dropped.
    lambda: fake_lambda::FakeLambda,
    _server: Option<MockServer>,
}

impl FakeLambda {
    #[track_caller]
    pub(crate) fn start() -> Self {
        Self::start_with(|builder| builder)
    }

    /// A builder would start the fake on a socket, so a test only passes the settings.
    #[track_caller]
    pub(crate) fn start_with(set: impl FnOnce(Builder) -> Builder) -> Self {
        Transport::of_this_run().start(set(fake_lambda::FakeLambda::builder()))
    }
}

impl Deref for FakeLambda {
    type Target = fake_lambda::FakeLambda;

    fn deref(&self) -> &fake_lambda::FakeLambda {
        &self.lambda
    }
}

/// For code that needs no runtime, even inside one.
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
