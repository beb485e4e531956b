//! Calls of reqwest.

use std::time::Duration;

use opencensus::{CallName, ClientLayer, Settings, SpanStatus};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use tower::{Layer as _, ServiceExt as _};

use super::shop::{Shop, Transaction, attribute, text};

/// How the layer is used with reqwest.
#[derive(Clone)]
enum Client {
    Middleware(ClientWithMiddleware),
    Service(opencensus::outgoing::ClientService<reqwest::Client>),
}

/// A client of reqwest. In a build of the whole workspace it has TLS without a provider, and needs the one of the process.
fn plain_client() -> reqwest::Client {
    // Another test may have installed it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

impl Client {
    fn both(layer: &ClientLayer) -> [Self; 2] {
        let client = plain_client();
        let middleware = ClientBuilder::new(client.clone()).with(layer.clone()).build();
        [Self::Middleware(middleware), Self::Service(layer.layer(client))]
    }

    /// GETs the URL, and returns the status, the final URL and the body.
    async fn get(self, url: &str) -> Result<(u16, String, Option<String>), String> {
        let response = match self {
            Self::Middleware(client) => client.get(url).send().await.map_err(|error| error.to_string())?,
            Self::Service(client) => {
                let request = reqwest::Request::new(reqwest::Method::GET, url.parse().unwrap());
                client.oneshot(request).await.map_err(|error| error.to_string())?
            }
        };
        let (status, url) = (response.status().as_u16(), response.url().to_string());
        Ok((status, url, response.text().await.ok()))
    }
}

/// Handles a request that gets a path of the other service, or an absolute URL, in both ways.
async fn handled(path: &str, until_last_byte: bool) -> Vec<Transaction> {
    let mut transactions = Vec::new();
    for way in 0..2 {
        let shop = Shop::new(Settings::default()).await;
        let [middleware, service] = Client::both(&shop.layer().until_last_byte(until_last_byte));
        let client = if way == 0 { middleware } else { service };
        let url = if path.starts_with('/') { shop.url(path) } else { path.to_owned() };
        let work = async move {
            let get = tokio::time::timeout(Duration::from_millis(500), client.get(&url));
            if let Ok(Ok((_, last, _))) = get.await {
                assert!(last == url || last.ends_with("/ok"), "{last}");
            }
        };
        transactions.push(shop.handle(200, work).await);
    }
    transactions
}

#[tokio::test]
async fn call_is_a_child_of_its_request_and_the_parent_of_the_called_one() {
    for until_last_byte in [false, true] {
        for (path, status) in [("/ok", 200), ("/missing", 404), ("/fail", 500)] {
            for handled in handled(&format!("{path}?a=1"), until_last_byte).await {
                let (request, call, called) = (&handled.requests[0], &handled.calls[0], &handled.called[0]);
                assert_eq!((call.parent, handled.calls.len()), (Some(request.context().span_id()), 1));
                assert_eq!(called.parent(), Some(call.context.span_id()));
                assert!(call.name == "GET 127.0.0.1" && text(call, "url.full").ends_with(&format!("{path}?a=1")));
                assert_eq!(attribute(call, "http.response.status_code"), Some(&i64::from(status).into()));
                assert_eq!(call.status != SpanStatus::Unset, status >= 400);
            }
        }
    }
}

#[tokio::test]
async fn errors_and_timeouts_fail_the_call() {
    for handled in handled("http://me:secret@127.0.0.1:1/", false).await {
        let call = &handled.calls[0];
        assert!(text(call, "error.message").contains("onnection refused"), "{:?}", call.attributes);
        assert_eq!(text(call, "url.full"), "http://127.0.0.1:1/");
    }
    for handled in handled("/hang", false).await {
        assert_eq!(text(&handled.calls[0], "error.type"), "cancelled");
    }
}

#[tokio::test]
async fn call_takes_until_the_last_byte_and_fails_with_its_body() {
    for handled in handled("/stream", true).await {
        assert!(handled.calls[0].duration >= Duration::from_millis(60), "{handled:?}");
    }
    for handled in handled("/broken", true).await {
        assert!(matches!(handled.calls[0].status, SpanStatus::Error(_)), "{handled:?}");
    }
}

#[tokio::test]
async fn redirects_that_reqwest_follows_are_a_part_of_their_call() {
    for handled in handled("/redirect", false).await {
        let call = &handled.calls[0];
        assert_eq!((handled.calls.len(), text(call, "http.response.status_code").as_str()), (1, "200"));
        assert_eq!(handled.called.len(), 2);
        assert!(handled.called.iter().all(|called| called.parent() == Some(call.context.span_id())));
    }
}

#[tokio::test]
async fn call_is_named_by_the_extensions_of_its_request() {
    let shop = Shop::new(Settings::default()).await;
    let client = ClientBuilder::new(plain_client()).with(shop.layer()).build();
    let url = shop.url("/ok");
    let handled = shop.handle(200, async move {
        client.get(url).with_extension(CallName::from("GET /{path}")).send().await.unwrap();
    });
    assert_eq!(handled.await.calls[0].name, "GET /{path}");
}
