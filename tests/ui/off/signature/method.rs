//! A method of the feature `signature`.

use fake_lambda::FakeLambda;

fn main() {
    let lambda = FakeLambda::builder().require_signature(()).start();
    lambda.verify();
}
