//! The real SDK as a witness: what it sends reaches the rules and the journal as intended.

mod attempts;
mod calls;
mod configuration;
mod names;

use aws_sdk_lambda::operation::invoke::InvokeOutput;
use serde_json::Value;

fn payload_of(output: &InvokeOutput) -> Value {
    serde_json::from_slice(output.payload().expect("a function ran").as_ref()).unwrap()
}
