//! The type of the feature `signature`: the compiler itself names the feature.

use fake_lambda::{Credentials, FakeLambda};

fn main() {
    FakeLambda::builder()
        .require_signature(Credentials::default())
        .start();
}
