//! Exporters behind a proxy, with TLS to the endpoint, to the proxy, or to both.

use std::time::{Duration, Instant};

use opencensus_azure::{AzureExporter, ConnectionString, ExtraRoots};
use opencensus_core::{Pipeline, Resource};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use test_support::TIMEOUT;
use test_support::certificates::server_config;
use test_support::endpoint::{Endpoint, KEY};
use test_support::process::run_test;

use crate::forward_proxy::ForwardProxy;
use crate::support::{Client, quick, submit_request, trusting};

/// An exporter that trusts these authorities.
fn exporter(client: Client, endpoint: &str, authorities: &str) -> AzureExporter {
    let connection: ConnectionString =
        format!("InstrumentationKey={KEY};IngestionEndpoint={endpoint}").parse().unwrap();
    let exporter = AzureExporter::new(&connection, &Resource::default()).unwrap().with_plain_http(true);
    let exporter = exporter.with_timeout(Duration::from_secs(5));
    match client {
        Client::BuiltIn if authorities.is_empty() => exporter,
        Client::BuiltIn => exporter.with_extra_roots(ExtraRoots::from_pem(authorities.as_bytes()).unwrap()),
        Client::Reqwest => {
            let roots: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(authorities.as_bytes()).collect();
            exporter.with_client_builder(trusting(&roots.unwrap()))
        }
    }
}

/// Exports one request. Returns whether it was delivered.
async fn is_delivered(exporter: AzureExporter) -> bool {
    let pipeline = Pipeline::start(Box::new(exporter), quick(), None).unwrap();
    submit_request(&pipeline, "/");
    let begun = Instant::now();
    loop {
        let stats = pipeline.stats();
        if stats.delivered == 1 || stats.retried > 0 || stats.dropped.total() > 0 || begun.elapsed() > TIMEOUT {
            pipeline.shutdown(Duration::ZERO).await;
            return stats.delivered == 1;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test]
async fn https_goes_through_a_tunnel_of_a_plain_or_encrypted_proxy_with_its_credentials() {
    for client in Client::ALL {
        for scheme in ["http", "https"] {
            let ((authority, tls), (proxy_authority, proxy_tls)) = (server_config(), server_config());
            let endpoint = Endpoint::start_tls(tls).await;
            let proxy = ForwardProxy::start(endpoint.address, (scheme == "https").then_some(proxy_tls)).await;
            let url = format!("https://{}/", endpoint.address);
            let exporter = exporter(client, &url, &(authority + &proxy_authority));
            assert!(is_delivered(exporter.with_proxy(proxy.url(scheme).parse().unwrap())).await, "{client:?} {scheme}");
            let heads = proxy.heads();
            let connect = format!("CONNECT {} HTTP/1.1\r\n", endpoint.address);
            assert!(heads.len() == 1 && heads[0].starts_with(&connect), "{client:?} {scheme}: {heads:?}");
            assert!(endpoint.posts()[0].headers.get("proxy-authorization").is_none(), "{client:?} {scheme}");
        }
    }
}

#[tokio::test]
async fn plain_http_is_forwarded_by_a_plain_or_encrypted_proxy_with_its_credentials() {
    for client in Client::ALL {
        for scheme in ["http", "https"] {
            let (authority, tls) = server_config();
            let endpoint = Endpoint::start([]).await;
            let proxy = ForwardProxy::start(endpoint.address, (scheme == "https").then_some(tls)).await;
            let exporter = exporter(client, "http://ingestion.example/", &authority);
            assert!(is_delivered(exporter.with_proxy(proxy.url(scheme).parse().unwrap())).await, "{client:?} {scheme}");
            let heads = proxy.heads();
            assert!(
                heads[0].starts_with("POST http://ingestion.example/v2.1/track HTTP/1.1\r\n"),
                "{client:?}: {heads:?}"
            );
        }
    }
}

#[tokio::test]
async fn proxy_without_the_right_credentials_forwards_nothing_and_the_item_is_kept() {
    for client in Client::ALL {
        let (authority, tls) = server_config();
        let endpoint = Endpoint::start_tls(tls).await;
        let proxy = ForwardProxy::start(endpoint.address, None).await;
        let exporter = exporter(client, &format!("https://{}/", endpoint.address), &authority);
        let url = format!("http://anna:wrong@{}", proxy.address);
        assert!(!is_delivered(exporter.with_proxy(url.parse().unwrap())).await, "{client:?}");
        assert!(endpoint.posts().is_empty() && !proxy.heads().is_empty(), "{client:?}");
    }
}

const CHILD: &str = "PROXIES_OF_THE_ENVIRONMENT";

/// Runs in a child process, which has the variables.
#[tokio::test]
async fn child() {
    let Ok(case) = std::env::var(CHILD) else { return };
    let (endpoint, is_through_proxy) = case.split_once(' ').unwrap();
    let port = std::env::var("ALL_PROXY").unwrap();
    let listener = tokio::net::TcpListener::bind(port.trim_start_matches("http://")).await.unwrap();
    let accepted = tokio::spawn(async move { listener.accept().await.is_ok() });
    let exporter = exporter(Client::BuiltIn, endpoint, "");
    let exporter = exporter.with_extra_roots(ExtraRoots::from_pem(server_config().0.as_bytes()).unwrap());
    let pipeline = Pipeline::start(Box::new(exporter.with_timeout(Duration::from_millis(500))), quick(), None).unwrap();
    submit_request(&pipeline, "/");
    let begun = Instant::now();
    while pipeline.stats().retried == 0 && pipeline.stats().delivered == 0 && begun.elapsed() < TIMEOUT {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    pipeline.shutdown(Duration::ZERO).await;
    assert_eq!(accepted.is_finished(), is_through_proxy == "true", "{case}");
}

/// `ALL_PROXY` and `NO_PROXY`, by which hosts are sent through the proxy.
#[test]
fn proxies_of_the_environment_apply_but_not_to_loopback_addresses_and_hosts_of_no_proxy() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let proxy = format!("http://{free}");
    for (endpoint, no_proxy, is_through_proxy) in [
        ("https://ingestion.example/", "", "true"),
        ("http://ingestion.example/", "", "true"),
        ("https://ingestion.example/", "other.example, 10.0.0.0/8", "true"),
        ("https://ingestion.example/", "other.example,ingestion.example", "false"),
        ("https://dc.ingestion.example/", ".ingestion.example", "false"),
        ("https://10.1.2.3:1/", "10.0.0.0/8", "false"),
        ("https://ingestion.example/", "*", "false"),
        ("http://127.0.0.1:1/", "", "false"),
        ("https://localhost:1/", "", "false"),
    ] {
        let case = format!("{endpoint} {is_through_proxy}");
        run_test("outbound_proxy::child", &[(CHILD, &case), ("ALL_PROXY", &proxy), ("NO_PROXY", no_proxy)]);
    }
}
