//! `/faults`: switches faults of the ingestion endpoint, and lists the posts that they were applied to.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

use crate::app_state::AppState;
use crate::faults::{ActiveFault, FaultReport, FaultyPost, from_form};
use crate::pages::error::PageError;
use crate::pages::fault_banner::sentence;
use crate::pages::format;
use crate::pages::frame::Frame;
use crate::pages::scope::Scope;
use crate::pages::section::SETTINGS;
use crate::pages::table::Column::{Number, Text};
use crate::pages::table::table;
use crate::pages::timestamp::timestamp;
use crate::token::FIELD;

pub(super) const PATH: &str = "/faults";
pub(super) const END_PATH: &str = "/faults/end";

/// The effects, as the API names them.
const EFFECTS: [(&str, &str); 7] = [
    ("status", "respond with the status"),
    ("delay", "respond as usual, after the delay"),
    ("drop", "close the connection without a response"),
    ("cut", "close the connection in the middle of the response"),
    ("refuse", "refuse some of the items with the status"),
    ("malformed", "respond with a malformed body"),
    ("empty", "respond with an empty body"),
];

pub(super) async fn page(State(state): State<AppState>, scope: Scope) -> Result<Markup, PageError> {
    show(&state, scope, None).await
}

/// Adds the fault of the form.
pub(super) async fn add(State(state): State<AppState>, scope: Scope, form: Bytes) -> Result<Response, PageError> {
    let pairs = form_urlencoded::parse(&form).into_owned().collect();
    match from_form(pairs).and_then(|fault| state.faults.add(fault)) {
        Ok(()) => Ok(Redirect::to(&scope.link(PATH, [])).into_response()),
        Err(error) => {
            let page = show(&state, scope, Some(error.to_string())).await?;
            Ok((StatusCode::BAD_REQUEST, page).into_response())
        }
    }
}

pub(super) async fn end(State(state): State<AppState>, scope: Scope) -> Redirect {
    state.faults.end();
    Redirect::to(&scope.link(PATH, []))
}

async fn show(state: &AppState, scope: Scope, error: Option<String>) -> Result<Markup, PageError> {
    let token = state.token.as_str();
    let (add, end) = (scope.link(PATH, []), scope.link(END_PATH, []));
    let frame = Frame::load(state, scope, Some(SETTINGS)).await?;
    let report = state.faults.report();
    let content = html! {
        p {
            "A fault changes how the portal responds to the next posts of telemetry, of every protocol. It shows whether a
            program keeps and sends again what was not accepted."
        }
        @if let Some(error) = error { p.failed role="alert" { (error) } }
        h2 { "Active" }
        div data-live="faults" { (active(&report)) }
        @if !report.active.is_empty() {
            form method="post" action=(end) {
                input type="hidden" name=(FIELD) value=(token);
                button { "End all faults" }
            }
        }
        h2 { "Add a fault" }
        (form(&add, token))
        h2 { "Posts that faults were applied to" }
        div data-live="hits" { (hits(&report)) }
    };
    Ok(frame.page("Faults", &content))
}

fn active(report: &FaultReport) -> Markup {
    html! {
        @if report.active.is_empty() {
            p { "No fault is active." }
        } @else {
            ol { @for ActiveFault { fault, left } in &report.active { li { (sentence(&fault.to_string(), *left)) } } }
        }
    }
}

fn form(action: &str, token: &str) -> Markup {
    let number = |name: &str, title: &str, min: u32, max: u32, value: &str| {
        html! { label { span { (title) } input type="number" name=(name) min=(min) max=(max) value=(value); } }
    };
    let text = |name: &str, title: &str| html! { label { span { (title) } input name=(name) maxlength="2048"; } };
    html! {
        form.fields method="post" action=(action) {
            input type="hidden" name=(FIELD) value=(token);
            label {
                span { "Effect" }
                select name="effect" { @for (value, title) in EFFECTS { option value=(value) { (title) } } }
            }
            (number("status", "Status of the response or of refused items", 206, 599, "503"))
            (number("every", "Refuse every n-th item (effect: refuse some)", 1, 1_000_000, ""))
            (number("times", "Number of posts (0: until you end it)", 0, 1_000_000, "1"))
            (number("delay_ms", "Delay in milliseconds", 0, 600_000, ""))
            (text("retry_after", "Retry-After: seconds or a date"))
            (text("location", "Location (for redirects)"))
            (text("body", "Body (by default that of the service)"))
            button { "Add" }
        }
    }
}

fn hits(report: &FaultReport) -> Markup {
    let columns = [Text("Time (UTC)"), Text("Path"), Number("Bytes"), Text("Fault")];
    html! {
        p { (format::count(report.hits as f64)) " posts since the start" }
        @if !report.posts.is_empty() {
            (table("Posts", columns, &html! { @for post in report.posts.iter().rev() { (row(post)) } }))
        }
    }
}

fn row(post: &FaultyPost) -> Markup {
    html! {
        tr {
            td.time { (timestamp(post.time)) }
            td.url { (post.path) }
            td.number { (post.bytes) }
            td { (post.fault) }
        }
    }
}
