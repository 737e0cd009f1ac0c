//! The reaction of the AWS SDK for Rust to every stream.

use std::time::Duration;

use fake_lambda::{FakeLambda, sdk_client};

use super::rows::{compare, rows};
use crate::streams::reaction;

#[tokio::test]
async fn every_stream_has_its_reaction() {
    let mut measured = Vec::new();
    for row in rows() {
        let lambda = FakeLambda::start();
        lambda.on("f").reply(row.reply);
        let client = sdk_client!(aws_sdk_lambda, lambda);
        let got = tokio::time::timeout(Duration::from_secs(10), reaction(&client)).await;
        measured.push(got.expect("the stream has an end"));
        // A stream that has begun is not retried.
        lambda.wait_until_idle().await;
        assert_eq!(lambda.only_call().attempts().len(), 1, "{}", row.what);
    }
    compare("rust", &measured);
}
