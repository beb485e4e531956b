//! The service that knows the stock: actix-web.

use std::net::TcpListener;

use actix_web::http::StatusCode;
use actix_web::{App, HttpResponse, HttpServer, ResponseError, web};
use opencensus::{OpenCensusLayer, Telemetry};

use crate::error::BoxError;

/// Why the stock of an item is unknown.
#[derive(Debug, thiserror::Error)]
enum StockError {
    #[error("there is no `{0}`")]
    Unknown(String),
    #[error("the warehouse does not respond")]
    Warehouse(#[source] std::io::Error),
}

impl ResponseError for StockError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Unknown(_) => StatusCode::NOT_FOUND,
            Self::Warehouse(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

const PANIC: &str = "the mirror broke";

/// Hides the message of the panic that one order intends.
pub(crate) fn expect_panic() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if panic.payload().downcast_ref::<&str>() != Some(&PANIC) {
            usual(panic);
        }
    }));
}

async fn stock(item: web::Path<String>) -> Result<HttpResponse, StockError> {
    match &**item {
        "unicorn" => Err(StockError::Unknown(item.into_inner())),
        "lamp" => {
            tracing::warn!("the warehouse is slow");
            Err(StockError::Warehouse(std::io::Error::other("connection reset by the warehouse")))
        }
        "mirror" => std::panic::panic_any(PANIC),
        known => {
            tracing::info!(item = known, "there is one");
            Ok(HttpResponse::Ok().body("1"))
        }
    }
}

/// Serves in a thread of its own until the process ends.
pub(crate) fn serve(listener: TcpListener, telemetry: Telemetry) -> Result<(), BoxError> {
    let app = move || {
        // Last, so that it surrounds everything.
        App::new().route("/stock/{item}", web::get().to(stock)).wrap(OpenCensusLayer::new(telemetry.clone()))
    };
    let server = HttpServer::new(app).workers(1).disable_signals().listen(listener)?.run();
    std::thread::spawn(move || actix_web::rt::System::new().block_on(server));
    Ok(())
}
