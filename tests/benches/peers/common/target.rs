//! What this project's cost must not exceed.

use crate::markdown::{Table, number};

/// A limit, and what was measured.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) what: String,
    pub(crate) limit: f64,
    pub(crate) measured: Option<f64>,
}

impl Target {
    pub(crate) fn new(what: impl Into<String>, limit: f64, measured: Option<f64>) -> Self {
        Self { what: what.into(), limit, measured }
    }

    pub(crate) fn table(heading: &str, targets: &[Self]) -> Table {
        let method = "Computed from this run. Times are those of the request's thread, as a share of the best peer's; \
                      counts are above bare.";
        let mut table = Table::new(heading, method, &["what", "at most", "measured", ""]);
        for target in targets {
            let met = target.measured.map_or("-", |measured| if measured <= target.limit { "met" } else { "not met" });
            let numbers = [number(Some(target.limit)), number(target.measured)];
            table.row(std::iter::once(target.what.clone()).chain(numbers).chain([met.to_owned()]));
        }
        table
    }
}
