//! Accepts connections and serves each in a task, so that none waits for another.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use crate::connection::peer::Peer;
use crate::connection::protocol::{Protocol, detect};
use crate::tls::TlsProvider;

/// The most connections that are open at once. Further ones wait in the system's queue.
const MAX_CONNECTIONS: usize = 512;
/// The longest time that a TLS handshake may take.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest time that a connection may wait for the head of its next request, or for the rest of it.
const HEAD_TIMEOUT: Duration = Duration::from_secs(120);
/// The pause after a failure to accept, such as too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves connections until the future is dropped.
pub(crate) async fn serve(listener: TcpListener, router: Router, tls: Arc<TlsProvider>) {
    let turns = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    while let Ok(turn) = Arc::clone(&turns).acquire_owned().await {
        let Ok((stream, address)) = listener.accept().await else {
            sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let (router, tls) = (router.clone(), Arc::clone(&tls));
        tokio::spawn(async move {
            serve_connection(stream, Peer::new(address), router, &tls).await;
            drop(turn);
        });
    }
}

async fn serve_connection(stream: TcpStream, peer: Peer, router: Router, tls: &TlsProvider) {
    // Events are small and must not wait for each other.
    let _ = stream.set_nodelay(true);
    match detect(&stream).await {
        Some(Protocol::Http) => serve_http(stream, peer, router).await,
        Some(Protocol::Tls) => {
            let Ok(acceptor) = tls.acceptor() else { return };
            if let Ok(Ok(stream)) = timeout(HANDSHAKE_TIMEOUT, acceptor.accept(stream)).await {
                serve_http(stream, peer, router).await;
            }
        }
        None => {}
    }
}

async fn serve_http(stream: impl AsyncRead + AsyncWrite + Unpin + 'static, peer: Peer, router: Router) {
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    let service = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        service.call(request)
    });
    // A client that closes its connection early is no failure of the portal.
    let _ = builder.serve_connection(TokioIo::new(stream), service).await;
}
