//! `/transactions/{operation_id}`: the waterfall beside the selected item.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use crate::app_state::AppState;
use crate::pages::error::PageError;
use crate::pages::frame::Frame;
use crate::pages::scope::Scope;
use crate::pages::section::SEARCH;
use crate::pages::transaction::address::{Address, Links};
use crate::pages::transaction::detail;
use crate::pages::transaction::not_found::transaction_not_found;
use crate::pages::transaction::roles::Roles;
use crate::pages::transaction::rows::{Trace, rows, window};
use crate::pages::transaction::summary::{first_span, summary, title};
use crate::pages::transaction::toolbar::toolbar;
use crate::pages::transaction::view::View;
use crate::pages::transaction::waterfall::waterfall;
use crate::store::{Filter, Item};
use crate::transaction::MAX_ITEMS;

pub(in crate::pages) async fn page(
    State(state): State<AppState>,
    scope: Scope,
    address: Address,
    Path(operation_id): Path<String>,
) -> Result<Response, PageError> {
    let frame = Frame::load(&state, scope, Some(SEARCH)).await?;
    let everywhere = Filter::default().of_operation(&operation_id);
    // A transaction is whole: of the scope only the run counts.
    let filter = match frame.scope().run.as_str() {
        "all" => everywhere.clone(),
        run => everywhere.clone().in_run(run.parse().unwrap_or(state.store.run())),
    };
    let items = state.store.outlines(filter.clone(), &address.find, MAX_ITEMS).await?;
    let (here, everywhere) = tokio::try_join!(state.store.count(filter), state.store.count(everywhere))?;
    let elsewhere = everywhere.items.saturating_sub(here.items);
    if items.is_empty() {
        return Ok(transaction_not_found(&frame, &operation_id, elsewhere));
    }
    let trace = Trace::new(&operation_id, items);
    let selected = address.item.or_else(|| first_span(&trace).map(|item| item.id));
    let item = match selected.filter(|key| *key > 0) {
        Some(id) => state.store.item(id).await?.filter(|item| item.operation_id.as_deref() == Some(&operation_id)),
        None => None,
    };
    let links = Links { scope: frame.scope(), operation_id: &operation_id, address: &address };
    let content = content(&trace, links, selected, item.as_ref(), elsewhere);
    Ok(frame.page(&title(&trace), &content).into_response())
}

/// An address without a trace id.
pub(in crate::pages) async fn page_without_id(
    State(state): State<AppState>,
    scope: Scope,
) -> Result<Response, PageError> {
    let frame = Frame::load(&state, scope, Some(SEARCH)).await?;
    Ok(transaction_not_found(&frame, "", 0))
}

fn content(trace: &Trace, links: Links<'_>, selected: Option<i64>, item: Option<&Item>, elsewhere: u64) -> Markup {
    let rows = rows(trace, links.address);
    let whole = trace.tree.walk(trace.tree.tops(), |_| true);
    let roles = Roles::new(whole.into_iter().filter_map(|(node, _)| trace.item(node)));
    let root = links.address.root.and_then(|key| trace.node(key));
    let axis = trace.extent(root.as_ref().map_or_else(|| trace.tree.tops(), std::slice::from_ref));
    let view = View {
        trace,
        roles: &roles,
        links,
        rows: &rows,
        at: window(&rows, links.address.at, selected),
        axis,
        selected,
    };
    html! {
        (summary(&view, elsewhere))
        (toolbar(&view))
        div.transaction {
            div.rows {
                a.skip href="#item" { "Skip to the selected item" }
                (waterfall(&view))
            }
            article.item #item tabindex="-1" aria-label="Selected item" { (selected_item(&view, item)) }
        }
        script src="/assets/transaction.js" defer {}
    }
}

fn selected_item(view: &View<'_>, item: Option<&Item>) -> Markup {
    let node = view.selected.and_then(|key| view.trace.node(key));
    let missing = node.and_then(|node| Some((node, view.trace.tree.missing(node)?)));
    html! {
        @if let Some(item) = item { (detail::in_transaction(view, node, item)) }
        @else if let Some((node, id)) = missing { (detail::missing_parent(view, node, id)) }
        @else { p.soft { "The selected item is not in this transaction, or was pruned." } }
    }
}
