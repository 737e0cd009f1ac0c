//! Wrong arguments of a macro.

use fake_lambda::{FakeLambda, sdk_client};

fn main() {
    let lambda = FakeLambda::start();
    let _ = sdk_client!();
    let _ = sdk_client!(lambda);
    let _ = sdk_client!(&lambda);
    let _ = sdk_client!("aws_sdk_lambda", lambda);
    let _ = sdk_client!(aws_sdk_lambda, lambda, |config| config, 1);
}
