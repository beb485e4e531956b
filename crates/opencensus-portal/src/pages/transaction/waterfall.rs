//! The waterfall: a row per item, indented by its level, with a bar on the time axis.

use maud::{Markup, html};

use crate::pages::format;
use crate::pages::transaction::bar::bar;
use crate::pages::transaction::highlight::highlight;
use crate::pages::transaction::kind_label::{kind_label, severity_label};
use crate::pages::transaction::rows::{MAX_ROWS, Row};
use crate::pages::transaction::view::{View, offset};
use crate::store::Outline;
use crate::tree::is_span;

/// The deepest level that is indented. Deeper ones show their number.
const MAX_INDENT: usize = 12;

pub(super) fn waterfall(view: &View<'_>) -> Markup {
    let end = (view.at + MAX_ROWS).min(view.rows.len());
    html! {
        div.scroll role="region" aria-label="Waterfall" tabindex="0" {
            table.waterfall role="treegrid" aria-label="Items of the transaction" aria-rowcount=(view.rows.len() + 1) {
                thead {
                    tr aria-rowindex="1" {
                        th scope="col" { "Item" }
                        th scope="col" { "Result" }
                        th.number scope="col" { "Duration" }
                        th scope="col" {
                            div.axis data-live="axis" {
                                span.hidden-label { "Timeline" }
                                @for mark in view.axis.marks() { span { (format::duration(mark)) } }
                            }
                        }
                    }
                }
                tbody data-live="rows" {
                    @for (number, row) in (view.at..end).zip(&view.rows[view.at..end]) { (table_row(view, number, row)) }
                }
            }
        }
        p.soft data-live="nothing" {
            @if view.rows.is_empty() { "No row fits this filter." }
        }
        (windows(view, end))
        p.soft.legend {
            "A bar is pale while a child runs. Lines on it: whole height, an exception; lower half, a log record; upper half, "
            "another item."
        }
        p.soft.legend data-script hidden {
            "Arrows or " kbd { "h" } " " kbd { "j" } " " kbd { "k" } " " kbd { "l" } " move, " kbd { "Enter" } " selects, "
            kbd { "e" } " and " kbd { "E" } " go to the next and the previous failure."
        }
    }
}

fn table_row(view: &View<'_>, number: usize, row: &Row) -> Markup {
    let is_selected = view.selected == Some(row.key);
    let class = if row.is_context { "context" } else { "" };
    html! {
        tr class=(class) aria-rowindex=(number + 2) aria-level=(row.level + 1) aria-selected=(is_selected)
            aria-expanded=[row.is_open] data-key=(row.key) data-failed[view.trace.is_failed(row.node)] {
            td {
                div class={ "entry level" (row.level.min(MAX_INDENT)) } {
                    (toggle(view, row))
                    div {
                        @match view.trace.item(row.node) {
                            Some(item) => {
                                (name(view, row, &item.name, is_selected))
                                (about(view, row, item))
                            }
                            None => {
                                (name(view, row, "parent not received", is_selected))
                                div.about.warn { "sampled out, not instrumented, or still on its way" }
                            }
                        }
                    }
                }
            }
            @match view.trace.item(row.node) {
                Some(item) => { (result(item)) (durations(view, row, item)) },
                None => { td {} td {} },
            }
            td.chart { (bar(view, row)) }
        }
    }
}

fn toggle(view: &View<'_>, row: &Row) -> Markup {
    let Some(is_open) = row.is_open else { return html! { span.toggle {} } };
    let link = view.links.with(|address| {
        if is_open {
            address.collapsed.insert(row.key);
        } else {
            address.collapsed.remove(&row.key);
        }
        address.at = Some(view.at).filter(|at| *at > 0);
    });
    let (mark, label) = if is_open { ("▾", "Hide what is below") } else { ("▸", "Show what is below") };
    html! {
        a.toggle href={ (link) "#row" (row.key) } aria-label=(label) { (mark) }
    }
}

fn name(view: &View<'_>, row: &Row, name: &str, is_selected: bool) -> Markup {
    let name = format::name(name);
    html! {
        a.row id={ "row" (row.key) } href=(view.links.select(row.key)) aria-current=[is_selected.then_some("true")] {
            (highlight(name, &view.links.address.find))
        }
    }
}

/// The role and the kind, and what is wrong with the place of the item.
fn about(view: &View<'_>, row: &Row, item: &Outline) -> Markup {
    let severity = item.severity.and_then(severity_label);
    html! {
        div.about {
            @if row.level > MAX_INDENT { "level " (row.level + 1) " · " }
            @if let Some(role) = item.role.as_deref().filter(|role| !role.is_empty()) {
                span class={ "swatch " (view.roles.class(Some(role))) } aria-hidden="true" {}
                (role) " · "
            }
            (kind_label(item.kind))
            @if let Some(severity) = severity { " · " (severity) }
            @if item.links.is_some() { " · links" }
            @if item.time > view.axis.end { " · ⇥ after the last span" }
            @if !is_span(item.kind) && item.time < view.axis.start { " · ⇤ before the first span" }
            @if let Some(lead) = view.trace.lead(row.node) {
                span.warn { " · ⇤ begins " (format::duration(lead)) " before its parent" }
            }
            @if view.trace.tree.is_double(row.node) { span.warn { " · received twice" } }
            @if view.trace.tree.is_loop(row.node) { span.warn { " · its parents form a loop" } }
        }
    }
}

fn result(item: &Outline) -> Markup {
    let code = item.code.as_deref().unwrap_or_default();
    html! {
        td.result {
            @match (item.is_failed(), item.success) {
                (true, _) => span.failed { "✗ " (code) span.hidden-label { " failed" } },
                (false, Some(true)) => span.ok { "✓ " (code) },
                (false, _) => (code),
            }
        }
    }
}

/// The duration and the time without children; the offset of what has no duration.
fn durations(view: &View<'_>, row: &Row, item: &Outline) -> Markup {
    let alone: i64 = view.trace.gaps(row.node).iter().map(|gap| gap.length()).sum();
    let has_children = view.trace.child_spans(row.node).next().is_some();
    html! {
        td.number {
            @if let Some(duration) = item.duration { (format::duration(duration)) }
            @else { span.soft { (offset(item.time.saturating_sub(view.axis.start))) } }
            @if is_span(item.kind) && has_children {
                div.about { "self " (format::duration(alone)) }
            }
        }
    }
}

/// Links to the rows before and after the window.
fn windows(view: &View<'_>, end: usize) -> Markup {
    let window = |at: usize| view.links.with(|address| address.at = Some(at));
    html! {
        nav.windows aria-label="Rows" data-live="windows" {
            @if view.at > 0 {
                a rel="prev" href=(window(view.at.saturating_sub(MAX_ROWS))) { "← previous rows" }
            }
            @if view.at > 0 || end < view.rows.len() {
                span { "rows " (view.at + 1) " to " (end) " of " (view.rows.len()) }
            }
            @if end < view.rows.len() {
                a rel="next" href=(window(end)) { "next rows →" }
            }
        }
    }
}
