//! The second witness: how the real SDK reads the exact bytes that were compared with the record.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_lambda::error::ProvideErrorMetadata;
use aws_sdk_lambda::{Client, Config};

use crate::raw::Reply;

/// The deadline for reading the request, and for reading the reply.
const DEADLINE: Duration = Duration::from_secs(10);

/// Makes the SDK read this reply, and compares each member it returns with the reply's own bytes.
#[track_caller]
pub(super) fn assert_sdk_reads(reply: &Reply) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let bytes = [reply.head.as_bytes(), &reply.body].concat();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        let mut request = Vec::new();
        while !request.windows(4).any(|four| four == b"\r\n\r\n") {
            let mut chunk = [0; 4096];
            let read = stream.read(&mut chunk).unwrap();
            assert!(read > 0, "the SDK left inside its request");
            request.extend_from_slice(&chunk[..read]);
        }
        stream.write_all(&bytes).unwrap();
    });
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("AKID", "secret", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .endpoint_url(url)
        .build();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let sent = runtime.block_on(async {
        let call = Client::from_conf(config).invoke().function_name("f").send();
        tokio::time::timeout(DEADLINE, call)
            .await
            .expect("the SDK reads the reply in time")
    });
    server.join().unwrap();
    match sent {
        Ok(output) => {
            assert_eq!(output.status_code(), i32::from(reply.status()));
            assert_eq!(
                output.executed_version(),
                reply.field("X-Amz-Executed-Version")
            );
            assert_eq!(output.function_error(), reply.field("X-Amz-Function-Error"));
            assert_eq!(output.log_result(), reply.field("X-Amz-Log-Result"));
            let payload = output.payload().map(AsRef::as_ref).unwrap_or_default();
            assert!(payload == reply.body, "the SDK read {payload:?} of {reply}");
        }
        Err(error) => {
            let status = error
                .raw_response()
                .map(|response| response.status().as_u16());
            assert_eq!(status, Some(reply.status()), "{error:?}");
            assert_eq!(error.code(), reply.field("x-amzn-ErrorType"));
            let body: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
            let message = body.get("message").or_else(|| body.get("Message"));
            assert_eq!(
                error.message(),
                message.and_then(|message| message.as_str())
            );
        }
    }
}
