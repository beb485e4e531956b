//! `/live`: server-sent events that announce new items (`items`), and changes of faults with or without new items
//! (`faults`).

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use futures_util::stream::unfold;

use crate::app_state::AppState;

/// The pause between events: at most four per second.
const INTERVAL: Duration = Duration::from_millis(250);

pub(super) async fn stream(State(state): State<AppState>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = (state.store.newest(), state.faults.changes());
    let events = unfold(changes, |(mut newest, mut faults)| async {
        let is_of_faults = tokio::select! {
            changed = newest.changed() => changed.map(|()| false).ok()?,
            changed = faults.changed() => changed.map(|()| true).ok()?,
        };
        tokio::time::sleep(INTERVAL).await;
        let is_of_faults = is_of_faults || faults.has_changed().ok()?;
        faults.mark_unchanged();
        let id = *newest.borrow_and_update();
        let name = if is_of_faults { "faults" } else { "items" };
        Some((Ok(Event::default().event(name).data(id.to_string())), (newest, faults)))
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}
