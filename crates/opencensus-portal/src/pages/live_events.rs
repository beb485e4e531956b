//! Tells the page that there is something new.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use futures_util::stream::unfold;

use crate::server::App;

/// At most four messages a second.
const PAUSE: Duration = Duration::from_millis(250);

pub(super) async fn stream(State(app): State<App>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let events = unfold(app.store.newest(), |mut newest| async {
        newest.changed().await.ok()?;
        tokio::time::sleep(PAUSE).await;
        let id = *newest.borrow_and_update();
        Some((Ok(Event::default().event("items").data(id.to_string())), newest))
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}
