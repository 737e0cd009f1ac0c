//! The journal with what became of the events in it.

use rustc_hash::FxHashMap;

use crate::behavior::events::{Delivery, Origin};
use crate::record::journal::Call;

impl Call {
    /// Puts each delivery below the attempt it came with, itself or as the record of another.
    pub(crate) fn attach_deliveries(calls: &mut [Call], deliveries: Vec<Delivery>) {
        if deliveries.is_empty() {
            return;
        }
        let mut origins: FxHashMap<u64, (u64, usize)> = FxHashMap::default();
        let mut by_attempt: FxHashMap<(u64, usize), Vec<Delivery>> = FxHashMap::default();
        for delivery in deliveries {
            let origin = match delivery.inner().origin {
                Origin::Call { call, attempt } => Some((call, attempt)),
                Origin::Delivery(number) => origins.get(&number).copied(),
            };
            // Of a chain whose beginning is no longer kept, the journal keeps nothing.
            if let Some(origin) = origin {
                origins.insert(delivery.number(), origin);
                by_attempt.entry(origin).or_default().push(delivery);
            }
        }
        for call in calls {
            for (index, attempt) in call.attempts.iter_mut().enumerate() {
                let found = by_attempt.remove(&(call.number, index));
                attempt.deliveries = found.unwrap_or_default();
            }
        }
    }
}
