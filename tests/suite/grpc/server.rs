//! Servers with the layer in each of its places.

use std::net::SocketAddr;

use opencensus::{OpenCensusLayer, Telemetry};
use tokio::net::TcpListener;
use tonic::service::{LayerExt as _, Routes};
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Channel, Server};

use super::greeter::{Client, Greeter};

/// Where the layer is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// Around all services of tonic's server.
    Server,
    /// Around one service.
    Service,
    /// Around axum's router, which has tonic's services beside its own routes.
    Router,
}

pub(super) const PLACES: [Place; 3] = [Place::Server, Place::Service, Place::Router];

/// Starts a server, which stops when the test's runtime ends.
pub(super) async fn start(place: Place, telemetry: &Telemetry) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let layer = OpenCensusLayer::new(telemetry.clone());
    match place {
        Place::Server => {
            let server = Server::builder().layer(layer).add_service(Greeter);
            tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
        }
        Place::Service => {
            let server = Server::builder().add_service(layer.named_layer(Greeter));
            tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
        }
        Place::Router => {
            let app = Routes::new(Greeter).into_axum_router().layer(layer);
            let app = app.into_make_service_with_connect_info::<SocketAddr>();
            tokio::spawn(async move { axum::serve(listener, app).await });
        }
    }
    address
}

/// A client of the server at this address.
pub(super) async fn connect(address: SocketAddr) -> Client {
    let channel = Channel::from_shared(format!("http://{address}")).unwrap();
    Client::new(channel.connect().await.unwrap())
}
