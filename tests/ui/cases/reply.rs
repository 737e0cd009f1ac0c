//! Types that are not a reply.

use fake_lambda::{Chaos, FakeLambda, Hit, Invocation, ServiceError};

#[derive(serde::Serialize)]
struct Order {
    id: u64,
}

fn main() {
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(Order { id: 7 });
    lambda
        .on("pay")
        .reply(ServiceError::ServiceException)
        .then("paid");
    lambda.on("pay").handle(async |_: Invocation| 7);
    lambda.on("pay").handle(async |invocation: Invocation| {
        let id = invocation.payload_json()["id"].as_u64();
        id.map(|id| Order { id })
            .ok_or(ServiceError::ServiceException)
    });
    lambda.on("pay").handle(async |_: Invocation| -> Result<serde_json::Value, String> { Err("no".into()) });
    lambda.chaos(Chaos::new().rate(0.1, 503));
    let _ = Hit::new("pay", 1, ());
}
