//! What stands between the box and the rows: hints, the total, and what an empty result means.

use maud::{Markup, html};

use crate::pages::format;
use crate::pages::search::address::Links;
use crate::search::{Clause, Field, Query};
use crate::store::SearchPage;

/// The terms that do not apply, each with its place and what is expected.
pub(super) fn hints(query: &Query) -> Markup {
    html! {
        @if !query.hints.is_empty() {
            div.hints #hints role="alert" {
                @for hint in &query.hints {
                    p.warn {
                        "⚠ Not applied: " code { (hint.word) } " at character " (hint.column) ": " (with_code(&hint.message)) "."
                    }
                }
            }
        }
    }
}

/// A message whose parts between backticks are code.
fn with_code(message: &str) -> Markup {
    html! {
        @for (at, part) in message.split('`').enumerate() { @if at % 2 == 1 { code { (part) } } @else { (part) } }
    }
}

pub(super) fn total(page: &SearchPage) -> Markup {
    let (items, weight) = (page.total.items as f64, page.total.weight);
    let noun = if page.total.items == 1 { "item" } else { "items" };
    html! {
        span.total {
            (format::count(items)) " " (noun)
            @if weight - items >= 0.5 { ", " (format::count(weight)) " before sampling" }
        }
    }
}

/// How an empty result came about.
pub(super) fn nothing(links: &Links<'_>, query: &Query) -> Markup {
    let is_property = |clause: &Clause| matches!(clause, Clause::Field(Field::Property(_), _));
    html! {
        div.card {
            p { "No item in this scope matches." }
            @for term in query.terms.iter().filter(|term| term.clauses.iter().any(is_property)) {
                p {
                    code { (term.text) }
                    " selects by a custom property. To search for the text itself, put it in quotation marks."
                }
            }
            @if !links.q.is_empty() { p { a href=(links.search("")) { "Show all items" } } }
        }
    }
}

/// The language in short.
pub(super) fn language() -> Markup {
    const EXAMPLES: [(&str, &str); 11] = [
        ("oak \"out of stock\"", "both texts, each in any value of an item"),
        ("status:500  status:4xx,5xx  status:>=400", "result codes; a comma means or"),
        ("op:\"GET /x\"  name:*checkout*", "operation, name; * stands for any characters"),
        ("dur:>200ms  dur:200ms..1s", "duration (µs, ms, s, m, h)"),
        ("kind:exception,trace", "kinds"),
        ("role:shop  user:7  target:db  type:SQL  sdk:rust*", "role, user, target and type of a call, SDK"),
        ("severity:>=warning", "severity of traces and exceptions"),
        ("is:failed  success:no", "failures with exceptions; failed requests, calls and tests"),
        ("trace:4bf9…  id:00f0…  parent:00f0…", "trace id, span id, parent"),
        ("tenant:acme  basket:>3  has:tenant", "custom properties; a key in quotation marks always is one"),
        ("-path  -role:shop", "without"),
    ];
    html! {
        details.language {
            summary { "What can be searched" }
            dl { @for (example, meaning) in EXAMPLES { dt { code { (example) } } dd { (meaning) } } }
        }
    }
}
