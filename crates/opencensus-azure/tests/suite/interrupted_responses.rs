//! Endpoints that read a whole POST and then respond slowly, in part, or not at all.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use opencensus_core::Pipeline;
use test_support::TIMEOUT;
use test_support::endpoint::KEY;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::support::{Client, exporter, quick, submit_request};

/// The time limit of an attempt, `azure.timeout`.
const ATTEMPT: Duration = Duration::from_secs(1);

/// How the first POST ends.
#[derive(Clone, Copy, Debug)]
enum End {
    /// With one byte a second of this response.
    Slowly(&'static str),
    /// With one byte of this response in a fourth of the time limit, so that no single read takes too long.
    Steadily(&'static str),
    /// With a part of a response, and the end of the connection.
    Close(&'static str),
    /// With a reset of the connection.
    Reset,
}

const ACCEPTED: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// An endpoint whose first POST ends in this way, and which accepts the others.
struct RawEndpoint {
    address: SocketAddr,
    bodies: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl RawEndpoint {
    async fn start(end: End) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let bodies: Arc<Mutex<Vec<Vec<u8>>>> = Arc::default();
        let received = Arc::clone(&bodies);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let received = Arc::clone(&received);
                tokio::spawn(async move {
                    let body = read_body(&mut stream).await.unwrap();
                    let is_first = {
                        let mut received = received.lock().unwrap();
                        received.push(body);
                        received.len() == 1
                    };
                    let _ = respond(stream, if is_first { end } else { End::Close(ACCEPTED) }).await;
                });
            }
        });
        Self { address, bodies }
    }

    fn bodies(&self) -> Vec<Vec<u8>> {
        self.bodies.lock().unwrap().clone()
    }
}

/// Reads a request to its last byte.
async fn read_body(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut body).await?;
    Ok(body)
}

async fn respond(mut stream: TcpStream, end: End) -> io::Result<()> {
    match end {
        End::Slowly(response) => trickle(stream, response, Duration::from_secs(1)).await,
        End::Steadily(response) => trickle(stream, response, ATTEMPT / 4).await,
        End::Close(response) => stream.write_all(response.as_bytes()).await,
        End::Reset => stream.set_zero_linger(),
    }
}

async fn trickle(mut stream: TcpStream, response: &str, interval: Duration) -> io::Result<()> {
    for byte in response.bytes() {
        stream.write_u8(byte).await?;
        tokio::time::sleep(interval).await;
    }
    Ok(())
}

/// Posts one request to an endpoint whose first POST ends in this way. Checks how many POSTs deliver it.
async fn assert_posts(client: Client, end: End, posts: usize) {
    let endpoint = RawEndpoint::start(end).await;
    let connection = format!("InstrumentationKey={KEY};IngestionEndpoint=http://{}/", endpoint.address);
    let exporter = exporter(client, &connection).with_timeout(ATTEMPT);
    let pipeline = Pipeline::start(Box::new(exporter), quick(), None).unwrap();
    submit_request(&pipeline, "/");
    let report = pipeline.flush(TIMEOUT).await;
    assert!(report.complete && report.stats.balances(), "{client:?}, {end:?}: {report:?}");
    assert_eq!((report.stats.delivered, report.stats.retried), (1, posts as u64 - 1), "{client:?}, {end:?}");
    let bodies = endpoint.bodies();
    assert!(bodies.len() == posts && bodies.iter().all(|body| *body == bodies[0]), "{client:?}, {end:?}");
}

#[tokio::test]
async fn post_without_a_whole_response_is_sent_again_unless_its_status_shows_that_it_was_accepted() {
    let mut cases = JoinSet::new();
    for client in Client::ALL {
        for (end, posts) in [
            (End::Slowly(ACCEPTED), 2),
            (End::Steadily(ACCEPTED), 2),
            (End::Steadily("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 1000\r\n\r\n"), 2),
            (End::Reset, 2),
            (End::Close(""), 2),
            (End::Close("HTTP/1.1 200"), 2),
            (End::Close("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 1000\r\n\r\n{\"errors\""), 2),
            (End::Close("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"itemsReceived\""), 1),
        ] {
            cases.spawn(assert_posts(client, end, posts));
        }
    }
    cases.join_all().await;
}
