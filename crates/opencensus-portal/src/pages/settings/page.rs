//! The page of the settings.

use axum::extract::State;
use maud::{Markup, html};

use crate::app_state::AppState;
use crate::pages::error::PageError;
use crate::pages::first_item;
use crate::pages::frame::Frame;
use crate::pages::scope::Scope;
use crate::pages::section::SETTINGS;
use crate::pages::settings::retention::{runs, use_of_the_store};

pub(in crate::pages) async fn page(State(state): State<AppState>, scope: Scope) -> Result<Markup, PageError> {
    let frame = Frame::load(&state, scope, Some(SETTINGS)).await?;
    let usage = state.store.usage().await?;
    let content = html! {
        h2 #send { "Send telemetry here" }
        p { "Any instrumentation key is accepted. Each of these makes a program send to this portal:" }
        (first_item::lines_to_copy(&frame.connection_string))
        h2 #retention { "What is kept" }
        div data-live="use" { (use_of_the_store(&usage, &state)) }
        h2 #runs { "Runs" }
        div data-live="runs" { (runs(&frame)) }
    };
    Ok(frame.page(SETTINGS.title, &content))
}
