//! The columns of tables that show how often something ran, failed, and how long it took.

use maud::{Markup, html};

use crate::pages::format;
use crate::pages::table::Column::{self, Number};
use crate::store::Statistics;

/// The columns that [`cells`] fills.
pub(super) const COLUMNS: [Column; 2] = [Number("Failed"), Number("95th percentile")];

pub(super) fn cells(statistics: &Statistics) -> Markup {
    let failed = statistics.failed > 0.0;
    html! {
        td.number.failed[failed] {
            (format::count(statistics.failed))
            @if failed { " (" (format::percent(statistics.failed_share())) ")" }
        }
        td.number { (format::optional_duration(statistics.p95())) }
    }
}
