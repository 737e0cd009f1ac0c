//! A typed handler without a `Result`.

use fake_lambda::{Context, FakeLambda, Reply};

fn main() {
    let lambda = FakeLambda::start();
    lambda
        .on("double")
        .handle_json(async |n: u64, _: Context| 2 * n);
    lambda
        .on("double")
        .reply(Reply::handle_json(async |n: u64, _: Context| Some(n)));
}
