//! Every request that a server accepts is a row with a clean URL, whatever its target, host and version.

use opencensus::Settings;
use opencensus_portal::{Filter, Portal};
use test_support::TIMEOUT;
use test_support::client::raw;

use crate::support::server::{Framework, Server};

/// Texts that no row may contain.
const SECRETS: [&str; 3] = ["hunter2", "SECRET", "pass@"];

/// Requests, each without the end of its head.
const REQUESTS: &[&str] = &[
    "GET / HTTP/1.1\r\nhost: shop.example",
    "GET /users/7?q=1 HTTP/1.0",
    "GET /users/7 HTTP/1.0\r\nhost: shop.example:8080",
    "GET /users/7 HTTP/1.1\r\nhost: [::1]:8080",
    "GET /users/7 HTTP/1.1\r\nhost: SHOP.example.",
    "GET /users/7 HTTP/1.1\r\nhost: xn--bcher-kva.example",
    "GET /users/7 HTTP/1.1\r\nhost: ",
    "GET /users/7 HTTP/1.1\r\nhost: shop.example/x?sig=SECRET",
    "GET /users/7 HTTP/1.1\r\nhost: shop example",
    "GET /users/7 HTTP/1.1\r\nhost: user:pass@shop.example",
    "GET /users/7 HTTP/1.1\r\nhost: shop.example\r\nhost: other.example",
    "GET http://shop.example/users/7?token=hunter2 HTTP/1.1\r\nhost: other.example",
    "GET http://user:pass@shop.example/users/7 HTTP/1.1\r\nhost: shop.example",
    "GET http://[::1]:8080/users/7 HTTP/1.1\r\nhost: shop.example",
    "GET HTTP://shop.example HTTP/1.1\r\nhost: shop.example",
    "OPTIONS * HTTP/1.1\r\nhost: shop.example",
    "CONNECT shop.example:443 HTTP/1.1\r\nhost: shop.example:443",
    "GET /users/a%20b%2Fc%00?q=%C3%A4&token=hunter2 HTTP/1.1\r\nhost: shop.example",
    "GET /users/%zz%?%&=&&;token=hunter2 HTTP/1.1\r\nhost: shop.example",
    "GET //users//7/../8/./ HTTP/1.1\r\nhost: shop.example",
    "GET /users/{7}|x^`\"<> HTTP/1.1\r\nhost: shop.example",
    "GET /users/7?a?b#/../?token=hunter2 HTTP/1.1\r\nhost: shop.example",
    "GET ?q=1 HTTP/1.1\r\nhost: shop.example",
    "BREW /users/7 HTTP/1.1\r\nhost: shop.example",
];

fn check(url: &str, framework: Framework) {
    assert!(!url.is_empty(), "{framework:?}: a row without a URL");
    let is_clean = |c: char| !c.is_control() && !c.is_whitespace();
    assert!(url.chars().all(is_clean), "{framework:?}: {url:?}");
    let is_absolute = url.starts_with("http://");
    assert!(is_absolute || url.starts_with('/'), "{framework:?}: {url}");
    for secret in SECRETS {
        assert!(!url.contains(secret), "{framework:?}: {url}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_accepted_request_is_a_row_with_a_clean_url() {
    for framework in Framework::ALL {
        let portal = Portal::start().unwrap();
        let settings =
            Settings::default().with_store(false).with_connection_string(portal.connection_string().parse().unwrap());
        let telemetry = settings.start().unwrap();
        let server = Server::start(framework, telemetry.clone()).await;
        for request in REQUESTS {
            raw(server.address, &format!("{request}\r\nconnection: close\r\n\r\n")).await;
        }
        server.stop().await;
        let report = telemetry.shutdown(TIMEOUT).await;
        assert_eq!(report.stats.delivered, telemetry.stats().requests.started(), "{framework:?}: {report}");
        let items = portal.items(Filter::requests(), 1000).await.unwrap();
        // Servers reject some of them before the layer.
        assert!(items.len() >= 15, "{framework:?}: {}", items.len());
        for item in items {
            let envelope: serde_json::Value = serde_json::from_str(&item.envelope().to_string()).unwrap();
            check(envelope["data"]["baseData"]["url"].as_str().unwrap_or_default(), framework);
            assert!(!item.name.contains("users/7"), "{framework:?}: {}", item.name);
        }
    }
}
