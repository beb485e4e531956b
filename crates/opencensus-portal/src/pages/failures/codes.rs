//! The result codes of the failures, as a bar of shares and a list.

use maud::{Markup, html};

use crate::pages::failures::query::FailuresQuery;
use crate::pages::format;
use crate::pages::scope::Scope;

/// The most codes that are listed.
const MAX_CODES: usize = 12;
const WIDTH: f64 = 100.0;

pub(super) fn codes(codes: &[(String, f64)], query: &FailuresQuery, scope: &Scope) -> Markup {
    let all: f64 = codes.iter().map(|(_, count)| count).sum();
    let largest = codes.first().map_or(f64::MIN_POSITIVE, |(_, count)| *count);
    html! {
        table.codes {
            caption { "Result codes" }
            tbody {
                @for (code, count) in codes.iter().take(MAX_CODES) {
                    @let selected = query.code.as_deref() == Some(code);
                    @let chosen = if selected { None } else { Some(code.clone()) };
                    tr aria-selected=[selected.then_some("true")] {
                        td {
                            a href=(FailuresQuery { code: chosen, ..query.clone() }.link(scope)) {
                                @if code.is_empty() { "(none)" } @else { (code) }
                            }
                        }
                        td.number { (format::count(*count)) }
                        td.number { (format::percent(count / all)) }
                        td.share {
                            svg.share aria-hidden="true" viewBox=(format!("0 0 {WIDTH} 8")) preserveAspectRatio="none" {
                                rect x="0" y="0" height="8" width=(format!("{:.1}", count / largest * WIDTH)) {}
                            }
                        }
                    }
                }
            }
        }
        @if codes.len() > MAX_CODES { p.soft { "and " (codes.len() - MAX_CODES) " more" } }
    }
}
