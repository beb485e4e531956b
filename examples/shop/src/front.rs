//! The service that customers call: axum, and reqwest to the orders.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use opencensus::{CallName, ClientLayer, Failure, OpenCensusLayer, Telemetry};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};

use crate::error::OrderError;

#[derive(Clone)]
struct Front {
    client: ClientWithMiddleware,
    orders: String,
}

/// A client whose calls are recorded.
pub(crate) fn client(telemetry: &Telemetry) -> ClientWithMiddleware {
    ClientBuilder::new(reqwest::Client::new()).with(ClientLayer::new(telemetry.clone())).build()
}

pub(crate) fn app(telemetry: Telemetry, orders: String) -> Router {
    let front = Front { client: client(&telemetry), orders };
    Router::new().route("/buy/{item}", post(buy)).with_state(front).layer(OpenCensusLayer::new(telemetry))
}

async fn buy(State(front): State<Front>, Path(item): Path<String>) -> Result<String, Failure> {
    tracing::info!(item, "a customer buys");
    front.order(&item).await.map_err(OrderError::response)?;
    Ok(format!("bought {item}"))
}

impl Front {
    async fn order(&self, item: &str) -> Result<(), OrderError> {
        let request = self.client.post(format!("{}/orders/{item}", self.orders));
        let response = request.with_extension(CallName::from("POST /orders/{item}")).send().await;
        let response = response.map_err(|source| OrderError::Unreachable { service: "orders", source })?;
        match response.status() {
            status if status.is_success() => Ok(()),
            StatusCode::NOT_FOUND => Err(OrderError::UnknownItem(item.to_owned())),
            status => Err(OrderError::Status { service: "orders", status }),
        }
    }
}
