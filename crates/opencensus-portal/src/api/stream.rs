//! `/stream`: items as they arrive, as lines of JSON or as server-sent events.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CONTENT_TYPE, HeaderName};
use axum::response::{IntoResponse, Response};
use futures_util::stream::try_unfold;
use serde::Serialize;
use serde_json::json;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout_at};

use crate::api::error::ApiError;
use crate::api::parameters::Parameters;
use crate::api::query;
use crate::api::view::views;
use crate::app_state::AppState;
use crate::store::{Arrivals, Feed};

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// The time without items after which an empty line shows that the stream is alive.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// The longest stream that has an end, in seconds.
const MAX_SECONDS: f64 = 86_400.0;

/// The format of a stream.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Format {
    Lines,
    Events,
}

/// A stream to one client.
struct Follower {
    feed: Feed,
    format: Format,
    end: Option<Instant>,
    _turn: OwnedSemaphorePermit,
}

/// Follows the items that the parameters of `/items` select, except `limit` and `order`, for `timeout` seconds.
pub(super) async fn stream(
    State(state): State<AppState>,
    headers: HeaderMap,
    mut parameters: Parameters,
) -> Result<Response, ApiError> {
    let after = query::after(&mut parameters)?;
    let filter = query::filter(&mut parameters, state.store.run())?;
    let seconds = parameters.seconds("timeout", MAX_SECONDS)?;
    parameters.finish()?;
    let format = Format::of(&headers);
    let last_event = headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok()?.parse().ok());
    let turn = state.streams.clone().try_acquire_owned().map_err(|_| ApiError::Busy)?;
    let feed = state.store.feed(filter, after.or(last_event)).await?;
    let end = seconds.map(|seconds| Instant::now() + Duration::from_secs_f64(seconds));
    let follower = Follower { feed, format, end, _turn: turn };
    let body = Body::from_stream(try_unfold(follower, |mut follower| async {
        Ok::<_, std::io::Error>(follower.next().await?.map(|bytes| (bytes, follower)))
    }));
    Ok(([(CONTENT_TYPE, format.content_type())], body).into_response())
}

impl Follower {
    /// The next bytes. `None` at the end.
    async fn next(&mut self) -> std::io::Result<Option<Bytes>> {
        let keep_alive = Instant::now() + KEEP_ALIVE;
        let deadline = self.end.map_or(keep_alive, |end| end.min(keep_alive));
        match timeout_at(deadline, self.feed.next()).await {
            Ok(arrivals) => Ok(Some(self.format.arrivals(arrivals.map_err(std::io::Error::other)?).into())),
            Err(_) if self.end.is_some_and(|end| Instant::now() >= end) => Ok(None),
            Err(_) => Ok(Some(self.format.keep_alive().into())),
        }
    }
}

impl Format {
    fn of(headers: &HeaderMap) -> Self {
        let accepts_events = |value: &str| value.to_ascii_lowercase().contains("text/event-stream");
        let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
        if accept.is_some_and(accepts_events) { Self::Events } else { Self::Lines }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Lines => "application/x-ndjson",
            Self::Events => "text/event-stream",
        }
    }

    fn keep_alive(self) -> &'static str {
        match self {
            Self::Lines => "\n",
            Self::Events => ":\n\n",
        }
    }

    fn arrivals(self, arrivals: Arrivals) -> String {
        let mut text = String::new();
        if arrivals.dropped > 0 {
            self.push(&mut text, "dropped", None, &json!({"dropped": arrivals.dropped}));
        }
        for item in arrivals.items {
            let id = item.id;
            for view in views(vec![item]) {
                self.push(&mut text, "item", Some(id), &view);
            }
        }
        text
    }

    fn push(self, text: &mut String, event: &str, id: Option<i64>, value: &impl Serialize) {
        // The values have no keys that JSON cannot represent.
        let json = serde_json::to_string(value).unwrap_or_default();
        // Envelopes may have several lines. JSON escapes line ends in texts.
        let json = json.replace(['\n', '\r'], " ");
        match self {
            Self::Lines => text.extend([json.as_str(), "\n"]),
            Self::Events => {
                if let Some(id) = id {
                    text.push_str(&format!("id: {id}\n"));
                }
                text.push_str(&format!("event: {event}\ndata: {json}\n\n"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;
    use crate::store::Item;

    #[test]
    fn envelope_of_several_lines_stays_one_line() {
        let item = Item { raw: "{\n\"a\":\r\n\"x\\n\"}".into(), ..Item::at(7) };
        let arrivals = Arrivals { dropped: 2, items: vec![item], ..Arrivals::default() };
        let lines = Format::Lines.arrivals(arrivals);
        let lines: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!((lines.len(), &lines[0]["dropped"], &lines[1]["envelope"]["a"]), (2, &json!(2), &json!("x\n")));
    }

    #[test]
    fn events_are_chosen_by_the_accept_header() {
        let format = |accept| Format::of(&HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]));
        assert_eq!(format("text/event-stream"), Format::Events);
        assert_eq!(format("*/*"), Format::Lines);
        let text = Format::Events.arrivals(Arrivals { items: vec![Item::at(7)], ..Arrivals::default() });
        assert!(text.starts_with("id: 7\nevent: item\ndata: {") && text.ends_with("}\n\n"), "{text}");
    }
}
