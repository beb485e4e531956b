//! All that is known of an item.

use maud::{Markup, html};

use crate::pages::transaction::address::Links;
use crate::pages::transaction::curl::curl;
use crate::pages::transaction::exception::exceptions;
use crate::pages::transaction::highlight::highlight;
use crate::pages::transaction::kind_label::{kind_label, severity_label};
use crate::pages::transaction::linked;
use crate::pages::transaction::rows::Trace;
use crate::pages::transaction::view::{View, offset};
use crate::pages::{format, json, link};
use crate::search::Field;
use crate::store::{Item, ItemKind};
use crate::tree::is_span;

/// The longest value that links to a search.
const MAX_SEARCH: usize = 300;
/// The most items of a span that are listed.
const MAX_ATTACHED: usize = 200;
/// The most parts of a span without children that are listed.
const MAX_GAPS: usize = 5;

/// The selected item of a transaction, with its place in it.
pub(super) fn in_transaction(view: &View<'_>, node: Option<usize>, item: &Item) -> Markup {
    html! {
        (heading(item, view.links))
        @if let Some(node) = node { (place_links(view, node)) }
        (parts(item, &node.map(|node| place(view, node)).unwrap_or_default(), view.links))
        @if let Some(node) = node { (attached(view, node)) }
        (ends(item, view.links))
    }
}

/// An item alone.
pub(super) fn alone(item: &Item, links: Links<'_>) -> Markup {
    html! {
        (heading(item, links))
        (parts(item, &Markup::default(), links))
        (ends(item, links))
    }
}

/// The parent of items that was not received.
pub(super) fn missing_parent(view: &View<'_>, node: usize, id: &str) -> Markup {
    html! {
        h2 { "Parent not received" }
        p { "The span " code { (id) } " has children, but was not received. Possible reasons:" }
        ul {
            li { "it was sampled out, by a service that decides for itself," }
            li { "its service is not instrumented, or sends its telemetry elsewhere," }
            li { "it is still on its way: a span is sent when it ends, after its children." }
        }
        p { (view.trace.tree.children(node).len()) " items name it as their parent." }
        (place_links(view, node))
    }
}

fn heading(item: &Item, links: Links<'_>) -> Markup {
    let name = format::name(&item.name);
    html! {
        h2 { (highlight(name, &links.address.find)) }
        p.soft {
            (kind_label(item.kind))
            @if let Some(role) = item.role.as_deref().filter(|role| !role.is_empty()) { " of " (role) }
        }
        @if item.kind == ItemKind::Exception { (exceptions(&item.envelope(), &links.address.find)) }
    }
}

fn place_links(view: &View<'_>, node: usize) -> Markup {
    let key = view.trace.key(node);
    let has_children = !view.trace.tree.children(node).is_empty();
    let is_root = view.links.address.root == Some(key);
    html! {
        @if has_children && !is_root {
            p { a href=(view.links.with(|address| (address.root, address.at) = (Some(key), None))) { "Show only this and what is below" } }
        }
    }
}

/// The times of an item within its transaction, and its parent, as terms of a list.
fn place(view: &View<'_>, node: usize) -> Markup {
    let trace = view.trace;
    let (interval, gaps) = (trace.interval(node), trace.gaps(node));
    let start = |time: i64| offset(time.saturating_sub(view.axis.start));
    let has_children = trace.child_spans(node).next().is_some();
    let mut longest = gaps.clone();
    longest.sort_unstable_by_key(|gap| std::cmp::Reverse(gap.length()));
    html! {
        dt { "Starts at" } dd { (start(interval.start)) }
        @if has_children {
            dt { "Self time" }
            dd { (format::duration(gaps.iter().map(|gap| gap.length()).sum())) ", in which no child ran" }
            @for gap in longest.iter().take(MAX_GAPS) {
                dt { "Gap" } dd { (format::duration(gap.length())) " from " (start(gap.start)) }
            }
        }
        @if let Some(lead) = trace.lead(node) {
            dt.warn { "Clocks" }
            dd.warn { "begins " (format::duration(lead)) " before its parent: " (skew_reason(trace, node)) }
        }
        @if let Some(parent) = trace.tree.parent(node) {
            dt { "Below" }
            dd {
                a href=(view.links.select(trace.key(parent))) {
                    (trace.item(parent).map_or("a parent that was not received", |item| item.name.as_str()))
                }
            }
        }
    }
}

fn skew_reason(trace: &Trace, node: usize) -> &'static str {
    let role = |node: usize| trace.item(node).and_then(|item| item.role.as_deref());
    if trace.tree.parent(node).is_some_and(|parent| role(parent) != role(node)) {
        "the clocks of the two roles differ"
    } else {
        "its parent was recorded late, or runs on another host"
    }
}

/// `place`: further terms of the list.
fn parts(item: &Item, place: &Markup, links: Links<'_>) -> Markup {
    let find = &links.address.find;
    html! {
        dl {
            (place)
            @for (name, value, field) in fields(item) {
                @if let Some(value) = value.filter(|value| !value.is_empty()) {
                    dt { (name) } dd { (value_link(&value, field.as_ref(), links)) }
                }
            }
            @if item.kind != ItemKind::Exception {
                @for cause in &item.causes { dt { "Caused by" } dd { (highlight(cause, find)) } }
            }
        }
        (linked_transactions(item, links))
        @if !item.properties.is_empty() {
            h3 { "Properties" }
            dl { @for (key, value) in &item.properties { (property(key, value, links)) } }
        }
        @if !item.measurements.is_empty() {
            h3 { "Measurements" }
            dl { @for (key, value) in &item.measurements { (property(key, &value.to_string(), links)) } }
        }
    }
}

fn property(key: &str, value: &str, links: Links<'_>) -> Markup {
    html! {
        dt { (highlight(key, &links.address.find)) }
        dd { (value_link(value, Some(&Field::Property(key.to_owned())), links)) }
    }
}

/// The value as a link to the search for items that have it. Without a field it is only text.
fn value_link(value: &str, field: Option<&Field>, links: Links<'_>) -> Markup {
    let text = highlight(value, &links.address.find);
    html! {
        @match field.filter(|_| !value.is_empty() && value.len() <= MAX_SEARCH) {
            Some(field) => a.value href=(links.search(field, value)) title="Search items with this value" { (text) },
            None => (text),
        }
    }
}

fn fields(item: &Item) -> [(&'static str, Option<String>, Option<Field>); 20] {
    let severity = item.severity.clone();
    let message = item.message.clone().filter(|message| *message != item.name && item.kind != ItemKind::Exception);
    let weight =
        Some(item.weight()).filter(|weight| *weight > 1.0).map(|weight| format!("stands for {weight:.2} items"));
    [
        ("Time (UTC)", Some(format!("{} {}", &format::date(item.time)[..10], format::clock(item.time))), None),
        ("Duration", item.duration.map(format::duration), None),
        ("Result", item.code.clone(), Some(Field::Code)),
        ("Success", item.success.map(|success| if success { "✓ yes" } else { "✗ no" }.to_owned()), None),
        (
            "Severity",
            severity.map(|level| level.parse().ok().and_then(severity_label).map_or(level, str::to_owned)),
            None,
        ),
        ("Message", message, None),
        ("Value", item.value.map(format::number), None),
        ("Sampling", weight, None),
        ("URL", item.url.clone(), None),
        ("Target", item.target.clone(), Some(Field::Target)),
        ("Type", item.dependency_type.clone(), Some(Field::Type)),
        ("Problem", item.problem_id.clone(), Some(Field::Problem)),
        ("Operation", item.operation_name.clone(), Some(Field::Operation)),
        ("Location", item.location.clone(), Some(Field::Location)),
        ("User", item.user_id.clone(), Some(Field::User)),
        ("Role", item.role.clone(), Some(Field::Role)),
        ("Instance", item.role_instance.clone(), Some(Field::Instance)),
        ("Id", item.item_id.clone().filter(|_| is_span(item.kind)), None),
        ("Parent", item.parent_id.clone(), None),
        ("SDK", item.sdk.clone(), Some(Field::Sdk)),
    ]
}

fn linked_transactions(item: &Item, links: Links<'_>) -> Markup {
    let linked = item.properties.get(linked::PROPERTY).map(|property| linked::links(property)).unwrap_or_default();
    html! {
        @if !linked.is_empty() {
            h3 { "Links" }
            ul {
                @for other in &linked {
                    li {
                        a href=(links.scope.link(&link::transaction(&other.operation_id), [])) { code { (other.operation_id) } }
                        @if !other.id.is_empty() { ", span " code { (other.id) } }
                    }
                }
            }
        }
    }
}

/// The log records, exceptions and other items of a span.
fn attached(view: &View<'_>, node: usize) -> Markup {
    let count = view.trace.attached(node).count();
    html! {
        div data-live="attached" {
            @if count > 0 {
                h3 { "Log records, exceptions and events (" (count) ")" }
                ul.attached {
                    @for item in view.trace.attached(node).take(MAX_ATTACHED) {
                        li {
                            span.soft { (offset(item.time.saturating_sub(view.axis.start))) " " (kind_label(item.kind)) " " }
                            @if let Some(severity) = item.severity.and_then(severity_label) { (severity) " " }
                            a href=(view.links.select(item.id)) { (highlight(&item.name, &view.links.address.find)) }
                        }
                    }
                }
                @if count > MAX_ATTACHED { p.soft { "and " (count - MAX_ATTACHED) " more" } }
            }
        }
    }
}

/// The request as a command, and the envelope.
fn ends(item: &Item, links: Links<'_>) -> Markup {
    let find = &links.address.find;
    html! {
        @if let Some(command) = curl(item) {
            details {
                summary { "As curl" }
                pre #curl tabindex="0" { (command) }
                button type="button" data-copy-of="curl" hidden { "Copy" }
            }
        }
        details.envelope {
            summary { "Envelope as received" }
            pre #envelope tabindex="0" { (highlight(&json::indent(&item.raw), find)) }
            button type="button" data-copy-of="envelope" hidden { "Copy" } " "
            a href={ "/items/" (item.id) "/envelope" } download { "Download" }
        }
    }
}
