//! Serves an application of a test on a free port until the test's runtime ends.

use std::net::SocketAddr;

use http::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use opencensus::PeerAddress;
use tokio::net::TcpListener;
use tower::{BoxError, Service};

/// Serves an application of axum, with the addresses of its clients.
pub(crate) async fn axum(app: axum::Router) -> SocketAddr {
    let (listener, address) = listen().await;
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(axum::serve(listener, service).into_future());
    address
}

/// Serves a service with hyper, with the addresses of its clients.
pub(crate) async fn hyper<S, B>(service: S) -> SocketAddr
where
    S: Service<Request<hyper::body::Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<BoxError>,
    B: http_body::Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    let (listener, address) = listen().await;
    tokio::spawn(async move {
        while let Ok((stream, peer)) = listener.accept().await {
            let with_peer = tower::util::MapRequest::new(service.clone(), move |mut request: Request<_>| {
                request.extensions_mut().insert(PeerAddress(peer));
                request
            });
            let builder = auto::Builder::new(TokioExecutor::new());
            let service = TowerToHyperService::new(with_peer);
            let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
            tokio::spawn(async move {
                // A client that disconnects is not an error of the server.
                let _ = connection.await;
            });
        }
    });
    address
}

pub(crate) async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// Serves applications of actix-web that the function creates, one for each worker.
macro_rules! actix {
    ($app:expr) => {{
        let (listener, address) = $crate::support::serve::listen().await;
        let listener = listener.into_std().unwrap();
        let app = $app;
        std::thread::spawn(move || {
            let server = actix_web::HttpServer::new(app).workers(1).h1_allow_half_closed(false).disable_signals();
            let server = server.listen_auto_h2c(listener).unwrap().run();
            actix_web::rt::System::new().block_on(server).unwrap();
        });
        address
    }};
}

pub(crate) use actix;
