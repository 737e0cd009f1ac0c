//! Functions that are real: typed events and answers, what they are told of their run, how they fail, and how long they may take.

mod contexts;
mod sdk;
mod timeouts;
mod typed;
mod unread;

use serde::{Deserialize, Serialize};

use crate::raw::{self, Reply};
use crate::transport::FakeLambda;

const EVENT: &str = "X-Amz-Invocation-Type: Event";
const TAIL: &str = "X-Amz-Log-Type: Tail";

#[derive(Debug, Deserialize)]
struct Order {
    id: u64,
    #[serde(default)]
    items: Vec<Item>,
}

#[derive(Debug, Deserialize)]
struct Item {
    cents: u64,
}

/// Its fields are not in the order of their names.
#[derive(Debug, Serialize)]
struct Receipt {
    order: u64,
    cents: u64,
}

impl Order {
    fn receipt(&self) -> Receipt {
        Receipt {
            order: self.id,
            cents: self.items.iter().map(|item| item.cents).sum(),
        }
    }
}

/// The reply of the function `pay`.
fn pay(lambda: &FakeLambda, event: &str) -> Reply {
    raw::invoke(lambda, "pay", &[], event)
}
