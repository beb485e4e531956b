//! The bar of a row: a span on the time axis, with marks for the items that hang on it.

use maud::{Markup, html};

use crate::pages::format;
use crate::pages::transaction::rows::Row;
use crate::pages::transaction::timeline::{Interval, LENGTH};
use crate::pages::transaction::view::{View, offset};
use crate::store::{ItemKind, Outline};
use crate::tree::is_span;

/// The most marks of a bar.
const MAX_MARKS: usize = 100;

pub(super) fn bar(view: &View<'_>, row: &Row) -> Markup {
    let text = text(view, row);
    html! {
        svg.timeline viewBox="0 0 1000 20" preserveAspectRatio="none" role="img" aria-label=(text) {
            title { (text) }
            @for quarter in ["250", "500", "750"] {
                line.grid x1=(quarter) x2=(quarter) y1="0" y2="20" vector-effect="non-scaling-stroke" {}
            }
            @match view.trace.item(row.node) {
                None => (rect("missing", view, view.trace.interval(row.node))),
                Some(item) if is_span(item.kind) => {
                    (span(view, row.node, item))
                    @for item in view.trace.attached(row.node).take(MAX_MARKS) { (mark(view, item)) }
                }
                Some(item) => (mark(view, item)),
            }
        }
    }
}

/// A span is pale where its children run.
fn span(view: &View<'_>, node: usize, item: &Outline) -> Markup {
    let class = view.roles.class(item.role.as_deref());
    html! {
        (rect(&format!("span {class}"), view, view.trace.interval(node)))
        @for gap in view.trace.gaps(node) { (rect(&format!("self {class}"), view, gap)) }
    }
}

fn rect(class: &str, view: &View<'_>, interval: Interval) -> Markup {
    let (start, end) = (view.axis.offset(interval.start), view.axis.offset(interval.end));
    // The shortest span is still visible.
    let width = (end - start).max(2.0);
    let x = start.min(LENGTH - width);
    html! {
        rect class=(class) x=(format!("{x:.2}")) y="4" width=(format!("{width:.2}")) height="12" {}
    }
}

/// Exceptions have the whole height, log records the lower half, others the upper half.
fn mark(view: &View<'_>, item: &Outline) -> Markup {
    let x = format!("{:.2}", view.axis.offset(item.time));
    let (class, top, bottom) = match (item.kind, item.severity) {
        (ItemKind::Exception, _) => ("mark bad", "0", "20"),
        (ItemKind::Trace, Some(3..)) => ("mark bad", "10", "20"),
        (ItemKind::Trace, Some(2)) => ("mark warning", "10", "20"),
        (ItemKind::Trace, _) => ("mark", "10", "20"),
        _ => ("mark", "0", "10"),
    };
    html! {
        line class=(class) x1=(x) x2=(x) y1=(top) y2=(bottom) vector-effect="non-scaling-stroke" {}
    }
}

fn text(view: &View<'_>, row: &Row) -> String {
    let interval = view.trace.interval(row.node);
    let start = offset(interval.start.saturating_sub(view.axis.start));
    match view.trace.item(row.node) {
        None => format!("children from {start}, for {}", format::duration(interval.length())),
        Some(item) if !is_span(item.kind) => format!("at {start}"),
        Some(_) => {
            let alone = view.trace.gaps(row.node).iter().map(|gap| gap.length()).sum();
            let attached = view.trace.attached(row.node).count();
            let (length, alone) = (format::duration(interval.length()), format::duration(alone));
            let attached = if attached == 0 { String::new() } else { format!(", with {attached} items on it") };
            format!("from {start}, for {length}, {alone} of it without children{attached}")
        }
    }
}
