//! The AWS SDK's HTTP client over in-memory pipes.
//!
//! hyper's own client connection writes and reads HTTP, as in the client that the SDK has by
//! default, and every error has the class, the text and the debug output that it has there.

use std::error::Error;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    self as smithy, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::ErrorKind;
use bytes::Bytes;
use http::header::HOST;
use http::uri::{PathAndQuery, Uri};
use http::{HeaderValue, Request, Response};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::rt::{Read, ReadBufCursor, Write};
use tokio::io::AsyncWrite;
use tokio::runtime;
use tokio::time::timeout;

use super::in_memory::{InMemory, MemoryConnection};
use crate::ground::draws::{hashed, mixed};
use crate::record::report::NotConnected;

type BoxError = Box<dyn Error + Send + Sync>;

/// The HTTP client of an AWS SDK that talks to a fake in memory; created by
/// [`Handle::http_client`](crate::Handle::http_client).
///
/// Cheap to clone; clones share their idle connections.
#[derive(Clone)]
pub struct HttpClient {
    fake: Result<Arc<InMemory>, NotConnected>,
    /// The connections that wait for another request, each on its runtime.
    idle: Arc<Mutex<Vec<Idle>>>,
}

type Idle = (runtime::Id, SendRequest<SdkBody>);

/// The client for the fake in memory that has this endpoint URL; `None` for every other URL.
pub(crate) fn http_client_of(url: &str) -> Option<HttpClient> {
    InMemory::of_url(url).map(HttpClient::new)
}

/// The client with the settings of an operation.
#[derive(Debug)]
struct Connector {
    client: HttpClient,
    /// How long to wait for the head of a reply.
    read_timeout: Option<Duration>,
}

impl HttpClient {
    pub(crate) fn new(fake: Result<Arc<InMemory>, NotConnected>) -> Self {
        Self {
            fake,
            idle: Arc::default(),
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection that can send a request now, and whether it has sent one before.
    async fn sender(
        &self,
        fake: &InMemory,
    ) -> Result<(SendRequest<SdkBody>, bool), ConnectorError> {
        {
            let mut idle = self.idle();
            // Those of a runtime that was dropped are closed as well.
            idle.retain(|(_, sender)| !sender.is_closed());
            let here = runtime::Handle::try_current()
                .map(|runtime| runtime.id())
                .ok();
            let is_ready = |(id, sender): &Idle| Some(*id) == here && sender.is_ready();
            if let Some(index) = idle.iter().position(is_ready) {
                return Ok((idle.swap_remove(index).1, true));
            }
        }
        let connection = match fake.connect() {
            Ok(connection) => connection,
            Err(why) => {
                // Otherwise a client that tries again without a wait never returns to its runtime.
                tokio::task::yield_now().await;
                return Err(not_connected(why));
            }
        };
        let (sender, driver) = http1::handshake(Io(connection))
            .await
            .map_err(|error| classified(ClientErrorKind::Connect, error))?;
        tokio::spawn(async move {
            // The request that fails because of this error reports it.
            let _ = driver.await;
        });
        Ok((sender, false))
    }

    /// Sends a request and waits for the head of its reply. A request that a reused connection did
    /// not take, because it was closed, is sent again on another one.
    async fn send(
        &self,
        fake: &InMemory,
        mut request: Request<SdkBody>,
    ) -> Result<Response<Incoming>, ConnectorError> {
        loop {
            let (mut sender, is_reused) = self.sender(fake).await?;
            let mut error = match sender.try_send_request(request).await {
                Ok(response) => {
                    // The SDK does not use a connection again after such an error.
                    if !matches!(response.status().as_u16(), 500 | 502..=504) {
                        self.idle().push((runtime::Handle::current().id(), sender));
                    }
                    return Ok(response);
                }
                Err(error) => error,
            };
            request = match error.take_message() {
                Some(request) if is_reused => request,
                Some(_) => {
                    return Err(classified(ClientErrorKind::Canceled, error.into_error()));
                }
                None => {
                    return Err(classified(ClientErrorKind::SendRequest, error.into_error()));
                }
            };
        }
    }
}

impl smithy::HttpClient for HttpClient {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        // An SDK without timers has no timeouts.
        let has_timers = components.sleep_impl().is_some();
        SharedHttpConnector::new(Connector {
            client: self.clone(),
            read_timeout: settings.read_timeout().filter(|_| has_timers),
        })
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.client.clone();
        let fake = match &client.fake {
            Ok(fake) => fake.clone(),
            Err(why) => return HttpConnectorFuture::ready(Err(not_connected(*why))),
        };
        let mut request = match request.try_into_http1x() {
            Ok(request) => request,
            Err(error) => {
                return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into())));
            }
        };
        address(&mut request);
        let jitter = Jitter::of(&fake, request.uri().path());
        let read_timeout = self.read_timeout;
        HttpConnectorFuture::new(async move {
            // Moved into the body of the reply. Without a reply it is dropped when this future
            // ends, even if a timeout of the SDK ends it.
            let jitter = jitter;
            let sent = client.send(&fake, request);
            let response = match read_timeout {
                None => sent.await?,
                Some(duration) => timeout(duration, sent).await.unwrap_or_else(|_| {
                    let error = HttpTimeoutError {
                        kind: "HTTP read",
                        duration,
                    };
                    Err(ConnectorError::timeout(error.into()))
                })?,
            };
            let response = response.map(|body| SdkBody::from_body_1_x(Seeding { body, jitter }));
            HttpResponse::try_from(response)
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// Gives a request its `Host` and the short form of its URL.
fn address(request: &mut Request<SdkBody>) {
    let authority = request
        .uri()
        .authority()
        .map_or("", |authority| authority.as_str());
    if let Ok(host) = HeaderValue::from_str(authority) {
        request.headers_mut().entry(HOST).or_insert(host);
    }
    let path = request.uri().path_and_query().cloned();
    *request.uri_mut() = Uri::from(path.unwrap_or_else(|| PathAndQuery::from_static("/")));
}

/// Seeds the generator from which the SDK draws the wait before its next attempt.
///
/// The SDK draws it from the thread's generator, right after an attempt has ended: after the last
/// byte of its body, or after its error. So this seeds at every such end, and attempts that overlap
/// do not change each other's waits.
struct Jitter(u64);

impl Jitter {
    fn of(fake: &InMemory, path: &str) -> Self {
        let number = fake.count_attempt(path);
        Self(mixed(
            mixed(fake.seed()) ^ hashed(&[path, "jitter"]) ^ mixed(number),
        ))
    }

    fn seed(&self) {
        fastrand::seed(self.0);
    }
}

impl Drop for Jitter {
    fn drop(&mut self) {
        self.seed();
    }
}

/// The body of a reply, at whose end the next attempt's wait is drawn.
struct Seeding {
    body: Incoming,
    jitter: Jitter,
}

impl Body for Seeding {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let poll = Pin::new(&mut self.body).poll_frame(context);
        self.jitter.seed();
        poll
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The error with the class that the SDK's own client gives it.
fn classified(kind: ClientErrorKind, error: hyper::Error) -> ConnectorError {
    let is_io = || {
        let mut source = error.source();
        while let Some(inner) = source {
            if inner.is::<io::Error>() {
                return true;
            }
            source = inner.source();
        }
        false
    };
    let class: fn(BoxError) -> ConnectorError = if error.is_timeout() {
        ConnectorError::timeout
    } else if error.is_user() {
        ConnectorError::user
    } else if error.is_closed() || error.is_canceled() || is_io() {
        ConnectorError::io
    } else if error.is_incomplete_message() {
        |error| ConnectorError::other(error, Some(ErrorKind::TransientError))
    } else {
        |error| ConnectorError::other(error, None)
    };
    let source = error.into();
    class(Box::new(ClientError { kind, source }))
}

fn not_connected(why: NotConnected) -> ConnectorError {
    let source = io::Error::from(why).into();
    match why {
        NotConnected::Outage => ConnectorError::io(Box::new(ClientError {
            kind: ClientErrorKind::Connect,
            source,
        })),
        // A mistake in the test, which another attempt cannot fix.
        NotConnected::NoRuntime | NotConnected::MultiThread | NotConnected::Dropped => {
            ConnectorError::user(source)
        }
    }
}

/// The operation during which a connection broke, under the name that the SDK's own client prints.
#[derive(Clone, Copy, Debug)]
enum ClientErrorKind {
    Canceled,
    Connect,
    SendRequest,
}

/// An error as the SDK's own client, which is `hyper-util`'s, reports it.
struct ClientError {
    kind: ClientErrorKind,
    source: BoxError,
}

impl fmt::Debug for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("hyper_util::client::legacy::Error")
            .field(&self.kind)
            .field(&self.source)
            .finish()
    }
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "client error ({:?})", self.kind)
    }
}

impl Error for ClientError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
    }
}

/// A read timeout as the SDK's own client reports it.
#[derive(Debug)]
struct HttpTimeoutError {
    kind: &'static str,
    duration: Duration,
}

impl fmt::Display for HttpTimeoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} timeout occurred after {:?}",
            self.kind, self.duration
        )
    }
}

impl Error for HttpTimeoutError {}

/// A connection as hyper reads and writes it.
struct Io(MemoryConnection);

impl Read for Io {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let end = &self.0.0;
        end.poll_read_with(context, buffer.remaining(), |part| buffer.put_slice(part))
    }
}

impl Write for Io {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpClient")
    }
}
