//! The parts of chaos that the server can perform.

use fake_lambda::{Chaos, Fault, Hit, ServiceError, sdk_client};
use serde_json::json;

use super::mounted;
use crate::panics::caught;

#[tokio::test]
async fn a_mounted_fake_accepts_only_hits_that_its_server_can_perform() {
    let (_server, lambda) = mounted().await;
    lambda.on("f").reply(json!(1));
    let line = line!() + 1;
    let refused = caught(|| drop(lambda.chaos(Chaos::new().every_nth(1, Fault::Reset))));
    assert!(
        refused
            .text
            .starts_with("error: `Fault::Reset` cannot be sent by"),
        "{}",
        refused.text
    );
    assert_eq!((&*refused.file, refused.line), (file!(), line));
    let replayed = Chaos::replay([Hit::new("f", 1, Fault::TruncateAfter(1))]);
    let refused = caught(|| drop(lambda.chaos(replayed)));
    assert!(
        refused.text.starts_with("error: `Fault::TruncateAfter(1)`"),
        "{}",
        refused.text
    );
    lambda.chaos(Chaos::new().window(1, ServiceError::ServiceException));
    let client: aws_sdk_lambda::Client = sdk_client!(aws_sdk_lambda, lambda);
    assert!(client.invoke().function_name("f").send().await.is_ok());
    lambda.seen("f").assert_attempts(2);
}
