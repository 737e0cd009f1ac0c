//! The methods of the feature `wiremock`.

use fake_lambda::{FakeLambda, ServiceError};

struct MockServer;

async fn mounted(server: &MockServer) {
    let lambda = FakeLambda::mount_on(server).await;
    lambda.on_any().reply(ServiceError::ServiceException);
    let lambda = FakeLambda::builder().seed(7).mount_on(server).await;
    lambda.on_any().reply(ServiceError::ServiceException);
}

fn main() {
    let _ = mounted(&MockServer);
}
