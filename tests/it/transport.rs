//! The transport of a test run, and the fake of a test that runs on each transport.
//!
//! A test below `any_transport` starts this module's [`FakeLambda`] and uses everything else from
//! the crate. `other_transports` runs those tests again on each transport except the socket.

#[cfg(feature = "in-memory")]
use std::cell::Cell;
use std::env;
use std::future::Future;
use std::ops::Deref;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use fake_lambda::{Builder, Handle};
use wiremock::MockServer;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Transport {
    /// The fake's own server.
    Socket,
    /// In-memory pipes. A client that is a plain socket reaches them through a port of `bridge`.
    #[cfg(feature = "in-memory")]
    Pipe,
    /// A `wiremock::MockServer` on which the fake is mounted.
    Wiremock,
}

impl Transport {
    /// The environment variable that names the transport of a run.
    pub(crate) const VARIABLE: &str = "FAKE_LAMBDA_TEST_TRANSPORT";

    const ALL: &[Self] = &[
        Self::Socket,
        #[cfg(feature = "in-memory")]
        Self::Pipe,
        Self::Wiremock,
    ];

    pub(crate) fn of_this_run() -> Self {
        let Some(name) = env::var_os(Self::VARIABLE) else {
            return Self::Socket;
        };
        let transport = Self::ALL.iter().copied().find(|one| name == one.name());
        transport.unwrap_or_else(|| panic!("{}: no transport is {name:?}", Self::VARIABLE))
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Socket => "socket",
            #[cfg(feature = "in-memory")]
            Self::Pipe => "pipe",
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
            #[cfg(feature = "in-memory")]
            Self::Pipe => {
                let lambda = builder.in_memory();
                bridge::open(lambda.handle());
                pause();
                FakeLambda {
                    lambda,
                    _server: None,
                }
            }
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

/// The port at which a socket reaches the fake of a test on any transport.
pub(crate) fn port_of(lambda: &Handle) -> u16 {
    #[cfg(feature = "in-memory")]
    if let Some(port) = bridge::port_of(&lambda.endpoint_url()) {
        return port;
    }
    lambda.port()
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

    /// Starts a fake with settings. A test passes only the settings, because a builder of its own
    /// would start the fake on a socket.
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

/// Pauses the clock of the runtime, if the test has one: in memory the SDK waits as long between
/// its attempts as it does in production.
#[cfg(feature = "in-memory")]
fn pause() {
    thread_local! {
        static PAUSED: Cell<Option<tokio::runtime::Id>> = const { Cell::new(None) };
    }
    let runtime = tokio::runtime::Handle::try_current()
        .map(|runtime| runtime.id())
        .ok();
    if runtime.is_some() && PAUSED.replace(runtime) != runtime {
        tokio::time::pause();
    }
}

/// A port that leads to the pipes of one fake.
#[cfg(feature = "in-memory")]
mod bridge {
    use std::collections::HashMap;
    use std::sync::Mutex;
    use std::thread;
    use std::time::Duration;

    use fake_lambda::Handle;
    use socket2::SockRef;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::runtime;

    /// The port of each fake, by the endpoint URL of the fake.
    static PORTS: Mutex<Option<HashMap<String, u16>>> = Mutex::new(None);

    pub(super) fn port_of(url: &str) -> Option<u16> {
        PORTS.lock().unwrap().as_ref()?.get(url).copied()
    }

    /// Forwards connections from a new port to the fake, on a thread and a runtime of its own,
    /// until the process ends.
    pub(super) fn open(lambda: Handle) {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut ports = PORTS.lock().unwrap();
        ports
            .get_or_insert_default()
            .insert(lambda.endpoint_url(), port);
        thread::spawn(move || {
            let runtime = runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let listener = TcpListener::from_std(listener).unwrap();
                loop {
                    let (socket, _) = listener.accept().await.unwrap();
                    let lambda = lambda.clone();
                    tokio::spawn(async move { join(socket, &lambda).await });
                }
            });
        });
    }

    /// Forwards bytes and the end of a stream in both directions, and a reset to the socket.
    async fn join(mut socket: TcpStream, lambda: &Handle) {
        let reset = |socket: &TcpStream| {
            SockRef::from(socket)
                .set_linger(Some(Duration::ZERO))
                .unwrap()
        };
        socket.set_nodelay(true).unwrap();
        let Ok(pipe) = lambda.connect() else {
            return reset(&socket);
        };
        let (mut from_pipe, mut to_pipe) = tokio::io::split(pipe);
        let (mut from_socket, mut to_socket) = socket.split();
        let up = async {
            let mut bytes = [0; 64 * 1024];
            while let Ok(read @ 1..) = from_socket.read(&mut bytes).await {
                if to_pipe.write_all(&bytes[..read]).await.is_err() {
                    break;
                }
            }
            let _ = to_pipe.shutdown().await;
            std::future::pending().await
        };
        let down = async {
            let mut bytes = [0; 64 * 1024];
            loop {
                match from_pipe.read(&mut bytes).await {
                    Ok(0) => break to_socket.shutdown().await,
                    Ok(read) => to_socket.write_all(&bytes[..read]).await?,
                    Err(error) => break Err(error),
                }
            }
        };
        let ended = tokio::select! {
            ended = down => ended,
            ended = up => ended,
        };
        if ended.is_err() {
            reset(&socket);
        }
    }
}

/// Runs a future that needs no runtime. It can be called inside a runtime.
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

/// The text of a failure with the advice for a socket, so that one snapshot holds for each
/// transport.
pub(crate) fn as_on_a_socket(text: &str) -> String {
    let advice = [
        "was created with `sdk_client!`, or uses `lambda.http_client()` or `lambda.connect()`",
        "uses `lambda.endpoint_url()` and that the fake is mounted before every mock that matches the call",
    ];
    let socket = |text: String, advice: &str| text.replace(advice, "uses `lambda.endpoint_url()`");
    advice.into_iter().fold(text.to_owned(), socket)
}
