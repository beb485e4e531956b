//! The counters of a process, read from its report.

use serde_json::Value;

/// The counters of one process.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Counters {
    pub(crate) accepted: u64,
    pub(crate) recovered: u64,
    pub(crate) delivered: u64,
    pub(crate) dropped: u64,
    /// Those among the dropped for which the folder had no room.
    pub(crate) store_full: u64,
    pub(crate) stored: u64,
    pub(crate) queued: u64,
    /// Refused because the queue was full. Those that come after a shutdown are not among them.
    pub(crate) refused: u64,
}

impl Counters {
    /// Reads the JSON of `Stats`. A counter that it does not have is 0.
    pub(crate) fn parse(json: &str) -> Self {
        let value: Value = serde_json::from_str(json).expect("JSON");
        let sum = |value: &Value| -> u64 {
            value.as_object().map(|map| map.values().filter_map(Value::as_u64).sum()).unwrap_or_default()
        };
        let number = |name: &str| value[name].as_u64().unwrap_or_default();
        Self {
            accepted: number("accepted"),
            recovered: number("recovered"),
            delivered: number("delivered"),
            dropped: sum(&value["dropped"]),
            store_full: value["dropped"]["store_full"].as_u64().unwrap_or_default(),
            stored: number("stored"),
            queued: number("queued"),
            refused: value["refused"]["full"].as_u64().unwrap_or_default(),
        }
    }

    /// Whether every item is accounted for.
    pub(crate) fn balance(&self) -> bool {
        self.accepted + self.recovered == self.delivered + self.dropped + self.stored + self.queued
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_balance_only_if_every_item_is_accounted_for() {
        let json =
            r#"{"accepted":7,"recovered":3,"delivered":4,"dropped":{"quota":1},"stored":5,"refused":{"full":2}}"#;
        let counters = Counters::parse(json);
        assert!(counters.balance() && counters.refused == 2, "{counters:?}");
        assert!(!Counters { stored: 4, ..counters }.balance());
    }
}
