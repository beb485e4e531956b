//! The kinds with their counts, as links that select them.

use maud::{Markup, html};

use crate::pages::format;
use crate::pages::search::address::Links;
use crate::pages::search::kind_mark;
use crate::search::{Field, Query, with_values};
use crate::store::{ItemKind, SearchPage, selected_kinds};

pub(super) fn chips(links: &Links<'_>, query: &Query, page: &SearchPage) -> Markup {
    let selected = selected_kinds(query);
    let (failed, only_failed) = links.toggle(&Field::Outcome, "failed", false);
    let all: f64 = page.kinds.iter().map(|(_, count)| count.weight).sum();
    html! {
        nav.chips aria-label="Kinds" {
            ul {
                li { (chip(&with_kinds(links, &[]), selected.is_empty(), &html! { "All" }, all)) }
                @for kind in ItemKind::ALL {
                    @let count = page.kinds.iter().find(|(other, _)| *other == kind).map_or(0.0, |(_, count)| count.weight);
                    @let is_selected = selected.contains(&kind);
                    @if count > 0.0 || is_selected {
                        li { (chip(&toggled(links, &selected, kind), is_selected, &kind_mark::mark(kind), count)) }
                    }
                }
                @if page.failed > 0.0 || only_failed {
                    li { (chip(&failed, only_failed, &html! { span.failed { "✗ failed" } }, page.failed)) }
                }
            }
        }
    }
}

/// The search with the kind added to those selected, or taken out of them.
fn toggled(links: &Links<'_>, selected: &[ItemKind], kind: ItemKind) -> String {
    let others = selected.iter().copied().filter(|other| *other != kind);
    let added = (!selected.contains(&kind)).then_some(kind);
    with_kinds(links, &others.chain(added).collect::<Vec<_>>())
}

fn with_kinds(links: &Links<'_>, kinds: &[ItemKind]) -> String {
    let names: Vec<_> = kinds.iter().map(|kind| kind.as_str()).collect();
    links.search(&with_values(links.q, &Field::Kind, &names))
}

fn chip(link: &str, is_selected: bool, content: &Markup, count: f64) -> Markup {
    html! {
        a.chip href=(link) aria-current=[is_selected.then_some("true")] {
            (content) " " span.count { (format::count(count)) }
        }
    }
}
