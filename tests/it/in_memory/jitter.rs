//! The waits that the SDK draws are the same in every run.

use std::time::Duration;

use fake_lambda::{FakeLambda, ServiceError, sdk_client};

/// The waits of each of four calls: two to `f` and two to `g`.
async fn waits(seed: u64, at_once: bool) -> Vec<Vec<Duration>> {
    let lambda = FakeLambda::builder().seed(seed).in_memory();
    lambda.on_any().reply(ServiceError::ServiceException);
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let send = |name: &str| tokio::spawn(client.invoke().function_name(name).send());
    let names = ["f", "g", "f", "g"];
    if at_once {
        let calls = names.map(send);
        for call in calls {
            call.await.unwrap().unwrap_err();
        }
    } else {
        for name in names {
            send(name).await.unwrap().unwrap_err();
        }
    }
    lambda.calls().iter().map(|call| call.waits()).collect()
}

#[tokio::test(start_paused = true)]
async fn waits_depend_on_the_seed_the_function_and_the_number_of_the_attempt() {
    let first = waits(7, false).await;
    // Another seed of this thread's random generator changes nothing.
    fastrand::seed(99);
    assert_eq!(waits(7, false).await, first);
    assert_ne!(waits(8, false).await, first);
    for (index, one) in first.iter().enumerate() {
        assert_eq!(one.len(), 2);
        assert!(!first[..index].contains(one), "{first:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn calls_that_overlap_have_the_same_waits_in_every_run() {
    let first = waits(7, true).await;
    fastrand::seed(99);
    assert_eq!(waits(7, true).await, first);
}
