//! Starts the test servers on the test's runtime.

use std::net::SocketAddr;

use opencensus::Telemetry;
use test_servers::{Shop, actix_server, axum_server, hyper_server};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Framework {
    Actix,
    Axum,
    Hyper,
}

impl Framework {
    pub(crate) const ALL: [Self; 3] = [Self::Actix, Self::Axum, Self::Hyper];
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<std::io::Result<()>>,
}

impl Server {
    pub(crate) async fn start(framework: Framework, telemetry: Telemetry) -> Self {
        Self::start_shop(framework, telemetry, Shop::default()).await
    }

    pub(crate) async fn start_shop(framework: Framework, telemetry: Telemetry, shop: Shop) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let stopped = async move {
            let _ = stopped.await;
        };
        let task = match framework {
            Framework::Actix => tokio::spawn(actix_server::serve(listener, shop, telemetry, stopped)),
            Framework::Axum => tokio::spawn(axum_server::serve(listener, shop, telemetry, stopped)),
            Framework::Hyper => tokio::spawn(hyper_server::serve(listener, shop, telemetry, stopped)),
        };
        Self { address, stop, task }
    }

    /// Stops the server gracefully.
    pub(crate) async fn stop(self) {
        let _ = self.stop.send(());
        self.task.await.unwrap().unwrap();
    }
}
