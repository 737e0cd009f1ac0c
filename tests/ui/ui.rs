//! The compiler errors for mistakes: the text of each case is the `.stderr` next to it.
//!
//! The texts are those of the compiler that `.ci/run` uses. `TRYBUILD=overwrite` writes them again.
//! If a case has a text of our own, it comes first.

#[test]
fn the_compiler_error_says_what_to_write() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("cases/*.rs");
    #[cfg(feature = "wiremock")]
    cases.compile_fail("on/wiremock/*.rs");
    #[cfg(not(feature = "rstest"))]
    cases.compile_fail("off/rstest/*.rs");
    #[cfg(not(feature = "signature"))]
    cases.compile_fail("off/signature/*.rs");
    #[cfg(not(feature = "wiremock"))]
    cases.compile_fail("off/wiremock/*.rs");
}
