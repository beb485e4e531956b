//! The handler of the map, and the order of its parts.

use axum::extract::State;
use maud::{Markup, html};
use serde::Deserialize;

use crate::app_state::AppState;
use crate::clock;
use crate::pages::error::PageError;
use crate::pages::first_item;
use crate::pages::frame::Frame;
use crate::pages::map::graph::Graph;
use crate::pages::map::{drawing, lists, panel};
use crate::pages::parameters::Parameters;
use crate::pages::scope::Scope;
use crate::pages::section::MAP;
use crate::store::Timings;

#[derive(Debug, Default, Deserialize)]
pub(in crate::pages) struct MapQuery {
    /// The key of the node that the panel shows.
    #[serde(default)]
    node: String,
}

pub(in crate::pages) async fn page(
    State(state): State<AppState>,
    scope: Scope,
    Parameters(query): Parameters<MapQuery>,
) -> Result<Markup, PageError> {
    // Calls to and from other roles connect a role.
    let all_roles = Scope { role: String::new(), ..scope.clone() }.filter(state.store.run(), clock::now());
    let frame = Frame::load(&state, scope, Some(MAP)).await?;
    let map = state.store.call_map(all_roles.clone()).await?;
    let graph = Graph::new(&map, &frame.scope().role);
    let selected = graph.find(&query.node);
    let filter = selected.and_then(|node| panel::filter(&map, &graph.nodes[node], all_roles));
    let operations = match filter {
        Some(filter) => state.store.timings(filter).await?,
        None => Timings::default(),
    };
    let panel = selected.map(|node| panel::panel(frame.scope(), &map, &graph, node, &operations));
    Ok(frame.page(MAP.title, &content(&frame, &graph, selected, panel)))
}

fn content(frame: &Frame, graph: &Graph, selected: Option<usize>, panel: Option<Markup>) -> Markup {
    let is_empty = graph.nodes.is_empty();
    html! {
        div data-live="notes" {
            @if is_empty { (first_item::hint("requests or calls", &frame.connection_string)) }
            @if graph.sampled { p.soft { "sampled: counts are estimates" } }
            @if graph.summed_up > 0 {
                p.soft { "The " (graph.summed_up) " nodes with the fewest calls are summed up in one." }
            }
            @if graph.hidden_edges > 0 {
                p.soft { (graph.hidden_edges) " connections with few calls are not shown." }
            }
        }
        div.map-columns {
            div.scroll.drawing data-live="map" tabindex="0" role="region" aria-label="Map" {
                @if !is_empty { (drawing::drawing(frame.scope(), graph, selected)) }
            }
            div data-live="panel" { @if let Some(panel) = panel { (panel) } }
        }
        div data-live="lists" {
            @if !is_empty {
                h2 { "Nodes" }
                (lists::nodes(frame.scope(), graph))
                h2 { "Connections" }
                (lists::edges(frame.scope(), graph))
            }
        }
    }
}
