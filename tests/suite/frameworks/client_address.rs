//! The client's address, the scheme and the host come from headers of trusted proxies only.

use opencensus::Settings;
use opencensus::security::{ClientHeader, ForwardedHeader};

use crate::support::server::{Framework, Server};
use crate::support::{SettingsExt as _, ended, in_memory};
use test_support::client::request;

const X_FORWARDED: &str = "x-forwarded-for: 198.51.100.66, 203.0.113.7\r\nx-forwarded-proto: https\r\n\
                           x-forwarded-host: www.example\r\n";
const FORWARDED: &str = "forwarded: for=198.51.100.66;proto=ftp, for=203.0.113.7;proto=https;host=www.example\r\n";

/// Returns the recorded client, scheme and host of a request with these headers.
async fn recorded(framework: Framework, settings: Settings, headers: &str) -> (Option<String>, String, String) {
    let (telemetry, exporter) = in_memory(settings);
    let server = Server::start(framework, telemetry.clone()).await;
    request(server.address, "GET", "/users/7", headers).await;
    let record = ended(&telemetry, &exporter, 1).await.remove(0);
    server.stop().await;
    assert_eq!(record.peer().unwrap().ip().to_string(), "127.0.0.1");
    let client = record.client_address().map(|address| address.to_string());
    (client, record.scheme().into_owned(), record.host().unwrap().into_owned())
}

fn client_data(client: &str, scheme: &str, host: &str) -> (Option<String>, String, String) {
    (Some(client.to_owned()), scheme.to_owned(), host.to_owned())
}

#[tokio::test]
async fn only_trusted_proxies_set_the_client_address() {
    for framework in Framework::ALL {
        let own = client_data("127.0.0.1", "http", "shop.example");
        let forwarded = client_data("203.0.113.7", "https", "www.example");
        let trusting = |header| {
            Settings::default()
                .with_trusted_proxies(["127.0.0.0/8", "10.0.0.1"])
                .with(|s| s.trace.forwarded_header = header)
        };
        let other_proxy = Settings::default().with_trusted_proxies(["10.0.0.0/8"]);
        assert_eq!(recorded(framework, Settings::default(), X_FORWARDED).await, own, "{framework:?}");
        assert_eq!(recorded(framework, other_proxy, X_FORWARDED).await, own, "{framework:?}");
        assert_eq!(recorded(framework, trusting(ForwardedHeader::XForwardedFor), X_FORWARDED).await, forwarded);
        assert_eq!(recorded(framework, trusting(ForwardedHeader::Forwarded), FORWARDED).await, forwarded);
        // Only the configured header is read.
        assert_eq!(recorded(framework, trusting(ForwardedHeader::Forwarded), X_FORWARDED).await, own, "{framework:?}");
        assert_eq!(
            recorded(framework, trusting(ForwardedHeader::XForwardedFor), FORWARDED).await,
            own,
            "{framework:?}"
        );
    }
}

#[tokio::test]
async fn any_header_of_a_trusted_proxy_may_state_the_client() {
    for framework in Framework::ALL {
        for name in ["X-Azure-ClientIP", "CF-Connecting-IP", "X-Real-IP", "Fly-Client-IP"] {
            let named = ForwardedHeader::Named(ClientHeader::new(name).unwrap());
            let trusting = |proxies: &[&str]| {
                Settings::default()
                    .with_trusted_proxies(proxies.iter().copied())
                    .with(|s| s.trace.forwarded_header = named)
            };
            let headers =
                format!("{name}: 203.0.113.7\r\nx-forwarded-for: 198.51.100.66\r\nx-forwarded-proto: https\r\n");
            let expected = client_data("203.0.113.7", "https", "shop.example");
            assert_eq!(recorded(framework, trusting(&["127.0.0.1"]), &headers).await, expected, "{framework:?} {name}");
            let own = client_data("127.0.0.1", "http", "shop.example");
            assert_eq!(recorded(framework, trusting(&["10.0.0.1"]), &headers).await, own, "{framework:?} {name}");
            let hidden = format!("{name}: 203.0.113.7, unknown\r\n");
            assert_eq!(recorded(framework, trusting(&["127.0.0.1"]), &hidden).await.0, None, "{framework:?} {name}");
        }
    }
}

#[tokio::test]
async fn client_unknown_to_the_proxy_is_unknown() {
    for framework in Framework::ALL {
        let settings = Settings::default().with_trusted_proxies(["127.0.0.1"]);
        let (client, ..) = recorded(framework, settings, "x-forwarded-for: 198.51.100.66, unknown\r\n").await;
        assert_eq!(client, None, "{framework:?}");
    }
}

#[tokio::test]
async fn masked_client_stays_masked_behind_a_proxy() {
    let settings =
        Settings::default().with_trusted_proxies(["127.0.0.1"]).with(|s| s.privacy.mask_client_address = true);
    let (telemetry, exporter) = in_memory(settings);
    let server = Server::start(Framework::Axum, telemetry.clone()).await;
    request(server.address, "GET", "/users/7", X_FORWARDED).await;
    let record = ended(&telemetry, &exporter, 1).await.remove(0);
    assert_eq!((record.client_address(), record.peer()), (None, None));
    server.stop().await;
}

#[test]
fn proxy_that_is_not_an_address_is_an_error() {
    let settings = Settings::default().with_trusted_proxies(["proxy.example"]);
    let error = settings.start_with(opencensus::InMemoryExporter::default()).unwrap_err();
    assert!(error.to_string().contains("`proxy.example`"), "{error}");
}
