//! Starts the three services, and what they share.

use std::time::Duration;

use opencensus::tracing::{Options, Sqlx};
use opencensus::{Settings, Telemetry};
use opencensus_portal::Portal;
use tokio::net::TcpListener;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::error::BoxError;
use crate::{front, orders, stock};

pub(crate) struct Services {
    /// The address of the front.
    pub(crate) front: String,
    telemetry: [Telemetry; 3],
    portal: Option<Portal>,
}

const LIMIT: Duration = Duration::from_secs(10);

impl Services {
    pub(crate) async fn start() -> Result<Self, BoxError> {
        stock::expect_panic();
        opencensus::install_panic_hook();
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/shop.toml");
        let mut settings = Settings::from_file(file)?;
        let mut portal = None;
        if settings.azure.connection_string.is_none() {
            let started = Portal::start()?;
            settings = settings.with_connection_string(started.connection_string().parse()?);
            println!("portal  {}", started.url());
            portal = Some(started);
        }
        let start = |role: &str| settings.clone().with_service_name(role).start();
        let telemetry = [start("shop-front")?, start("shop-orders")?, start("shop-stock")?];
        // A layer for each telemetry takes what belongs to its requests. Usually a process has one.
        let options = || Options::default().with_sqlx(Sqlx::new("sqlite").with_database("orders"));
        let [front_telemetry, orders_telemetry, stock_telemetry] = telemetry.clone();
        tracing_subscriber::registry()
            .with(options().layer(&front_telemetry))
            .with(options().layer(&orders_telemetry))
            .with(options().layer(&stock_telemetry))
            .try_init()?;

        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        let stock_url = format!("http://{}", listener.local_addr()?);
        stock::serve(listener, stock_telemetry)?;
        let orders_url = serve(orders::app(orders_telemetry, stock_url).await?).await?;
        let front = serve(front::app(front_telemetry, orders_url)).await?;
        println!("shop    {front}");
        Ok(Self { front, telemetry, portal })
    }

    /// Sends what is left. Returns the portal, if there is one.
    pub(crate) async fn shutdown(self) -> Option<Portal> {
        for telemetry in &self.telemetry {
            println!("{}", telemetry.shutdown(LIMIT).await);
        }
        self.portal
    }
}

async fn serve(app: axum::Router) -> Result<String, BoxError> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(format!("http://{address}"))
}
