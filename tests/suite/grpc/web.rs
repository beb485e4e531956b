//! gRPC-Web, whose status is in the body: its browsers' HTTP clients cannot read trailers.

use std::net::SocketAddr;

use opencensus::observers::GrpcStatus;
use opencensus::{OpenCensusLayer, RequestRecord, Settings, SpanStatus, Telemetry};
use test_support::client::raw;
use tokio::net::TcpListener;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic_web::GrpcWebLayer;

use super::greeter::{Greeter, SAY_HELLO};
use crate::support::{ended, in_memory};

/// Starts a server with the layer outside or inside of the one for gRPC-Web.
async fn start(is_outside: bool, telemetry: &Telemetry) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let layer = OpenCensusLayer::new(telemetry.clone());
    let incoming = TcpIncoming::from(listener);
    if is_outside {
        let mut server = Server::builder().accept_http1(true).layer(layer).layer(GrpcWebLayer::new());
        tokio::spawn(server.add_service(Greeter).serve_with_incoming(incoming));
    } else {
        let mut server = Server::builder().accept_http1(true).layer(GrpcWebLayer::new()).layer(layer);
        tokio::spawn(server.add_service(Greeter).serve_with_incoming(incoming));
    }
    address
}

/// Posts this body as a browser does, and returns the response and the call's record.
async fn posted(is_outside: bool, kind: &str, body: &str) -> (String, RequestRecord) {
    let (telemetry, exporter) = in_memory(Settings::default());
    let address = start(is_outside, &telemetry).await;
    let head = format!("content-type: {kind}\r\naccept: {kind}\r\ncontent-length: {}", body.len());
    let request = format!("POST {SAY_HELLO} HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n{head}\r\n\r\n{body}");
    let response = raw(address, &request).await;
    (response, ended(&telemetry, &exporter, 1).await.remove(0))
}

/// A frame with the name `Ada`, and one with `13 db down`; both in base64, too.
const ADA: (&str, &str) = ("\0\0\0\0\x05\n\x03Ada", "AAAAAAUKA0FkYQ==");
const FAILURE: (&str, &str) = ("\0\0\0\0\x0c\n\x0a13 db down", "AAAAAAwKCjEzIGRiIGRvd24=");

#[tokio::test]
async fn status_in_the_body_is_read() {
    for is_outside in [true, false] {
        for (kind, is_text) in [("application/grpc-web+proto", false), ("application/grpc-web-text+proto", true)] {
            for (frames, code) in [(ADA, 0), (FAILURE, 13)] {
                let body = if is_text { frames.1 } else { frames.0 };
                let (response, record) = posted(is_outside, kind, body).await;
                assert!(response.starts_with("HTTP/1.1 200"), "{response}");
                assert_eq!(record.grpc_status(), Some(GrpcStatus::new(code)), "{is_outside} {kind}: {response:?}");
                assert_eq!(record.name(), &SAY_HELLO[1..]);
                let message = (code == 13).then(|| SpanStatus::Error("db down".into()));
                assert_eq!(*record.span_status(), message.unwrap_or_default());
            }
        }
    }
}
