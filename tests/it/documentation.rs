//! The pages and the README are up to date.

mod failures;

use std::fmt::Write;
use std::path::Path;

use fake_lambda::{Evidence, FakeLambda, ServiceError};
use serde_json::json;

use crate::panics::caught;
use crate::raw;
use crate::text::without_lines;

const README: &str = include_str!("../../README.md");

/// The environment variable that makes the test write the page before it compares it.
const BLESS: &str = "FAKE_LAMBDA_BLESS";

#[test]
fn the_page_of_errors_matches_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/docs/errors.md");
    let page = page();
    if std::env::var_os(BLESS).is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "src/docs/errors.md does not match the table: run this test with {BLESS}=1"
    );
}

fn page() -> String {
    let mut page = String::from(
        "# Every error\n\n\
         All errors of [`ServiceError`](crate::ServiceError) on one page, generated from its table and compared with it by a test.\n\n\
         *Retried* says whether the SDKs retry the error by default: the AWS SDK for Rust, boto3 in its standard mode, the JavaScript\n\
         SDK and the Go SDK agree on all of these (measured, except for Go, whose source was read). The status decides for 500, 502, 503\n\
         and 504, so permanent errors such as `InvalidZipFileException` are retried; the code decides for throttles. *Evidence* grades\n\
         the default text: `Observed` was published as AWS sent it, `Documented` is from AWS's documentation, from an emulator tested\n\
         against AWS, or from another service, and `ModelOnly` is the service model's sentence about the error, because no text was\n\
         ever published. *Year* is the last one in which the text was\n\
         seen or documented, if that is known: an old text may have changed since.\n\n\
         *`Type`* is marked `inferred` if no body of this error was ever published. Bodies of two 5xx errors were published:\n\
         `KMSAccessDeniedException` with `null` in 2018, and `ENILimitReachedException` with `User` in 2017. For 5xx errors about\n\
         EC2, network interfaces, subnets and security groups, the inferred value is `User`; for all other 5xx errors it is `null`. For 4xx\n\
         errors it is `User`. [`Reply::type_value`](crate::Reply::type_value) sets another value. The bodies of errors that are not in the service\n\
         model have no `Type` (`-`).\n\n\
         *Temporary* says whether the same request can succeed later without a change to the request, the function or the account,\n\
         and why. AWS does not publish this: it is the judgment of this crate, which [`is_temporary`](crate::ServiceError::is_temporary) returns.\n\n\
         For any other error use [`Reply::unmodeled_error`](crate::Reply::unmodeled_error).\n",
    );
    let modeled = |error: &&ServiceError| error.modeled();
    section(
        &mut page,
        "In the service model",
        ServiceError::ALL
            .iter()
            .copied()
            .filter(|error| modeled(&error)),
    );
    section(
        &mut page,
        "Not in the service model",
        ServiceError::ALL
            .iter()
            .copied()
            .filter(|error| !modeled(&error)),
    );
    page
}

fn section(page: &mut String, title: &str, errors: impl Iterator<Item = ServiceError>) {
    writeln!(page, "\n## {title}\n").unwrap();
    writeln!(
        page,
        "| `x-amzn-ErrorType` | status | member with the text | `Type` | retried | temporary \
         | in the API reference | evidence | year | source of the text |"
    )
    .unwrap();
    writeln!(page, "|---|--:|---|---|---|---|---|---|--:|---|").unwrap();
    for error in errors {
        let evidence = match error.evidence() {
            Evidence::Observed => "Observed",
            Evidence::Documented => "Documented",
            Evidence::ModelOnly => "ModelOnly",
            other => panic!("{other:?} has no name here"),
        };
        let fact = fact_of(error);
        let or_dash = |is_so: bool| if is_so { "yes" } else { "-" };
        writeln!(
            page,
            "| `{}` | {} | `{}` | {} | {} | {}: {} | {} | {evidence} | {} | {} |",
            error.code(),
            error.status(),
            error.message_member(),
            type_of(error),
            or_dash(error.sdk_retries()),
            if error.is_temporary() { "yes" } else { "no" },
            error.lasting_reason(),
            or_dash(error.documented()),
            fact["year"]
                .as_u64()
                .map_or("-".to_owned(), |year| year.to_string()),
            fact["source"].as_str().unwrap().replace('|', "/"),
        )
        .unwrap();
    }
}

/// The value of the member `Type`, and whether it is only inferred.
fn type_of(error: ServiceError) -> String {
    let Some(value) = error.type_value() else {
        return "-".to_owned();
    };
    let value = value.unwrap_or("`null`");
    match error.type_evidence() {
        Some(Evidence::Observed) => value.to_owned(),
        _ => format!("{value} (inferred)"),
    }
}

/// The fact about an error, with the year and the source of its default text.
fn fact_of(error: ServiceError) -> serde_json::Value {
    let facts: serde_json::Value =
        serde_json::from_str(include_str!("../../fixtures/aws/service_errors.json")).unwrap();
    let mut facts = facts["errors"].as_array().unwrap().iter();
    facts
        .find(|fact| fact["name"] == error.code())
        .unwrap()
        .clone()
}

#[test]
fn the_readme_shows_the_text_of_a_failed_test_as_it_is() {
    let dropped = caught(|| {
        let lambda = FakeLambda::start();
        lambda.on("resize").reply(json!({"ok": true}));
        raw::invoke(&lambda, "resise", &[], r#"{"id":7}"#);
    });
    let mut blocks = README.split("```text\n").skip(1);
    let block = blocks.find(|block| block.contains("tests/images.rs"));
    let (shown, _) = block.unwrap().split_once("```").unwrap();
    let shown = without_lines(shown.trim_end()).replace("tests/images.rs", file!());
    assert_eq!(shown, dropped.text);
}

#[test]
fn the_readme_has_at_most_180_lines_and_no_broken_links() {
    assert!(README.lines().count() <= 180);
    let definitions = README
        .lines()
        .filter_map(|line| line.strip_prefix('[')?.split_once("]: "));
    let inline = README.split("](").skip(1).map(|rest| rest.split_once(')'));
    let targets = definitions
        .map(|(_, target)| target)
        .chain(inline.map(|link| link.expect("a link ends").0));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let missing: Vec<_> = targets
        .filter(|target| !root.join(target).is_file())
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
