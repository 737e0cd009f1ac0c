//! A client of a streaming function: a whole answer, an error in mid-stream, and a stream that ends
//! too early.

use aws_sdk_lambda::Client;
use aws_sdk_lambda::types::InvokeWithResponseStreamResponseEvent::{InvokeComplete, PayloadChunk};
use fake_lambda::{Chunks, FakeLambda, FunctionError, Reply, sdk_client};
use std::error::Error;
use std::time::Duration;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let lambda = FakeLambda::start();
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let hel = || Chunks::new().send("Hel").wait(Duration::from_millis(50));
    lambda
        .on("chat")
        .reply(Reply::stream(hel().send("lo")))
        .then(Reply::stream(
            hel().fail(FunctionError::new("ValueError", "no more")),
        ))
        .then(Reply::stream(hel().no_end()));

    for _ in 0..3 {
        match ask(&client).await {
            Ok(text) => println!("answer: {text}"),
            Err(error) => println!("error: {error}"),
        }
    }
    println!("{}", lambda.journal());
}

/// The whole answer. No SDK reports an error at the end or a missing end by itself.
async fn ask(client: &Client) -> Result<String, Box<dyn Error>> {
    let call = client.invoke_with_response_stream().function_name("chat");
    let mut stream = call.send().await?.event_stream;
    let (mut text, mut is_complete) = (String::new(), false);
    while let Some(event) = stream.recv().await? {
        match event {
            PayloadChunk(chunk) => {
                let chunk = chunk.payload.unwrap_or_default().into_inner();
                text.push_str(&String::from_utf8(chunk)?);
            }
            InvokeComplete(end) => {
                is_complete = true;
                if let Some(code) = end.error_code {
                    return Err(format!("{code} after {text:?}").into());
                }
            }
            _ => {}
        }
    }
    match is_complete {
        true => Ok(text),
        false => Err(format!("the stream ended after {text:?}").into()),
    }
}
