//! The reaction of the AWS SDK for Rust to every stream.

use std::time::Duration;

use fake_lambda::{FakeLambda, sdk_client};

use super::rows::{compare, rows, with_attempts};
use crate::streams::reaction;

#[tokio::test]
async fn every_stream_has_its_reaction() {
    let mut measured = Vec::new();
    for row in rows() {
        if row.hangs {
            // The fake in memory shows it without waiting.
            measured.push(None);
            continue;
        }
        let lambda = FakeLambda::start();
        lambda.on("f").reply(row.reply);
        let client = sdk_client!(aws_sdk_lambda, lambda);
        let got = tokio::time::timeout(Duration::from_secs(10), reaction(&client)).await;
        let got = got.expect("the stream has an end");
        lambda.wait_until_idle().await;
        let attempts = lambda.only_call().attempts().len();
        measured.push(Some(with_attempts(got, attempts)));
    }
    compare("rust", &measured);
}
