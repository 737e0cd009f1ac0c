//! The line at which the fake panics, and the rule that the message names.

use fake_lambda::{Fault, Gate, Reply};
use insta::assert_snapshot;
use rstest::rstest;
use serde_json::json;

use super::mounted;
use crate::any_transport::verification::places::{Written, here, places_of};

#[rstest]
#[case::pause(here(|l| drop(l.pause())))]
#[case::outage(here(|l| drop(l.outage())))]
#[case::reply(here(|l| drop(l.on("f").reply(Fault::Reset))))]
#[case::then(here(|l| drop(l.on("f").reply(json!(1)).then(Fault::Reset))))]
#[tokio::test]
async fn features_that_need_the_fakes_own_server_panic_at_the_line_of_the_test(
    #[case] written: Written,
) {
    let (_server, lambda) = mounted().await;
    written.panics_there(&lambda);
    lambda.assert_calls(0);
}

#[tokio::test]
async fn a_refusal_of_a_mounted_fake_names_its_line_and_its_rule() {
    let (_server, lambda) = mounted().await;
    let text = places_of(|places| {
        lambda.on("mail").reply(json!(1));
        let held = Reply::json(json!(1)).hold(&Gate::new());
        places.next("rule", "on(");
        let rule = lambda.on("pay");
        places.next("reply", "reply(");
        rule.reply(held);
    });
    lambda.assert_calls(0);
    assert_snapshot!(text, @r"
    panicked at <reply>
      rule: `pay`, scripted at <rule>
    ");
}
