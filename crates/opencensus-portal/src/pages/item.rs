//! `/items/{id}`: all fields of an item.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::html;

use crate::app_state::AppState;
use crate::pages::json;
use crate::pages::layout::{self, clock, millis};

pub(super) async fn page(State(state): State<AppState>, Path(id): Path<i64>) -> Response {
    let item = match state.store.item(id).await {
        Ok(Some(item)) => item,
        Ok(None) => return (StatusCode::NOT_FOUND, "no such item").into_response(),
        Err(error) => return (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    };
    let pretty = json::indent(&item.raw);
    let fields = [
        ("Kind", Some(item.kind.as_str().to_owned())),
        ("Time (UTC)", Some(clock(item.time))),
        ("Result", item.code.clone()),
        ("Success", item.success.map(|success| if success { "yes" } else { "no" }.to_owned())),
        ("Duration", item.duration.map(millis)),
        ("Item count", Some(format!("{:.2}", 100.0 / item.sample_rate))),
        ("Message", item.message.clone().filter(|message| *message != item.name)),
        ("URL", item.url.clone()),
        ("Trace", item.operation_id.clone()),
        ("Parent", item.parent_id.clone()),
        ("Id", item.item_id.clone()),
        ("Role", item.role.clone()),
        ("Instance", item.role_instance.clone()),
    ];
    let content = html! {
        header {
            h1 { (item.name) }
            p { a href="/" { "All requests" } }
        }
        main {
            dl {
                @for (name, value) in fields {
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
            pre { (pretty) }
        }
    };
    layout::page(&item.name, false, &content).into_response()
}
