//! HTTP/2 requests are recorded as those of HTTP/1, also if they share a connection and a client cancels one of them.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http2::SendRequest;
use hyper_util::rt::{TokioExecutor, TokioIo};
use opencensus::core::HttpVersion;
use opencensus::{OutcomeKind, Settings};
use tokio::net::TcpStream;

use crate::support::server::{Framework, Server};
use crate::support::{ended, in_memory};
use test_support::TIMEOUT;

async fn connect(address: SocketAddr) -> SendRequest<Empty<Bytes>> {
    let stream = TcpStream::connect(address).await.unwrap();
    let (client, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    client
}

fn request(address: SocketAddr, method: Method, path: &str) -> Request<Empty<Bytes>> {
    Request::builder().method(method).uri(format!("http://{address}{path}")).body(Empty::new()).unwrap()
}

/// Reads a response to its end, and returns its status and the length of its body.
async fn read(response: Response<Incoming>) -> (u16, usize) {
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.map_or(0, |body| body.to_bytes().len());
    (status, body)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_share_a_connection_have_a_row_each() {
    for framework in Framework::ALL {
        let (telemetry, exporter) = in_memory(Settings::default());
        let server = Server::start(framework, telemetry.clone()).await;
        let client = connect(server.address).await;
        let requests = [
            (Method::GET, "/users/7?a=1", 200),
            (Method::HEAD, "/users/8", 200),
            (Method::GET, "/stream", 200),
            (Method::GET, "/forbidden", 403),
            (Method::GET, "/unavailable", 503),
            (Method::GET, "/redirect", 302),
            (Method::POST, "/users/9", 200),
        ];
        let responses = requests.clone().map(|(method, path, _)| {
            let response = client.clone().send_request(request(server.address, method, path));
            tokio::spawn(async move { read(response.await.unwrap()).await.0 })
        });
        for (response, (method, path, status)) in responses.into_iter().zip(&requests) {
            assert_eq!(response.await.unwrap(), *status, "{framework:?}: {method} {path}");
        }
        let rows = ended(&telemetry, &exporter, requests.len()).await;
        let rows: BTreeMap<_, _> =
            rows.iter().map(|row| ((row.method().into_owned(), row.path().into_owned()), row)).collect();
        for (method, path, status) in requests {
            let path = path.split('?').next().unwrap();
            let row = rows[&(method.to_string(), path.to_owned())];
            assert_eq!((row.status(), row.outcome().kind()), (Some(status), OutcomeKind::Completed), "{row:?}");
            assert_eq!(row.version(), HttpVersion::Http2, "{framework:?}");
            assert_eq!(row.host().as_deref(), Some(&*server.address.to_string()), "{framework:?}");
            let shortest = if path == "/stream" { 100 } else { 0 };
            assert!(row.duration().as_millis() >= shortest, "{row:?}");
        }
        assert_eq!(telemetry.stats().requests.in_flight(), 0);
        drop(client);
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancelled_stream_ends_only_its_own_request() {
    for framework in Framework::ALL {
        let (telemetry, exporter) = in_memory(Settings::default());
        let server = Server::start(framework, telemetry.clone()).await;
        let mut client = connect(server.address).await;
        // Cancelled before its response, while the handler runs.
        let slow = tokio::spawn(client.send_request(request(server.address, Method::GET, "/slow")));
        while telemetry.stats().requests.in_flight() == 0 {
            tokio::task::yield_now().await;
        }
        slow.abort();
        let row = ended(&telemetry, &exporter, 1).await.remove(0);
        // actix-web does not notice a reset stream before it responds.
        let expected = match framework {
            Framework::Actix => (Some(200), OutcomeKind::Aborted),
            _ => (Some(499), OutcomeKind::Cancelled),
        };
        assert_eq!((row.status(), row.outcome().kind()), expected, "{framework:?}");
        // Cancelled during its response.
        let mut response = client.send_request(request(server.address, Method::GET, "/stream")).await.unwrap();
        let first = tokio::time::timeout(TIMEOUT, response.body_mut().frame()).await.unwrap();
        assert!(first.is_some());
        drop(response);
        let row = ended(&telemetry, &exporter, 2).await.remove(1);
        assert_eq!((row.status(), row.outcome().kind()), (Some(200), OutcomeKind::Aborted), "{framework:?}");
        // The connection stays open.
        let response = client.send_request(request(server.address, Method::GET, "/users/7")).await.unwrap();
        assert_eq!(read(response).await.0, 200);
        let row = ended(&telemetry, &exporter, 3).await.remove(2);
        assert_eq!(row.outcome().kind(), OutcomeKind::Completed);
        drop(client);
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn panic_resets_its_stream_and_is_recorded_as_500() {
    for framework in Framework::ALL {
        let (telemetry, exporter) = in_memory(Settings::default());
        let server = Server::start(framework, telemetry.clone()).await;
        let mut client = connect(server.address).await;
        assert!(client.send_request(request(server.address, Method::GET, "/boom")).await.is_err());
        let row = ended(&telemetry, &exporter, 1).await.remove(0);
        assert_eq!(row.status(), Some(500), "{framework:?}");
        assert_eq!(row.outcome().detail(), Some("the shop is on fire"), "{framework:?}");
        drop(client);
        server.stop().await;
    }
}
