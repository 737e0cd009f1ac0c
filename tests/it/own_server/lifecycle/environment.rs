//! The effect of a process's environment on its clients, with a real SDK in its own process.

use fake_lambda::{FakeLambda, sdk_client};
use rstest::rstest;
use serde_json::json;

use super::alone::{Ended, next_line, role, run, this_test};

/// The test starts a process in a foreign environment, and this process starts the service under
/// test.
#[test]
fn a_child_process_finds_the_fake_in_any_environment() {
    match role().as_deref() {
        None => run(this_test!(), "test", |test| {
            test.env("HTTP_PROXY", "http://127.0.0.1:1")
                .env("http_proxy", "http://127.0.0.1:1")
                .env("AWS_PROFILE", "production")
                .env("AWS_SESSION_TOKEN", "token-of-the-parent")
                .env("AWS_ENDPOINT_URL", "http://127.0.0.1:2")
                .env("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
                .env_remove("NO_PROXY")
                .env_remove("no_proxy");
        })
        .succeeded(),
        Some("test") => {
            let lambda = FakeLambda::builder().region("eu-west-1").start();
            lambda.on("f").reply(json!({"reached": true}));
            run(this_test!(), "service", |service| {
                service.envs(lambda.env()).env_remove("AWS_PROFILE");
            })
            .succeeded();
            let call = lambda.only_call();
            let invocation = call.first();
            assert_eq!(invocation.signing_region(), Some("eu-west-1"));
            assert_eq!(invocation.access_key_id(), Some("AKIAFAKELAMBDA000000"));
            assert_eq!(invocation.header("x-amz-security-token"), None);
        }
        Some(_) => current_thread(async {
            let config = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
            let client = aws_sdk_lambda::Client::new(&config);
            let reply = client.invoke().function_name("f").send().await.unwrap();
            assert_eq!(reply.payload().unwrap().as_ref(), br#"{"reached":true}"#);
        }),
    }
}

#[rstest]
#[case::upper_case("HTTP_PROXY", "")]
#[case::lower_case("http_proxy", "")]
#[case::no_proxy_for_others("HTTP_PROXY", "10.0.0.0/8,localhost")]
fn sdk_client_panics_if_a_proxy_would_get_the_requests(
    #[case] variable: &str,
    #[case] direct: &str,
) {
    let ended = under_proxy(variable, direct);
    ended.panicked_at_the_marked_line();
    let text = format!(
        "`{variable}` is `http://127.0.0.1:1`, so the SDK sends the fake's requests to a proxy"
    );
    assert!(ended.stderr.contains(&text), "{ended}");
}

#[rstest]
#[case::address("127.0.0.1")]
#[case::among_others("10.0.0.0/8, 127.0.0.1")]
#[case::network("127.0.0.0/8")]
fn sdk_client_reaches_the_fake_if_the_proxy_excludes_loopback(#[case] direct: &str) {
    under_proxy("HTTP_PROXY", direct).succeeded();
}

fn under_proxy(variable: &str, direct: &str) -> Ended {
    run(
        "own_server::lifecycle::environment::sdk_client_reaches_the_fake",
        "proxied",
        |child| {
            for name in ["HTTP_PROXY", "http_proxy", "no_proxy"] {
                child.env_remove(name);
            }
            child
                .env(variable, "http://127.0.0.1:1")
                .env("NO_PROXY", direct);
        },
    )
}

/// The tests above run this one in a child, each time with other settings of a proxy.
#[test]
fn sdk_client_reaches_the_fake() {
    current_thread(async {
        let lambda = FakeLambda::start();
        lambda.on("f").reply(json!(1));
        next_line!();
        let client = sdk_client!(aws_sdk_lambda, lambda);
        client.invoke().function_name("f").send().await.unwrap();
        lambda.assert_attempts(1);
    });
}

fn current_thread(work: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(work);
}
