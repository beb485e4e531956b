//! The handler of the search, and the order of its parts.

use axum::extract::State;
use maud::{Markup, html};

use crate::app_state::AppState;
use crate::pages::error::PageError;
use crate::pages::first_item;
use crate::pages::frame::Frame;
use crate::pages::parameters::Parameters;
use crate::pages::scope::Scope;
use crate::pages::search::address::{Links, SearchQuery};
use crate::pages::search::chips::chips;
use crate::pages::search::facet_list::facets;
use crate::pages::search::result::{hints, language, nothing, total};
use crate::pages::search::rows::table;
use crate::pages::section::SEARCH;
use crate::search::Query;
use crate::store::{SearchPage, SearchScope};

pub(in crate::pages) async fn page(
    State(state): State<AppState>,
    scope: Scope,
    Parameters(address): Parameters<SearchQuery>,
) -> Result<Markup, PageError> {
    let frame = Frame::load(&state, scope, Some(SEARCH)).await?;
    let query = Query::parse(&address.q);
    let (scope, before) = (frame.filter.clone(), address.before());
    let page = state.store.search(SearchScope { scope, query: query.clone(), before }).await?;
    let links = Links { scope: frame.scope(), q: address.q.trim() };
    let is_older = before.is_some();
    let content = html! {
        (form(&links, &query))
        div #search-results {
            (chips(&links, &query, &page))
            div.with-facets {
                (facets(&links, &page))
                div.found {
                    (controls(&links, &query, &page, is_older))
                    @if !page.rows.is_empty() {
                        (table(links.scope, &page.rows))
                    } @else if page.newest == 0 {
                        (first_item::hint("items", &frame.connection_string))
                    } @else {
                        (nothing(&links, &query))
                    }
                    (pager(&links, &page, is_older))
                }
            }
        }
        script src="/assets/search.js" defer {}
    };
    Ok(frame.page(SEARCH.title, &content))
}

fn form(links: &Links<'_>, query: &Query) -> Markup {
    let described = (!query.hints.is_empty()).then_some("hints");
    html! {
        form.search action=(SEARCH.path) method="get" role="search" {
            @for (name, value) in links.scope.pairs() { input type="hidden" name=(name) value=(value); }
            input type="search" name="q" value=(links.q) placeholder="status:500 dur:>200ms oak" aria-label="Search items"
                autocomplete="off" autocapitalize="none" spellcheck="false" aria-describedby=[described];
            button { "Search" }
        }
        (hints(query))
        (language())
    }
}

/// The total, and what shows new items: a button for the script, a link without it.
fn controls(links: &Links<'_>, query: &Query, page: &SearchPage, is_older: bool) -> Markup {
    // The API refuses terms that cannot be understood.
    let terms: Vec<_> = query.terms.iter().map(|term| term.text.as_str()).collect();
    let count = links.count_after(&terms.join(" "), query.names_resource_metrics(), page.newest);
    let first = links.search(links.q);
    html! {
        p.controls data-count=[count] data-first=(first) data-older[is_older] {
            (total(page)) " "
            button.new-items type="button" hidden {}
            noscript { a href=(first) { "Refresh" } }
        }
    }
}

fn pager(links: &Links<'_>, page: &SearchPage, is_older: bool) -> Markup {
    html! {
        @if is_older || page.older.is_some() {
            nav.pager aria-label="Pages of rows" {
                @if is_older { a href=(links.search(links.q)) { "« newest" } }
                @if let Some(id) = page.older { a rel="next" href=(links.before(id)) { "older »" } }
            }
        }
    }
}
