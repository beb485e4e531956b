//! Sends requests of every kind, and states the row that each must produce.

use std::error::Error;
use std::net::SocketAddr;

use axum::body::Body;
use axum::http::{Method, Request};
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use crate::shop::Waiting;

/// A kind of request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Home,
    HomeHead,
    Product,
    Order,
    Old,
    Missing,
    Staff,
    Broken,
    Panic,
    Slow,
    Disconnected,
    Health,
}

impl Kind {
    pub(crate) const ALL: [Self; 12] = [
        Self::Home,
        Self::Product,
        Self::Order,
        Self::Old,
        Self::HomeHead,
        Self::Missing,
        Self::Staff,
        Self::Health,
        Self::Slow,
        Self::Broken,
        Self::Disconnected,
        Self::Panic,
    ];

    fn method_and_path(self) -> (Method, &'static str) {
        match self {
            Self::Home => (Method::GET, "/"),
            Self::HomeHead => (Method::HEAD, "/"),
            Self::Product => (Method::GET, "/products/7?color=red&token=hush"),
            Self::Order => (Method::POST, "/orders"),
            Self::Old => (Method::GET, "/old"),
            Self::Missing => (Method::GET, "/no/such/page"),
            Self::Staff => (Method::GET, "/staff"),
            Self::Broken => (Method::GET, "/broken"),
            Self::Panic => (Method::GET, "/panic"),
            Self::Slow => (Method::GET, "/slow"),
            Self::Disconnected => (Method::GET, "/wait"),
            Self::Health => (Method::GET, "/health"),
        }
    }

    /// Name, result and success of the row; `None`: the blacklist excludes it.
    pub(crate) fn row(self) -> Option<(&'static str, &'static str, bool)> {
        Some(match self {
            Self::Home => ("GET /", "200", true),
            Self::HomeHead => ("HEAD /", "200", true),
            Self::Product => ("GET /products/{id}", "200", true),
            Self::Order => ("POST /orders", "201", true),
            Self::Old => ("GET /old", "307", true),
            Self::Missing => ("GET", "404", false),
            Self::Staff => ("GET /staff", "403", false),
            Self::Broken => ("GET /broken", "500", false),
            Self::Panic => ("GET /panic", "500", false),
            Self::Slow => ("GET /slow", "200", true),
            Self::Disconnected => ("GET /wait", "499", false),
            Self::Health => return None,
        })
    }
}

impl Kind {
    /// Whether an exception with its cause is below the row.
    pub(crate) fn has_exception(self) -> bool {
        self == Self::Panic
    }
}

/// The kinds of `count` requests, each in turn.
pub(crate) fn plan(count: usize) -> Vec<Kind> {
    Kind::ALL.into_iter().cycle().take(count).collect()
}

/// A client of the shop.
pub(crate) struct Traffic {
    client: Client<HttpConnector, Body>,
    address: SocketAddr,
    waiting: Waiting,
}

impl Traffic {
    pub(crate) fn new(address: SocketAddr, waiting: Waiting) -> Self {
        Self { client: Client::builder(TokioExecutor::new()).build_http(), address, waiting }
    }

    /// Sends one request, and reads its response to the end.
    pub(crate) async fn send(&self, kind: Kind) -> Result<(), Box<dyn Error>> {
        let (method, path) = kind.method_and_path();
        let url = format!("http://{}{path}", self.address);
        let request = Request::builder().method(method).uri(url).body(Body::empty())?;
        let response = self.client.request(request);
        match kind {
            // Disconnects as soon as the shop handles it.
            Kind::Disconnected => tokio::select! {
                _ = response => return Err("`/wait` responded".into()),
                permit = self.waiting.acquire() => permit?.forget(),
            },
            // The server closes the connection without a response.
            Kind::Panic => drop(response.await),
            _ => drop(response.await?.into_body().collect().await?),
        }
        Ok(())
    }
}
