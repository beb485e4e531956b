//! What the parts of a transaction's page show.

use crate::pages::format;
use crate::pages::transaction::address::Links;
use crate::pages::transaction::roles::Roles;
use crate::pages::transaction::rows::{Row, Trace};
use crate::pages::transaction::timeline::Interval;

/// A transaction in the state that the address names.
pub(super) struct View<'a> {
    pub(super) trace: &'a Trace,
    pub(super) roles: &'a Roles<'a>,
    pub(super) links: Links<'a>,
    /// All rows, of which the page shows a window.
    pub(super) rows: &'a [Row],
    /// The number of the window's first row.
    pub(super) at: usize,
    /// The time axis.
    pub(super) axis: Interval,
    /// The key of the selected row.
    pub(super) selected: Option<i64>,
}

/// Formats the distance of a time from the start, such as `+1.20 ms`.
pub(super) fn offset(micros: i64) -> String {
    let sign = if micros < 0 { "−" } else { "+" };
    format!("{sign}{}", format::duration(micros.saturating_abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_have_a_sign() {
        assert_eq!([0, 1200, -1200].map(offset), ["+0 µs", "+1.20 ms", "−1.20 ms"]);
    }
}
