//! POSTs to an ingestion endpoint, and what follows from its responses.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use opencensus_core::{Pipeline, Stats};
use test_support::TIMEOUT;
use test_support::endpoint::{Endpoint, KEY, Post, ScriptedResponse, status};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::support::{Client, exporter, quick, start, submit_request};

/// Submits one request to an endpoint with this script. Returns the POSTs and the counters once the request
/// is settled.
async fn deliver(client: Client, script: Vec<ScriptedResponse>) -> (Vec<Post>, Stats) {
    let endpoint = Endpoint::start(script).await;
    let pipeline = start(client, &endpoint.connection_string(), quick());
    submit_request(&pipeline, "/");
    let report = pipeline.flush(TIMEOUT).await;
    assert!(report.complete && report.stats.balances(), "{report:?}");
    (endpoint.posts(), report.stats)
}

#[tokio::test]
async fn temporary_errors_are_retried_with_the_same_item() {
    for client in Client::ALL {
        let (posts, stats) = deliver(client, vec![status(500), status(503), status(408)]).await;
        assert_eq!((posts.len(), stats.delivered, stats.retried), (4, 1, 3), "{client:?}");
        assert!(posts.windows(2).all(|pair| pair[0].items == pair[1].items), "{client:?}");
    }
}

#[tokio::test]
async fn post_has_the_same_headers_with_each_client() {
    for client in Client::ALL {
        let (posts, _) = deliver(client, Vec::new()).await;
        let header = |name: &str| posts[0].headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(header("content-encoding").as_deref(), Some("gzip"), "{client:?}");
        assert_eq!(header("content-type").as_deref(), Some("application/json"), "{client:?}");
        assert_eq!(header("user-agent").as_deref(), Some(""), "{client:?}");
        assert!(header("content-length").is_some() && header("referer").is_none(), "{client:?}");
        assert!(header("accept-encoding").is_none(), "{client:?}");
    }
}

#[tokio::test]
async fn retry_after_is_respected() {
    for client in Client::ALL {
        let throttled = (429, vec![("retry-after", "1".to_owned())], String::new());
        let (posts, stats) = deliver(client, vec![throttled]).await;
        assert_eq!((posts.len(), stats.delivered), (2, 1), "{client:?}");
        assert!(posts[1].at - posts[0].at >= Duration::from_secs(1), "{client:?}: {:?}", posts[1].at - posts[0].at);
    }
}

#[tokio::test]
async fn rejected_item_is_dropped_and_counted() {
    for client in Client::ALL {
        let (posts, stats) = deliver(client, vec![status(400)]).await;
        assert_eq!((posts.len(), stats.delivered, stats.dropped.total()), (1, 0, 1), "{client:?}");
    }
}

#[tokio::test]
async fn body_that_is_too_long_or_never_ends_counts_as_empty() {
    for client in Client::ALL {
        let refusal = r#"{"itemsReceived":1,"itemsAccepted":0,"errors":[{"index":0,"statusCode":400}]}"#;
        let long = format!("{refusal}{}", " ".repeat(256 * 1024));
        let (_, stats) = deliver(client, vec![(206, Vec::new(), refusal.to_owned())]).await;
        assert_eq!((stats.delivered, stats.dropped.total()), (0, 1), "{client:?}");
        let (_, stats) = deliver(client, vec![(206, Vec::new(), long)]).await;
        assert_eq!((stats.delivered, stats.dropped.total()), (1, 0), "{client:?}");
        let cut = RawEndpoint::start("HTTP/1.1 206 Partial Content\r\ncontent-length: 1000\r\n\r\n{\"errors\"").await;
        let exporter = exporter(client, &cut.connection_string()).with_timeout(Duration::from_millis(300));
        let pipeline = Pipeline::start(Box::new(exporter), quick(), None).unwrap();
        submit_request(&pipeline, "/");
        assert_eq!(pipeline.flush(TIMEOUT).await.stats.delivered, 1, "{client:?}");
    }
}

/// A client that decompresses would find no list here, and could be made to fill the memory.
#[tokio::test]
async fn response_is_read_as_it_is_and_never_decompressed() {
    for client in Client::ALL {
        let refusal = r#"{"itemsReceived":1,"itemsAccepted":0,"errors":[{"index":0,"statusCode":400}]}"#;
        let headers = vec![("content-encoding", "gzip".to_owned())];
        let (_, stats) = deliver(client, vec![(206, headers, refusal.to_owned())]).await;
        assert_eq!((stats.delivered, stats.dropped.total()), (0, 1), "{client:?}");
    }
}

#[tokio::test]
async fn endpoint_that_does_not_respond_is_left_after_the_timeout() {
    for client in Client::ALL {
        let silent = RawEndpoint::start("").await;
        let exporter = exporter(client, &silent.connection_string()).with_timeout(Duration::from_millis(50));
        let pipeline = Pipeline::start(Box::new(exporter), quick(), None).unwrap();
        submit_request(&pipeline, "/");
        let begun = Instant::now();
        while pipeline.stats().retried == 0 && begun.elapsed() < TIMEOUT {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert!(pipeline.stats().retried > 0, "{client:?}: {:?}", pipeline.stats());
    }
}

#[tokio::test]
async fn redirect_to_the_same_host_is_followed() {
    for client in Client::ALL {
        let redirect = (308, vec![("location", "/elsewhere".to_owned())], String::new());
        let (posts, stats) = deliver(client, vec![redirect]).await;
        assert_eq!((posts[1].path.as_str(), stats.delivered, stats.retried), ("/elsewhere", 1, 0), "{client:?}");
        assert!(posts[1].headers.get("referer").is_none(), "{client:?}");
    }
}

#[tokio::test]
async fn credentials_of_a_redirect_are_not_sent() {
    for client in Client::ALL {
        let endpoint = Endpoint::start([]).await;
        let location = format!("http://anna:hunter2@{}/elsewhere", endpoint.address);
        endpoint.set_script([(308, vec![("location", location)], String::new())]);
        let pipeline = start(client, &endpoint.connection_string(), quick());
        submit_request(&pipeline, "/");
        assert!(pipeline.flush(TIMEOUT).await.complete);
        let posts = endpoint.posts();
        assert_eq!((posts.len(), posts[1].path.as_str()), (2, "/elsewhere"), "{client:?}");
        assert!(posts[1].headers.get("authorization").is_none(), "{client:?}: {:?}", posts[1].headers);
    }
}

#[tokio::test]
async fn redirect_to_another_host_is_not_followed_and_the_item_is_retried() {
    for (client, status) in Client::ALL.into_iter().flat_map(|client| [301, 302, 303, 307, 308].map(|n| (client, n))) {
        let other = Endpoint::start([]).await;
        let location = format!("http://{}/v2.1/track", other.address);
        let (posts, stats) = deliver(client, vec![(status, vec![("location", location)], String::new())]).await;
        assert_eq!((posts.len(), stats.delivered, stats.retried), (2, 1, 1), "{client:?} {status}");
        assert!(other.posts().is_empty(), "{client:?} {status}");
    }
}

#[tokio::test]
async fn redirect_loop_ends_and_the_item_is_retried() {
    for client in Client::ALL {
        let again = || (307, vec![("location", "/again".to_owned())], String::new());
        let (posts, stats) = deliver(client, (0..6).map(|_| again()).collect()).await;
        assert_eq!((posts.len(), stats.delivered, stats.retried), (7, 1, 1), "{client:?}");
    }
}

#[tokio::test]
async fn permanent_redirect_is_remembered_as_long_as_cache_control_allows_and_a_temporary_one_never() {
    for (client, (status, control, paths)) in Client::ALL.into_iter().flat_map(|client| {
        let cases = [
            (308, Some("max-age=60"), ["/v2.1/track", "/elsewhere", "/elsewhere"].as_slice()),
            (308, None, &["/v2.1/track", "/elsewhere", "/v2.1/track"]),
            (307, Some("max-age=60"), &["/v2.1/track", "/elsewhere", "/v2.1/track"]),
        ];
        cases.map(|case| (client, case))
    }) {
        let endpoint = Endpoint::start([]).await;
        let mut headers = vec![("location", format!("http://{}/elsewhere", endpoint.address))];
        headers.extend(control.map(|control| ("cache-control", control.to_owned())));
        endpoint.set_script([(status, headers, String::new())]);
        let pipeline = start(client, &endpoint.connection_string(), quick());
        for path in ["/1", "/2"] {
            submit_request(&pipeline, path);
            assert!(pipeline.flush(TIMEOUT).await.complete);
        }
        let posted: Vec<_> = endpoint.posts().into_iter().map(|post| post.path).collect();
        assert_eq!(posted, paths, "{client:?}, {status}, {control:?}");
    }
}

/// An endpoint that accepts connections and writes these bytes, and then nothing.
struct RawEndpoint(SocketAddr);

impl RawEndpoint {
    async fn start(response: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let mut open = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                // A response before its request would be an error of the connection.
                let mut request = [0; 1024];
                let _ = stream.read(&mut request).await;
                stream.write_all(response.as_bytes()).await.unwrap();
                open.push(stream);
            }
        });
        Self(address)
    }

    fn connection_string(&self) -> String {
        format!("InstrumentationKey={KEY};IngestionEndpoint=http://{}/", self.0)
    }
}

#[tokio::test]
async fn batch_that_is_too_large_is_halved_until_it_fits_and_the_size_is_remembered() {
    let endpoint = Endpoint::start([]).await;
    endpoint.set_max_items(10);
    let mut limits = quick();
    // All requests in one batch.
    limits.first_delay = Duration::from_millis(200);
    let pipeline = start(Client::BuiltIn, &endpoint.connection_string(), limits);
    let mut refused = 0;
    for round in 0..2 {
        (0..500).for_each(|item| submit_request(&pipeline, &format!("/{round}/{item}")));
        let report = pipeline.flush(TIMEOUT).await;
        assert!(report.complete && report.stats.balances(), "{report:?}");
        assert_eq!((report.stats.delivered, report.stats.dropped.total()), (500 * (round + 1), 0));
        let all_refused = endpoint.posts().iter().filter(|post| post.items.len() > 10).count();
        assert!(round == 0 && all_refused > 0 || all_refused == refused, "{all_refused} after {refused}");
        refused = all_refused;
    }
}

#[tokio::test]
async fn quota_keeps_items_and_sends_them_again() {
    for code in [402, 439] {
        let listed =
            format!(r#"{{"itemsReceived":1,"itemsAccepted":0,"errors":[{{"index":0,"statusCode":"{code}"}}]}}"#);
        let (posts, stats) = deliver(Client::BuiltIn, vec![(206, Vec::new(), listed)]).await;
        assert_eq!((posts.len(), stats.delivered, stats.retried, stats.dropped.total()), (2, 1, 1, 0), "{code}");
    }
    let (posts, stats) =
        deliver(Client::BuiltIn, vec![(402, vec![("retry-after", "1".to_owned())], String::new())]).await;
    assert_eq!((posts.len(), stats.delivered, stats.retried, stats.dropped.total()), (2, 1, 1, 0));
}
