//! Compares the durations of operations with those of another run.

use std::collections::HashMap;

use maud::{Markup, html};

use crate::pages::format;
use crate::pages::frame::{Frame, run_title};
use crate::pages::performance::query::PerformanceQuery;
use crate::store::{Statistics, Timings};

/// The 95th percentile of each operation in the run that is compared with.
pub(super) type Others = HashMap<String, i64>;

pub(super) fn others(timings: &Timings) -> Others {
    let named = timings.by_name().into_iter();
    named.filter_map(|(name, statistics)| Some((name.to_owned(), statistics.p95()?))).collect()
}

/// The cell that shows how the 95th percentile differs from the other run.
pub(super) fn difference(name: &str, statistics: &Statistics, others: &Others) -> Markup {
    html! {
        @match (statistics.p95(), others.get(name)) {
            (Some(_), None) => td.number { "new" }
            (Some(now), Some(before)) => {
                @let (sign, class) = if now > *before { ("+", "failed") } else { ("−", "ok") };
                td.number.(if is_notable(now, *before) { class } else { "soft" }) {
                    (sign) (format::duration((now - before).abs()))
                    @if *before > 0 { " (" (sign) (format::percent((now - before).abs() as f64 / *before as f64)) ")" }
                }
            }
            (None, _) => td.number { "–" }
        }
    }
}

/// Whether a difference is more than a tenth.
fn is_notable(now: i64, before: i64) -> bool {
    (now - before).abs().saturating_mul(10) > before
}

/// A form that chooses the run to compare with.
pub(super) fn form(frame: &Frame, query: &PerformanceQuery) -> Markup {
    let runs: Vec<_> = frame.other_runs().collect();
    html! {
        @if !runs.is_empty() {
            form.compare action="/performance" method="get" {
                @for (name, value) in frame.scope().pairs() { input type="hidden" name=(name) value=(value); }
                @if !query.of.is_empty() { input type="hidden" name="of" value=(query.of); }
                label {
                    "Compare with "
                    select name="with" {
                        option value="" { "no other run" }
                        @for run in runs {
                            @let value = run.id.to_string();
                            option value=(value) selected[value == query.with] { (run_title(run)) }
                        }
                    }
                }
                button { "Compare" }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn difference_is_absolute_and_relative() {
        let others = Others::from([("a".to_owned(), 1000)]);
        let cell = |name: &str, p95: i64| {
            let statistics = Statistics::new([(Some(p95), false, 1.0)]);
            difference(name, &statistics, &others).into_string()
        };
        assert_eq!(cell("a", 1500), "<td class=\"number failed\">+500 µs (+50 %)</td>");
        assert_eq!(cell("a", 500), "<td class=\"number ok\">−500 µs (−50 %)</td>");
        assert_eq!(cell("a", 1050), "<td class=\"number soft\">+50 µs (+5.0 %)</td>");
        assert_eq!(cell("b", 1), "<td class=\"number\">new</td>");
    }
}
