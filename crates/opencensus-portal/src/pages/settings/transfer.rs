//! Export, import, and the deletion of items.

use axum::extract::State;
use axum::response::Redirect;
use maud::{Markup, html};

use crate::app_state::AppState;
use crate::pages::error::PageError;
use crate::pages::scope::Scope;
use crate::pages::section::SETTINGS;
use crate::token::FIELD;

/// The path of the form that deletes all items.
pub(in crate::pages) const CLEAR_PATH: &str = "/settings/clear";

/// `scope` limits what is exported.
pub(super) fn transfer(state: &AppState, scope: &Scope) -> Markup {
    let run = [("run", scope.run.as_str())].into_iter().filter(|(_, run)| !run.is_empty());
    let file = Scope::default().link("/api/v1/export", run.clone());
    let otlp = Scope::default().link("/api/v1/export", run.chain([("format", "otlp-json")]));
    let token = state.token.as_str();
    html! {
        p {
            a href=(file) download { "Export as JSON lines" } ", or " a href=(otlp) download { "as OTLP" }
            ". An import becomes a new run."
        }
        form.import method="post" action="/api/v1/import" data-token=(token) hidden data-script {
            label { "File " input type="file" name="file" required accept=".jsonl,.gz"; }
            button { "Import" }
            span role="status" data-result {}
        }
        noscript {
            p { "Without scripts, import from a terminal: " code { "opencensus-portal import FILE" } }
        }
        details {
            summary { "Delete all items" }
            form method="post" action=(CLEAR_PATH) {
                input type="hidden" name=(FIELD) value=(token);
                p { "This deletes the items of all runs. It cannot be undone." }
                button { "Delete all items" }
            }
        }
    }
}

/// Deletes all items.
pub(in crate::pages) async fn clear(State(state): State<AppState>) -> Result<Redirect, PageError> {
    state.store.clear(None, None).await?;
    Ok(Redirect::to(SETTINGS.path))
}
