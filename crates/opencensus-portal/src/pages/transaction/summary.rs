//! The head of a transaction's page: result, duration, roles, and what is missing or odd.

use maud::{Markup, html};

use crate::pages::format;
use crate::pages::link;
use crate::pages::transaction::linked;
use crate::pages::transaction::rows::Trace;
use crate::pages::transaction::timeline::Interval;
use crate::pages::transaction::view::View;
use crate::store::Outline;
use crate::transaction::MAX_ITEMS;
use crate::tree::is_span;

/// The most transactions that are linked.
const MAX_LINKED: usize = 20;

/// The span that the transaction begins with: the first without a parent, or else the first below one that was not received.
pub(super) fn first_span(trace: &Trace) -> Option<&Outline> {
    let span = |node: &usize| trace.item(*node).filter(|item| is_span(item.kind));
    let tops = trace.tree.tops();
    let below = || tops.iter().flat_map(|top| trace.tree.children(*top)).find_map(span);
    tops.iter().find_map(span).or_else(below).or(trace.items.first())
}

/// The name of the operation.
pub(super) fn title(trace: &Trace) -> String {
    let Some(first) = first_span(trace) else { return "Transaction".to_owned() };
    let names = [first.operation_name.as_deref(), Some(first.name.as_str())];
    names.into_iter().flatten().find(|name| !name.trim().is_empty()).unwrap_or("Transaction").to_owned()
}

/// `elsewhere`: the number of the transaction's items in other runs.
pub(super) fn summary(view: &View<'_>, elsewhere: u64) -> Markup {
    html! {
        p.trace-id {
            "Trace " code #trace-id { (view.links.operation_id) }
            " " button type="button" data-copy-of="trace-id" hidden { "Copy" }
            " " a href={ "/api/v1" (link::transaction(view.links.operation_id)) } { "JSON" }
            " " a href={ (link::transaction(view.links.operation_id)) "/envelopes" } download { "Download envelopes" }
        }
        div data-live="summary" {
            (facts(view))
            (notes(view, elsewhere))
            (linked_transactions(view))
        }
    }
}

fn facts(view: &View<'_>) -> Markup {
    let items = &view.trace.items;
    let spans = items.iter().filter(|item| is_span(item.kind)).map(|item| Interval::new(item.time, item.end()));
    let total = Interval::hull(spans).map_or(0, Interval::length);
    let failed = items.iter().filter(|item| item.is_failed()).count();
    let (first, start) = (first_span(view.trace), items.first().map_or(0, |item| item.time));
    html! {
        dl.facts {
            div { dt { "Result" } dd { (result(first)) } }
            div { dt { "Duration" } dd { (format::duration(total)) } }
            div { dt { "Start (UTC)" } dd { (format::date(start)[..10]) " " (format::clock(start)) } }
            div { dt { "Items" } dd { (items.len()) } }
            div { dt { "Failures" } dd { @if failed > 0 { span.failed { "✗ " (failed) } } @else { "0" } } }
            div {
                dt { "Roles" }
                dd {
                    @for role in view.roles.names() {
                        span.role { span class={ "swatch " (view.roles.class(Some(role))) } aria-hidden="true" {} (role) }
                        " "
                    }
                    @if view.roles.names().is_empty() { span.soft { "none" } }
                }
            }
        }
    }
}

fn result(first: Option<&Outline>) -> Markup {
    let code = first.and_then(|item| item.code.as_deref()).unwrap_or_default();
    html! {
        @match first.and_then(|item| item.success) {
            Some(true) => span.ok { "✓ " (code) },
            Some(false) => span.failed { "✗ " (code) " failed" },
            None => span.soft { "unknown" },
        }
    }
}

fn notes(view: &View<'_>, elsewhere: u64) -> Markup {
    let trace = view.trace;
    let nodes = || 0..trace.items.len();
    let leads: Vec<_> = nodes().filter_map(|node| trace.lead(node)).collect();
    let doubles = nodes().filter(|node| trace.tree.is_double(*node)).count();
    let weight = trace.items.iter().map(|item| item.weight).fold(1.0, f64::max);
    html! {
        ul.notes {
            @if weight > 1.0 {
                li { "Sampled: an item stands for up to " (format::count(weight)) " items. Durations are those of the items that were kept." }
            }
            @if trace.tree.missing_parents() > 0 {
                li.warn {
                    (count(trace.tree.missing_parents(), "parent")) " not received: sampled out, not instrumented, or still on "
                    "the way."
                }
            }
            @if let Some(lead) = leads.iter().max() {
                li.warn {
                    (count(leads.len(), "span")) " with a start before that of the parent, by up to " (format::duration(*lead))
                    ": the clocks of their hosts differ, or the parent was recorded late."
                }
            }
            @if doubles > 0 { li.warn { (count(doubles, "span")) " received twice." } }
            @if trace.items.len() >= MAX_ITEMS { li.warn { "Only the newest " (MAX_ITEMS) " items are shown." } }
            @if elsewhere > 0 {
                li { "It has " a href=(other_runs(view)) { (count(elsewhere as usize, "item")) " in other runs" } ", too." }
            }
        }
    }
}

fn other_runs(view: &View<'_>) -> String {
    let mut scope = view.links.scope.clone();
    scope.run = "all".to_owned();
    scope.link(&link::transaction(view.links.operation_id), [])
}

fn count(count: usize, name: &str) -> String {
    if count == 1 { format!("1 {name}") } else { format!("{count} {name}s") }
}

/// The other transactions that spans are linked to.
fn linked_transactions(view: &View<'_>) -> Markup {
    let lists = view.trace.items.iter().filter_map(|item| item.links.as_deref());
    let mut others: Vec<String> = Vec::new();
    for link in lists.flat_map(linked::links) {
        if link.operation_id != view.links.operation_id
            && !others.contains(&link.operation_id)
            && others.len() < MAX_LINKED
        {
            others.push(link.operation_id);
        }
    }
    html! {
        @if !others.is_empty() {
            p {
                "Linked transactions: "
                @for other in &others { a href=(view.links.scope.link(&link::transaction(other), [])) { code { (other) } } " " }
            }
        }
    }
}
