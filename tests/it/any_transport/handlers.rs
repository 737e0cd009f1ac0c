//! Typed handlers: events and answers, the context of a run, errors, and timeouts.

mod contexts;
mod impossible;
mod sdk;
pub(crate) mod timeouts;
mod typed;
pub(crate) mod unread;

use fake_lambda::Handle;
use serde::{Deserialize, Serialize};

use crate::raw::{self, Reply};

const EVENT: &str = "X-Amz-Invocation-Type: Event";
const TAIL: &str = "X-Amz-Log-Type: Tail";

#[derive(Debug, Deserialize)]
pub(crate) struct Order {
    id: u64,
    #[serde(default)]
    items: Vec<Item>,
}

#[derive(Debug, Deserialize)]
struct Item {
    cents: u64,
}

/// A value whose fields are not in the order of their names.
#[derive(Debug, Serialize)]
pub(crate) struct Receipt {
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
pub(crate) fn pay(lambda: &Handle, event: &str) -> Reply {
    raw::invoke(lambda, "pay", &[], event)
}
