//! The service that stores orders: axum, sqlx on SQLite, and reqwest to the stock.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use opencensus::{CallName, Failure, OpenCensusLayer, Telemetry};
use reqwest_middleware::ClientWithMiddleware;
use sqlx::SqlitePool;
use sqlx::sqlite::SqlitePoolOptions;

use crate::error::{BoxError, OrderError};
use crate::front::client;

#[derive(Clone)]
struct Orders {
    client: ClientWithMiddleware,
    stock: String,
    database: SqlitePool,
}

pub(crate) async fn app(telemetry: Telemetry, stock: String) -> Result<Router, BoxError> {
    // One connection: each has a database of its own in memory.
    let database = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await?;
    // A customer may have one signed book.
    sqlx::query("CREATE TABLE orders (id INTEGER PRIMARY KEY, item TEXT NOT NULL, signed INTEGER UNIQUE)")
        .execute(&database)
        .await?;
    let orders = Orders { client: client(&telemetry), stock, database };
    let app = Router::new().route("/orders/{item}", post(order)).with_state(orders);
    Ok(app.layer(OpenCensusLayer::new(telemetry)))
}

async fn order(State(orders): State<Orders>, Path(item): Path<String>) -> Result<String, Failure> {
    orders.reserve(&item).await.map_err(OrderError::response)?;
    let number = orders.store(&item).await.map_err(OrderError::response)?;
    Ok(format!("order {number}"))
}

impl Orders {
    #[tracing::instrument(skip(self))]
    async fn reserve(&self, item: &str) -> Result<(), OrderError> {
        let request = self.client.get(format!("{}/stock/{item}", self.stock));
        let response = request.with_extension(CallName::from("GET /stock/{item}")).send().await;
        let response = response.map_err(|source| OrderError::Unreachable { service: "stock", source })?;
        match response.status() {
            StatusCode::OK => Ok(()),
            StatusCode::NOT_FOUND => Err(OrderError::UnknownItem(item.to_owned())),
            status => Err(OrderError::Status { service: "stock", status }),
        }
    }

    // sqlx runs SQLite in a thread of its own, where the span names the request of the statement.
    #[tracing::instrument(skip(self))]
    async fn store(&self, item: &str) -> Result<i64, OrderError> {
        let signed = (item == "signed-book").then_some(1);
        let insert = sqlx::query("INSERT INTO orders (item, signed) VALUES (?, ?)").bind(item).bind(signed);
        let number = insert.execute(&self.database).await?.last_insert_rowid();
        tracing::info!(number, "the order is stored");
        Ok(number)
    }
}
