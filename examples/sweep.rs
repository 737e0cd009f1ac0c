//! A careless client in every failure mode: the report as text, and as a page to open in a browser.

use aws_sdk_lambda::Client;
use fake_lambda::{FakeLambda, sdk_client};
use serde_json::{Value, json};

/// The payload of a reply, even if the function failed.
async fn invoke(client: &Client, function: &str, payload: Value) -> Result<Value, String> {
    let payload = payload.to_string().into_bytes().into();
    let sent = client.invoke().function_name(function).payload(payload);
    let output = sent.send().await.map_err(|error| error.to_string())?;
    let payload = output.payload().expect("a reply has a payload").as_ref();
    Ok(serde_json::from_slice(payload).expect("a payload is JSON"))
}

async fn order(client: &Client, id: u64) -> Result<String, String> {
    let price = invoke(client, "price", json!({"order": id})).await?;
    let amount = price["amount"].as_u64().unwrap_or(0);
    let paid = invoke(client, "pay", json!({"order": id, "amount": amount})).await?;
    Ok(format!("paid {amount}, receipt {}", paid["receipt"]))
}

fn main() -> std::io::Result<()> {
    let report = fake_lambda::sweep(
        |lambda: &FakeLambda| {
            lambda.on("price").reply(json!({"amount": 42}));
            lambda.on("pay").reply(json!({"receipt": 1001}));
        },
        async |lambda: &FakeLambda| order(&sdk_client!(aws_sdk_lambda, lambda), 7).await,
    )
    .run();

    println!("{report}");
    let page = "target/fake-lambda/sweep.html";
    report.write_html(page)?;
    println!("\nthe same as a page, with the journal of each cell: {page}");
    Ok(())
}
