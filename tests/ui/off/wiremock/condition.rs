//! A condition that needs the feature `wiremock`.

use fake_lambda::FakeLambda;

struct Matcher;

fn main() {
    let lambda = FakeLambda::start();
    let _ = lambda.on("pay").when(Matcher);
}
