//! The page of the settings.

use axum::extract::State;
use maud::{Markup, html};

use crate::app_state::AppState;
use crate::pages::error::PageError;
use crate::pages::frame::Frame;
use crate::pages::scope::Scope;
use crate::pages::section::SETTINGS;
use crate::pages::settings::certificate::certificate;
use crate::pages::settings::retention::{runs, use_of_the_store};
use crate::pages::settings::transfer::transfer;
use crate::pages::{faults, first_item};

pub(in crate::pages) async fn page(State(state): State<AppState>, scope: Scope) -> Result<Markup, PageError> {
    let frame = Frame::load(&state, scope, Some(SETTINGS)).await?;
    let usage = state.store.usage().await?;
    let content = html! {
        h2 #send { "Send telemetry here" }
        p { "Any instrumentation key is accepted. Each of these makes a program send to this portal:" }
        (first_item::lines_to_copy(&frame.connection_string))
        h2 #certificate { "Certificate" }
        (certificate(&state))
        h2 #retention { "What is kept" }
        div data-live="use" { (use_of_the_store(&usage, &state)) }
        h2 #runs { "Runs" }
        div data-live="runs" { (runs(&frame)) }
        h2 #transfer { "Export, import, delete" }
        (transfer(&state, frame.scope()))
        h2 #faults { "Faults" }
        p {
            a href=(frame.scope().link(faults::PATH, [])) { "Make the portal respond with faults" }
            ", such as 503, a delay or a dropped connection, to see whether a program loses telemetry."
        }
        script src="/assets/settings.js" defer {}
    };
    Ok(frame.page(SETTINGS.title, &content))
}
