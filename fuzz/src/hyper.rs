//! The same bytes for the fake and for hyper: hyper understands each Invoke request that the fake
//! understands, with the same method and body.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, LazyLock, Mutex};
use std::thread;

use bytes::Bytes;
use fake_lambda::{FakeLambda, Invocation};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::json;

use crate::fake::{
    DEADLINE, check_replies, connect, count_attempts, end_at_panics, read_all, send_in_pieces,
};

/// Method and body of a request.
type Understood = (String, Vec<u8>);

/// A hyper server, and the requests that it understood.
struct Reference {
    address: SocketAddr,
    understood: Arc<Mutex<Vec<Understood>>>,
}

static REFERENCE: LazyLock<Reference> = LazyLock::new(|| {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let understood = Arc::default();
    let log = Arc::clone(&understood);
    thread::spawn(move || {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().build().unwrap();
        runtime.block_on(serve(listener, log))
    });
    Reference {
        address,
        understood,
    }
});

async fn serve(listener: TcpListener, log: Arc<Mutex<Vec<Understood>>>) {
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let log = log.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| answer(request, log.clone()));
            let mut server = http1::Builder::new();
            let server = server.half_close(true);
            let _ = server.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(
    request: Request<Incoming>,
    log: Arc<Mutex<Vec<Understood>>>,
) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    log.lock()
        .unwrap()
        .push((head.method.to_string(), body.to_vec()));
    Ok(Response::new(Full::new("ok".into())))
}

pub fn run(data: &[u8]) {
    end_at_panics();
    if data.is_empty() || data.windows(4).any(|word| word == b"HEAD") {
        return;
    }
    REFERENCE.understood.lock().unwrap().clear();
    let mut client = TcpStream::connect(REFERENCE.address).unwrap();
    client.set_read_timeout(Some(DEADLINE)).unwrap();
    let _ = client.write_all(data);
    let _ = client.shutdown(Shutdown::Write);
    let mut reply = Vec::new();
    let _ = client.read_to_end(&mut reply);
    let theirs = REFERENCE.understood.lock().unwrap().clone();

    let builder = FakeLambda::builder().verify_on_drop(false);
    let lambda = builder.check_payloads(false).start();
    let rule = lambda.on_any();
    rule.handle(async |call: Invocation| json!(call.payload_len()));
    let mut client = connect(&lambda);
    send_in_pieces(&mut client, data, &[]);
    let received = read_all(&mut client);
    lambda.wait_until_idle().within(DEADLINE).block();
    check_replies(&lambda, data, &received, count_attempts(&lambda));
    let mut unmatched = theirs.iter();
    for call in lambda.calls() {
        for attempt in call.attempts() {
            let ours = attempt.invocation();
            // hyper refuses some characters of a target that the fake passes to its checks.
            if ours.path_and_query().parse::<http::Uri>().is_err() {
                return;
            }
            let is_same = |it: &Understood| it.0 == ours.method() && it.1 == *ours.payload();
            assert!(
                unmatched.any(is_same),
                "hyper understood {theirs:?} and replied {}\nthe fake replied {}\n{}",
                reply.escape_ascii(),
                received.escape_ascii(),
                lambda.journal()
            );
        }
    }
}
