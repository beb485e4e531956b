//! One port serves HTTP with and without TLS, and no connection waits for another.

use std::sync::Arc;
use std::time::{Duration, Instant};

use opencensus_portal::{Filter, Portal, PortalOptions};
use test_support::TIMEOUT;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::support::{envelope, get, page, post};

/// Opens a connection with TLS, and trusts this certificate.
async fn connect(portal: &Portal, certificate: &str, name: &'static str) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(certificate.as_bytes()) {
        roots.add(certificate.unwrap()).unwrap();
    }
    let builder = ClientConfig::builder_with_provider(ring::default_provider().into());
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    let config = builder.with_root_certificates(roots).with_no_client_auth();
    let stream = TcpStream::connect(portal.address()).await?;
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from(name).unwrap(), stream).await
}

async fn trusted(portal: &Portal) -> TlsStream<TcpStream> {
    connect(portal, &portal.certificate_pem().unwrap(), "localhost").await.unwrap()
}

/// Reads a response with a content length, and leaves the connection open.
async fn response(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut received = Vec::new();
    let read = async {
        loop {
            let text = String::from_utf8_lossy(&received).to_ascii_lowercase();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head.split_once("content-length: ").map_or("0", |(_, rest)| rest.lines().next().unwrap());
                if body.len() >= length.parse().unwrap() {
                    return String::from_utf8_lossy(&received).into_owned();
                }
            }
            assert_ne!(stream.read_buf(&mut received).await.unwrap(), 0, "{text}");
        }
    };
    tokio::time::timeout(TIMEOUT, read).await.unwrap()
}

async fn send(stream: &mut (impl AsyncWrite + Unpin), text: &str) {
    stream.write_all(text.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
}

#[tokio::test]
async fn one_port_serves_http_with_and_without_tls() {
    let portal = Portal::start().unwrap();
    let pem = portal.certificate_pem().unwrap();
    let body = envelope("encrypted").to_string();
    for name in ["localhost", "127.0.0.1", "::1"] {
        let mut stream = connect(&portal, &pem, name).await.unwrap();
        let head = format!("POST /v2.1/track HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n", body.len());
        send(&mut stream, &format!("{head}{body}")).await;
        assert!(response(&mut stream).await.starts_with("HTTP/1.1 200"), "{name}");
    }
    assert_eq!(post(&portal, "/v2.1/track", "", envelope("plain").to_string().as_bytes()).await.0, 200);
    assert_eq!(portal.count(Filter::requests()).await.unwrap().0, 4);
    assert!(get(&portal, "/api/v1/certificate").await.ends_with(&format!("\r\n\r\n{pem}")));
}

#[tokio::test]
async fn addresses_name_scheme_and_port_and_end_without_a_slash() {
    let portal = Portal::start().unwrap();
    let address = portal.address();
    assert!(portal.connection_string().ends_with(&format!(";IngestionEndpoint=http://{address}")));
    assert!(portal.tls_connection_string().ends_with(&format!(";IngestionEndpoint=https://{address}")));
    assert_eq!(portal.https_url(), format!("https://{address}/"));
    assert_eq!(portal.certificate_path(), None);
}

#[tokio::test]
async fn certificate_is_of_this_machine_and_of_this_portal_alone() {
    let (portal, other) = (Portal::start().unwrap(), Portal::start().unwrap());
    let pem = portal.certificate_pem().unwrap();
    assert!(connect(&portal, &pem, "shop.example").await.is_err());
    assert!(connect(&portal, &pem, "192.0.2.1").await.is_err());
    assert!(connect(&portal, &other.certificate_pem().unwrap(), "localhost").await.is_err());
    assert!(connect(&portal, &pem, "localhost").await.is_ok());
}

#[tokio::test]
async fn silent_and_incomplete_connections_delay_no_other() {
    let portal = Portal::start().unwrap();
    let mut open = Vec::new();
    for at in 0..120 {
        let mut stream = TcpStream::connect(portal.address()).await.unwrap();
        let first: &[u8] = [b"".as_slice(), b"\x16", b"\x16\x03\x01\x02\x00\x01", b"POST /v2.1/tr"][at % 4];
        stream.write_all(first).await.unwrap();
        open.push(stream);
    }
    let start = Instant::now();
    assert!(get(&portal, "/api/v1/healthz").await.ends_with("\r\n\r\nok"));
    send(&mut trusted(&portal).await, "GET /api/v1/healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[tokio::test]
async fn bodies_that_do_not_arrive_delay_no_other() {
    let portal = Portal::start().unwrap();
    let mut open = Vec::new();
    for length in [100, 8_000_000].repeat(20) {
        let mut stream = TcpStream::connect(portal.address()).await.unwrap();
        send(&mut stream, &format!("POST /v2/track HTTP/1.1\r\nhost: localhost\r\ncontent-length: {length}\r\n\r\n["))
            .await;
        open.push(stream);
    }
    let start = Instant::now();
    assert_eq!(post(&portal, "/v2.1/track", "", envelope("whole").to_string().as_bytes()).await.0, 200);
    let large = format!("[{}{}]", envelope("large"), " ".repeat(1_000_000));
    assert_eq!(post(&portal, "/v2.1/track", "", large.as_bytes()).await.0, 200);
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

#[tokio::test]
async fn garbage_after_the_first_byte_ends_that_connection_alone() {
    let portal = Portal::start().unwrap();
    for garbage in [b"\x16GET / HTTP/1.1\r\n\r\n".as_slice(), b"\x16\x03\x01\xFF\xFF", b"\0\0\0\0\r\n\r\n"] {
        let mut stream = TcpStream::connect(portal.address()).await.unwrap();
        stream.write_all(garbage).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut rest = Vec::new();
        let _ = tokio::time::timeout(TIMEOUT, stream.read_to_end(&mut rest)).await.unwrap();
    }
    assert!(get(&portal, "/api/v1/healthz").await.ends_with("\r\n\r\nok"));
}

/// Posts in chunks, after a pause for `100 Continue`, and twice on one connection.
async fn post_twice(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    for name in ["first", "second"] {
        let head =
            "POST /v2.1/track HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\ntransfer-encoding: chunked\r\n";
        send(&mut stream, &format!("{head}\r\n")).await;
        assert_eq!(response(&mut stream).await, "HTTP/1.1 100 Continue\r\n\r\n");
        let body = envelope(name).to_string();
        let (start, end) = body.split_at(50);
        send(&mut stream, &format!("32\r\n{start}\r\n")).await;
        send(&mut stream, &format!("{:x}\r\n{end}\r\n0\r\n\r\n", end.len())).await;
        assert!(response(&mut stream).await.starts_with("HTTP/1.1 200"), "{name}");
    }
}

#[tokio::test]
async fn connections_are_kept_alive_and_bodies_may_be_chunked_and_expected() {
    let portal = Portal::start().unwrap();
    post_twice(TcpStream::connect(portal.address()).await.unwrap()).await;
    post_twice(trusted(&portal).await).await;
    assert_eq!(portal.count(Filter::requests()).await.unwrap().0, 4);
}

#[tokio::test]
async fn kept_certificate_is_that_of_the_next_portal_too() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("state");
    let options = || PortalOptions::default().with_state_folder(&folder);
    let first = options().start().unwrap();
    let pem = first.certificate_pem().unwrap();
    assert_eq!(std::fs::read_to_string(first.certificate_path().unwrap()).unwrap(), pem);
    drop(first);
    let second = options().start().unwrap();
    assert!(connect(&second, &pem, "localhost").await.is_ok());
}

#[tokio::test]
async fn pages_over_tls_are_the_portal_s_own_origin() {
    let portal = Portal::start().unwrap();
    let origin = format!("https://{}", portal.address());
    let (status, _) = post(&portal, "/v2.1/track", &page(&origin, "same-origin"), b"[]").await;
    assert_eq!(status, 400);
    let headers = format!("host: {}\r\n{}", portal.address(), page(&origin, "same-origin"));
    let mut stream = trusted(&portal).await;
    send(&mut stream, &format!("GET /api/v1/count HTTP/1.1\r\n{headers}\r\n")).await;
    let response = response(&mut stream).await;
    assert!(response.starts_with("HTTP/1.1 200") && !response.contains("access-control"), "{response}");
}
