//! Fixtures for [rstest](https://docs.rs/rstest): a test takes the fake as an argument.

mod cases;

use rstest::fixture;

use crate::api::fake::FakeLambda;

/// A fake with today's defaults, one for each test that names it.
///
/// ```
/// use fake_lambda::{FakeLambda, fixtures::lambda};
/// use rstest::rstest;
/// use serde_json::json;
///
/// #[rstest]
/// fn resizes(lambda: FakeLambda) {
///     lambda.on("resize").reply(json!({"ok": true}));
/// }
/// ```
#[fixture]
pub fn lambda() -> FakeLambda {
    FakeLambda::builder().for_a_fixture().start()
}
