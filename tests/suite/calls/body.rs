//! When a call ends.

use std::time::Duration;

use http_body_util::BodyExt as _;
use opencensus::{Settings, SpanStatus};
use tower::{Layer as _, ServiceExt as _};

use super::shop::{Shop, Transaction, get_request, hyper, text};

const PAUSE: Duration = Duration::from_millis(60);

/// Calls this path, and reads the body if `reads` is set.
async fn handled(path: &str, until_last_byte: bool, reads: bool) -> Transaction {
    let shop = Shop::new(Settings::default()).await;
    let client = shop.layer().until_last_byte(until_last_byte).layer(hyper(false));
    let url = shop.url(path);
    let work = async move {
        let response = client.oneshot(get_request(&url)).await.unwrap();
        if reads {
            let _ = response.into_body().collect().await;
        }
    };
    shop.handle(200, work).await
}

#[tokio::test]
async fn call_takes_until_the_head_or_until_the_last_byte() {
    let to_head = handled("/stream", false, true).await;
    assert!(to_head.calls[0].duration < PAUSE, "{to_head:?}");
    let to_end = handled("/stream", true, true).await;
    assert!(to_end.calls[0].duration >= PAUSE, "{to_end:?}");
    for handled in [to_head, to_end] {
        assert_eq!((&handled.calls[0].status, handled.calls.len()), (&SpanStatus::Unset, 1));
        assert_eq!(text(&handled.calls[0], "http.response.status_code"), "200");
    }
    let empty = handled("/missing", true, false).await;
    assert_eq!(text(&empty.calls[0], "http.response.status_code"), "404", "it ends with its head");
}

#[tokio::test]
async fn body_that_fails_fails_the_call_if_the_call_takes_until_its_end() {
    let call = &handled("/broken", true, true).await.calls[0];
    assert!(matches!(&call.status, SpanStatus::Error(text) if !text.is_empty()), "{call:?}");
    assert_eq!(text(call, "http.response.status_code"), "200");
    let call = &handled("/broken", false, true).await.calls[0];
    assert_eq!(call.status, SpanStatus::Unset);
}

#[tokio::test]
async fn body_that_is_dropped_ends_the_call() {
    let call = &handled("/stream", true, false).await.calls[0];
    assert!(call.status == SpanStatus::Unset && call.duration < PAUSE, "{call:?}");
    assert_eq!(text(call, "http.response.status_code"), "200");
}
