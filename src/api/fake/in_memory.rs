//! A fake without a port, on the runtime and the clock of its clients.

use std::io;
use std::sync::Arc;

use super::engine::{Engine, Reach};
use super::{Builder, FakeLambda, Handle};
use crate::exchange::Exchange;
use crate::record::report;
use crate::reply::capability::TransportKind;
use crate::transport::http1::{HttpClient, InMemory, MemoryConnection};

impl FakeLambda {
    /// Starts a fake without a port: its clients connect in memory, on their own tokio runtime.
    ///
    /// Delays, timeouts, cold starts, rates and all times of the journal use the clock of that
    /// runtime. So with tokio's clock paused, a function of 15 minutes or the real backoff of a
    /// client takes milliseconds. The fake answers with the same bytes and breaks with the same
    /// faults as on a socket. [`sdk_client!`](crate::sdk_client) connects to it as to any other
    /// fake.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, Reply, sdk_client};
    /// use serde_json::json;
    /// use std::time::Duration;
    /// use tokio::time::Instant;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
    /// // In a test: #[tokio::test(start_paused = true)], with tokio's feature `test-util`.
    /// let lambda = FakeLambda::in_memory();
    /// let quarter_of_an_hour = Duration::from_secs(900);
    /// lambda.on("resize").reply(Reply::json(json!({"ok": true})).delay(quarter_of_an_hour));
    /// let client = sdk_client!(aws_sdk_lambda, lambda);
    /// let begun = Instant::now();
    /// client.invoke().function_name("resize").send().await.unwrap();
    /// assert_eq!(begun.elapsed(), quarter_of_an_hour);
    /// # }
    /// ```
    ///
    /// The differences from a fake with a port:
    ///
    /// - Only clients of this process reach it, and only on a current-thread runtime, which is the
    ///   kind that tokio can pause. On a multi-thread runtime they get an error, and verification
    ///   fails. A client can move from one current-thread runtime to another.
    /// - Handlers are tasks of the clients' runtime. They use its clock and can spawn tasks, but
    ///   `tokio::task::spawn_local` panics in them. After the fake is dropped, they run until their
    ///   runtime ends. A handler without a [`timeout`](crate::Reply::timeout) ends after 15
    ///   minutes, as on AWS.
    /// - On a paused clock, a request that nothing can end, for example one that
    ///   [hangs](crate::Fault::Hang) while its client has no timeout, is reset after 30 days, which
    ///   pass immediately, and verification fails. While the test awaits a [`Wait`](crate::Wait) on
    ///   the same thread, these 30 days do not pass.
    /// - A gate must be opened by a task of the runtime, or from `tokio::task::spawn_blocking`,
    ///   during which tokio's clock does not move.
    /// - `SystemTime` stays real: the `Date` of replies, signatures, and
    ///   [`Context::deadline`](crate::Context::deadline).
    ///
    /// # Panics
    ///
    /// Panics if an environment variable is not valid, as in [`Builder::start`].
    #[track_caller]
    pub fn in_memory() -> Self {
        Self::builder().in_memory()
    }
}

impl Builder {
    /// Starts the fake in memory; see [`FakeLambda::in_memory`].
    ///
    /// # Panics
    ///
    /// Panics if an environment variable is not valid, as in [`start`](Self::start).
    #[track_caller]
    pub fn in_memory(self) -> FakeLambda {
        let verifies_on_drop = self.verifies_on_drop;
        let exchange = Arc::new(Exchange::new(self.config(TransportKind::InMemory)));
        let server = InMemory::start(exchange.clone());
        FakeLambda::with(exchange, Engine::InMemory(server), verifies_on_drop)
    }
}

impl Handle {
    /// Returns the HTTP client with which an AWS SDK reaches this fake in memory.
    ///
    /// [`sdk_client!`](crate::sdk_client) uses it by itself. For a configuration of your own, set
    /// it in addition to the endpoint:
    ///
    /// ```
    /// use aws_sdk_lambda::config::{BehaviorVersion, Config, Credentials, Region};
    /// use fake_lambda::FakeLambda;
    /// use serde_json::json;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let lambda = FakeLambda::in_memory();
    /// lambda.on("resize").reply(json!({"ok": true}));
    /// let config = Config::builder()
    ///     .behavior_version(BehaviorVersion::latest())
    ///     .region(Region::new("us-east-1"))
    ///     .credentials_provider(Credentials::for_tests())
    ///     .endpoint_url(lambda.endpoint_url())
    ///     .http_client(lambda.http_client())
    ///     .build();
    /// let client = aws_sdk_lambda::Client::from_conf(config);
    /// client.invoke().function_name("resize").send().await.unwrap();
    /// # }
    /// ```
    ///
    /// The SDK draws the waits before its retries from the thread's random number generator. This
    /// client seeds that generator at the end of each attempt. So a wait depends on the fake's
    /// seed, on the path of the request, which contains the name of the function, and on how many
    /// attempts with that path came before. If calls of one function overlap, the waits are still
    /// the same in every run, but the order in which the attempts are sent decides which call gets
    /// which wait.
    ///
    /// # Panics
    ///
    /// Panics if the fake is not in memory.
    #[track_caller]
    pub fn http_client(&self) -> HttpClient {
        HttpClient::new(Ok(self.memory("`http_client`").clone()))
    }

    /// Opens a connection to this fake in memory, for a client that speaks HTTP/1.1 over its own
    /// stream: hyper's connections, a connector of tower, or bytes that the test writes.
    ///
    /// ```
    /// use fake_lambda::FakeLambda;
    /// use serde_json::json;
    /// use tokio::io::{AsyncReadExt, AsyncWriteExt};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> std::io::Result<()> {
    /// let lambda = FakeLambda::in_memory();
    /// lambda.on("resize").reply(json!({"ok": true}));
    /// let mut connection = lambda.connect()?;
    /// let head = "POST /2015-03-31/functions/resize/invocations HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    /// connection.write_all(head.as_bytes()).await?;
    /// let mut reply = String::new();
    /// connection.read_to_string(&mut reply).await?;
    /// assert!(reply.ends_with("{\"ok\":true}"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns [`Unsupported`](io::ErrorKind::Unsupported) outside of a current-thread tokio
    /// runtime, and [`ConnectionRefused`](io::ErrorKind::ConnectionRefused) during an
    /// [`outage`](Self::outage) and after the fake was dropped.
    ///
    /// # Panics
    ///
    /// Panics if the fake is not in memory.
    #[track_caller]
    pub fn connect(&self) -> io::Result<MemoryConnection> {
        Ok(self.memory("`connect`").connect()?)
    }

    /// The server of a fake in memory; panics at the test's line if the fake has a port.
    #[track_caller]
    fn memory(&self, written: &str) -> &Arc<InMemory> {
        self.exchange.note_address();
        match &self.reach {
            Reach::InMemory(server) => server,
            Reach::Own(..) => panic!("{}", report::needs_memory(written)),
            #[cfg(feature = "wiremock")]
            Reach::Mounted(_) => panic!("{}", report::needs_memory(written)),
        }
    }
}
