//! Types that are not a condition.

use fake_lambda::FakeLambda;

fn main() {
    let lambda = FakeLambda::start();
    let _ = lambda.on("pay").when("id");
}
