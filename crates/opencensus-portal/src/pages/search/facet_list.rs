//! The facets: the most frequent values of fields, each with links that include and exclude it.

use maud::{Markup, html};

use crate::pages::format;
use crate::pages::search::address::Links;
use crate::search::Field;
use crate::store::{Facet, FacetValue, SearchPage};

pub(super) fn facets(links: &Links<'_>, page: &SearchPage) -> Markup {
    html! {
        details.facets {
            summary { "Facets" }
            h2.hidden-label { "Facets" }
            @if let Some((items, with_properties)) = page.counted {
                p.soft.note {
                    "Counts of the newest " (format::count(items as f64)) " matching items"
                    @if with_properties < items {
                        ", and of the properties of " (format::count(with_properties as f64)) " of them"
                    }
                    "."
                }
            }
            @for facet in &page.facets { (facet_of(links, facet)) }
        }
    }
}

fn facet_of(links: &Links<'_>, facet: &Facet) -> Markup {
    let title = title(&facet.field);
    html! {
        section.facet {
            h3 { (title) }
            ul aria-label=(title) {
                @for value in &facet.values { (value_of(links, &facet.field, value)) }
            }
            @if facet.has_more { p.soft.note { "and others" } }
        }
    }
}

fn value_of(links: &Links<'_>, field: &Field, FacetValue { value, weight }: &FacetValue) -> Markup {
    let (include, is_included) = links.toggle(field, value, false);
    let (exclude, is_excluded) = links.toggle(field, value, true);
    let excluded = format!("Exclude {} {value}", title(field));
    html! {
        li {
            a.include href=(include) aria-current=[is_included.then_some("true")] {
                @if is_included { span aria-hidden="true" { "✓ " } }
                (value)
            }
            " " span.count { (format::count(*weight)) } " "
            a.exclude href=(exclude) aria-current=[is_excluded.then_some("true")] aria-label=(excluded) title="Exclude" {
                "−"
            }
        }
    }
}

fn title(field: &Field) -> &str {
    match field {
        Field::Operation => "Operation",
        Field::Code => "Result",
        Field::Role => "Role",
        Field::Severity => "Severity",
        Field::Type => "Dependency type",
        Field::Target => "Target",
        field => field.key(),
    }
}
