//! Fixtures for [rstest](https://docs.rs/rstest): a test takes the fake as an argument.

use rstest::fixture;

use crate::api::fake::FakeLambda;

/// A fake with the default settings, one for each test that names it.
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

/// Defines a test with one case for each [`ServiceError`](crate::ServiceError); the case has the
/// name of the variant.
///
/// The test is an [rstest](https://docs.rs/rstest) whose cases are generated: the error is its
/// `#[case]`, and fixtures, other attributes (`#[tokio::test]`, `#[ignore]`) and `async` work as
/// usual. The crate that uses the macro must itself depend on rstest.
///
/// ```test_harness
/// use fake_lambda::fixtures::lambda;
/// use fake_lambda::{FakeLambda, ServiceError, for_every_error, sdk_client};
///
/// for_every_error! {
///     #[tokio::test]
///     async fn the_code_that_pays_names_the_error(lambda: FakeLambda, #[case] error: ServiceError) {
///         lambda.on("pay").reply(error);
///         let client = sdk_client!(aws_sdk_lambda, lambda);
///         let answer = client.invoke().function_name("pay").send().await;
///         let failure = aws_sdk_lambda::Error::from(answer.unwrap_err());
///         assert!(format!("{failure:?}").contains(error.code()));
///     }
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! for_every_error {
    ($($test:tt)*) => {
        $crate::__service_errors! { every $($test)* }
    };
}

/// Defines a test with one case for each of the thirty errors that Lambda's documentation of
/// `Invoke` lists: those for which [`documented`](crate::ServiceError::documented) is `true`.
///
/// Otherwise like [`for_every_error!`](crate::for_every_error), which also has the errors of the
/// service model that this documentation does not list, and those that AWS sends although neither
/// has them.
///
/// ```test_harness
/// use fake_lambda::{FakeLambda, ServiceError, for_every_documented_error};
///
/// for_every_documented_error! {
///     fn an_error_is_one_of_the_caller_or_of_the_service(#[case] error: ServiceError) {
///         assert!((400..600).contains(&error.status()));
///     }
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! for_every_documented_error {
    ($($test:tt)*) => {
        $crate::__service_errors! { documented $($test)* }
    };
}

/// Defines a test with one case for each variant of [`Fault`](crate::Fault), with small numbers if
/// it has some.
///
/// Put the fault on a reply with a body of at least two bytes, which every fault can damage. `Hang`
/// and `StallAfter` end only when the client disconnects, so give the client a timeout. Otherwise
/// like [`for_every_error!`](crate::for_every_error).
///
/// An Event's 202 has no body, so seven of the faults cannot fire there, and verification reports
/// them: `TruncateAfter`, `ResetAfter`, `StallAfter`, `Dribble`, `BadChunk`, `LengthTooLong` and
/// `LengthTooShort`. For a caller of Events, write the cases of the others with rstest.
///
/// ```test_harness
/// use fake_lambda::fixtures::lambda;
/// use fake_lambda::{FakeLambda, Fault, Reply, for_every_fault};
/// use serde_json::json;
/// use std::io::{Read, Write};
/// use std::net::TcpStream;
/// use std::time::Duration;
///
/// for_every_fault! {
///     fn a_client_with_a_timeout_never_hangs(lambda: FakeLambda, #[case] fault: Fault) {
///         lambda.on("pay").reply(Reply::json(json!({"paid": 42})).fault(fault));
///         let mut client = TcpStream::connect(("127.0.0.1", lambda.port())).unwrap();
///         client.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
///         client.write_all(b"POST /2015-03-31/functions/pay/invocations HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").unwrap();
///         let _ = client.read_to_end(&mut Vec::new());
///         lambda.assert_attempts(1);
///     }
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! for_every_fault {
    ($($test:tt)*) => {
        #[::rstest::rstest]
        #[allow(non_snake_case)]
        #[case::Reset($crate::Fault::Reset)]
        #[allow(non_snake_case)]
        #[case::CloseBeforeReply($crate::Fault::CloseBeforeReply)]
        #[allow(non_snake_case)]
        #[case::Hang($crate::Fault::Hang)]
        #[allow(non_snake_case)]
        #[case::Garbage($crate::Fault::Garbage)]
        #[allow(non_snake_case)]
        #[case::ResetInHead($crate::Fault::ResetInHead)]
        #[allow(non_snake_case)]
        #[case::TruncateHead($crate::Fault::TruncateHead)]
        #[allow(non_snake_case)]
        #[case::SlowHead($crate::Fault::SlowHead {
            bytes: 64,
            every: ::core::time::Duration::from_millis(1),
        })]
        #[allow(non_snake_case)]
        #[case::TruncateAfter($crate::Fault::TruncateAfter(1))]
        #[allow(non_snake_case)]
        #[case::ResetAfter($crate::Fault::ResetAfter(1))]
        #[allow(non_snake_case)]
        #[case::StallAfter($crate::Fault::StallAfter(1))]
        #[allow(non_snake_case)]
        #[case::Dribble($crate::Fault::Dribble {
            bytes: 1,
            every: ::core::time::Duration::from_millis(1),
        })]
        #[allow(non_snake_case)]
        #[case::BadChunk($crate::Fault::BadChunk)]
        #[allow(non_snake_case)]
        #[case::LengthTooLong($crate::Fault::LengthTooLong(1))]
        #[allow(non_snake_case)]
        #[case::LengthTooShort($crate::Fault::LengthTooShort(1))]
        #[allow(non_snake_case)]
        #[case::CloseAfterReply($crate::Fault::CloseAfterReply)]
        #[allow(non_snake_case)]
        #[case::ResetOnReuse($crate::Fault::ResetOnReuse)]
        $($test)*
    };
}

/// Defines a test with cases for the usual shapes of a failed function's payload: those of each
/// runtime, without causes, and the platform's own.
///
/// Otherwise like [`for_every_error!`](crate::for_every_error).
///
/// ```test_harness
/// use fake_lambda::fixtures::lambda;
/// use fake_lambda::{FakeLambda, FunctionError, for_every_function_error, sdk_client};
/// use serde_json::Value;
///
/// for_every_function_error! {
///     #[tokio::test]
///     async fn a_failed_function_returns_its_error(lambda: FakeLambda, #[case] error: FunctionError) {
///         lambda.on("pay").reply(error);
///         let client = sdk_client!(aws_sdk_lambda, lambda);
///         let output = client.invoke().function_name("pay").send().await.unwrap();
///         assert!(output.function_error().is_some());
///         let payload: Value = serde_json::from_slice(output.payload().unwrap().as_ref()).unwrap();
///         assert!(payload["errorMessage"].is_string());
///     }
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! for_every_function_error {
    ($($test:tt)*) => {
        #[::rstest::rstest]
        #[case::dotnet($crate::FunctionError::new("Exception", "boom").runtime("dotnet"))]
        #[case::go($crate::FunctionError::new("errorString", "boom").runtime("go"))]
        #[case::go_panic($crate::FunctionError::new("string", "boom").runtime("go").stack(["main.go:12 handler"]))]
        #[case::java($crate::FunctionError::new("java.lang.RuntimeException", "boom").runtime("java"))]
        #[case::nodejs($crate::FunctionError::new("Error", "boom").runtime("nodejs"))]
        #[case::nodejs_at_init($crate::FunctionError::new("Runtime.ImportModuleError", "boom").runtime("nodejs").at_init())]
        #[case::python($crate::FunctionError::new("ValueError", "boom").runtime("python"))]
        #[case::python_at_init($crate::FunctionError::new("Runtime.ImportModuleError", "boom").runtime("python").at_init())]
        #[case::ruby($crate::FunctionError::new("RuntimeError", "boom").runtime("ruby"))]
        #[case::rust($crate::FunctionError::new("boom", "boom").runtime("rust"))]
        #[case::timed_out($crate::FunctionError::timed_out(::core::time::Duration::from_secs(3)))]
        #[case::out_of_memory($crate::FunctionError::out_of_memory())]
        #[case::exited($crate::FunctionError::exited(1))]
        #[case::response_too_large($crate::FunctionError::response_too_large())]
        #[case::invalid_entrypoint($crate::FunctionError::invalid_entrypoint())]
        #[case::extension_exited($crate::FunctionError::extension_exited("apm", 0))]
        #[case::extension_crash($crate::FunctionError::platform("Extension.Crash", "exit status 1"))]
        $($test)*
    };
}

/// Generates the cases of the selected rows: `every`, or those with the word `documented`.
#[doc(hidden)]
#[macro_export]
macro_rules! __service_error_cases {
    (every [$($variant:ident $word:ident)*] [] $($test:tt)*) => {
        #[::rstest::rstest]
        $(#[allow(non_snake_case)] #[case::$variant($crate::ServiceError::$variant)])*
        $($test)*
    };
    (documented [$variant:ident documented $($rows:tt)*] [$($found:ident)*] $($test:tt)*) => {
        $crate::__service_error_cases! { documented [$($rows)*] [$($found)* $variant] $($test)* }
    };
    (documented [$variant:ident undocumented $($rows:tt)*] [$($found:ident)*] $($test:tt)*) => {
        $crate::__service_error_cases! { documented [$($rows)*] [$($found)*] $($test)* }
    };
    (documented [] [$($found:ident)*] $($test:tt)*) => {
        #[::rstest::rstest]
        $(#[allow(non_snake_case)] #[case::$found($crate::ServiceError::$found)])*
        $($test)*
    };
}
