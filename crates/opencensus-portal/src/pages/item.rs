//! `/items/{id}`: all fields of an item.

use axum::extract::{Path, State};
use maud::{Markup, html};

use crate::app_state::AppState;
use crate::pages::error::PageError;
use crate::pages::frame::Frame;
use crate::pages::scope::Scope;
use crate::pages::{format, json};
use crate::store::Item;

pub(super) async fn page(
    State(state): State<AppState>,
    scope: Scope,
    Path(id): Path<i64>,
) -> Result<Markup, PageError> {
    let item = state.store.item(id).await?.ok_or(PageError::NotFound("no such item"))?;
    let frame = Frame::load(&state, scope, None).await?;
    Ok(frame.page(&item.name, &content(&item)))
}

fn content(item: &Item) -> Markup {
    html! {
        dl {
            @for (name, value) in fields(item) {
                @if let Some(value) = value {
                    dt { (name) }
                    dd { (value) }
                }
            }
            @for cause in &item.causes {
                dt { "Caused by" }
                dd { (cause) }
            }
        }
        h2 { "Envelope" }
        pre tabindex="0" { (json::indent(&item.raw)) }
    }
}

fn fields(item: &Item) -> [(&'static str, Option<String>); 13] {
    [
        ("Kind", Some(item.kind.as_str().to_owned())),
        ("Time (UTC)", Some(format::clock(item.time))),
        ("Result", item.code.clone()),
        ("Success", item.success.map(|success| if success { "yes" } else { "no" }.to_owned())),
        ("Duration", item.duration.map(format::duration)),
        ("Item count", Some(format!("{:.2}", item.weight()))),
        ("Message", item.message.clone().filter(|message| *message != item.name)),
        ("URL", item.url.clone()),
        ("Trace", item.operation_id.clone()),
        ("Parent", item.parent_id.clone()),
        ("Id", item.item_id.clone()),
        ("Role", item.role.clone()),
        ("Instance", item.role_instance.clone()),
    ]
}
