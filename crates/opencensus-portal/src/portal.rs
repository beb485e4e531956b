//! A running portal.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

use crate::api;
use crate::server::{self, App};
use crate::store::{Filter, Item, Store, StoreError};

/// The portal's key: any resource's key is accepted, and this one is no secret.
const KEY: &str = "00000000-0000-4000-8000-000000000001";

/// How a portal is started.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PortalOptions {
    /// Where it listens; only loopback addresses. Default: `127.0.0.1` on a free port.
    pub listen: SocketAddr,
    /// The database's file. Default: memory.
    pub database: Option<PathBuf>,
}

/// A running portal, on a thread and a runtime of its own. Dropping it stops it.
///
/// # Examples
///
/// ```
/// use opencensus_portal::{Filter, Portal};
/// use std::time::Duration;
///
/// let portal = Portal::start()?;
/// println!("export APPLICATIONINSIGHTS_CONNECTION_STRING='{}'", portal.connection_string());
/// let waited = portal.wait_for_blocking(Filter::requests(), 1, Duration::ZERO)?;
/// assert!(!waited.complete && waited.items.is_empty());
/// # Ok::<(), opencensus_portal::PortalError>(())
/// ```
#[derive(Debug)]
pub struct Portal {
    address: SocketAddr,
    runtime: Handle,
    store: StoreHandle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Clone)]
struct StoreHandle(Store);

impl std::fmt::Debug for StoreHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

/// Why a portal does not run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PortalError {
    /// The address is not this machine's own.
    #[error("`{0}` is not a loopback address: the portal is for this machine only")]
    NotLoopback(SocketAddr),
    /// The address cannot be listened on, or there is no thread to be had.
    #[error("the portal cannot listen: {0}")]
    Io(#[from] std::io::Error),
    /// The store does not work.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What was there when a wait was over.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Waited {
    /// Whether there were enough items before the time was over.
    pub complete: bool,
    /// The newest items that the filter accepts, newest first; as many as were waited for, at
    /// most.
    pub items: Vec<Item>,
}

impl Default for PortalOptions {
    fn default() -> Self {
        Self { listen: (Ipv4Addr::LOCALHOST, 0).into(), database: None }
    }
}

impl PortalOptions {
    /// Listens there.
    #[must_use]
    pub fn with_listen(mut self, listen: SocketAddr) -> Self {
        self.listen = listen;
        self
    }

    /// Keeps what it receives in this file.
    #[must_use]
    pub fn with_database(mut self, database: impl Into<PathBuf>) -> Self {
        self.database = Some(database.into());
        self
    }

    /// Starts it.
    ///
    /// # Errors
    ///
    /// The address is not loopback or not free, or the database does not work.
    pub fn start(self) -> Result<Portal, PortalError> {
        if !self.listen.ip().is_loopback() {
            return Err(PortalError::NotLoopback(self.listen));
        }
        let store = Store::open(self.database.as_deref())?;
        let listener = TcpListener::bind(self.listen)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let app = App { store: store.clone(), connection_string: connection_string(address) };
        let (stop, stopped) = oneshot::channel();
        let (runtime, has_runtime) = mpsc::sync_channel(1);
        let thread = std::thread::Builder::new().name("portal".into()).spawn(move || {
            let built = Builder::new_current_thread().enable_all().build();
            let Ok(own) = built.map_err(|error| runtime.send(Err(error))) else { return };
            let _ = runtime.send(Ok(own.handle().clone()));
            own.block_on(serve(listener, app, stopped));
            // Open pages must not keep the thread.
            own.shutdown_background();
        })?;
        let died = |_| std::io::Error::other("the portal's thread died");
        let runtime = has_runtime.recv().map_err(died)??;
        Ok(Portal { address, runtime, store: StoreHandle(store), stop: Some(stop), thread: Some(thread) })
    }
}

async fn serve(listener: TcpListener, app: App, stopped: oneshot::Receiver<()>) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    let router = server::router(app);
    tokio::select! {
        _ = axum::serve(listener, router) => {}
        _ = stopped => {}
    }
}

fn connection_string(address: SocketAddr) -> String {
    format!("InstrumentationKey={KEY};IngestionEndpoint=http://{address}/")
}

impl Portal {
    /// Starts on a free port of `127.0.0.1`, in memory.
    ///
    /// # Errors
    ///
    /// There is no port, no thread or no memory to be had.
    pub fn start() -> Result<Self, PortalError> {
        PortalOptions::default().start()
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The page's address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// The value for `APPLICATIONINSIGHTS_CONNECTION_STRING`.
    #[must_use]
    pub fn connection_string(&self) -> String {
        connection_string(self.address)
    }

    /// Waits until `count` items that the filter accepts are there, or the time is over. On any
    /// runtime.
    ///
    /// # Errors
    ///
    /// The store does not work.
    pub async fn wait_for(&self, filter: Filter, count: usize, timeout: Duration) -> Result<Waited, PortalError> {
        let waited = self.begin_wait(filter, count, timeout).await;
        waited.unwrap_or(Err(StoreError::Stopped.into()))
    }

    /// Waits as [`wait_for`](Self::wait_for) does, and blocks this thread meanwhile.
    ///
    /// # Errors
    ///
    /// The store does not work.
    ///
    /// # Panics
    ///
    /// It is called inside an asynchronous runtime.
    pub fn wait_for_blocking(&self, filter: Filter, count: usize, timeout: Duration) -> Result<Waited, PortalError> {
        let waited = self.begin_wait(filter, count, timeout).blocking_recv();
        waited.unwrap_or(Err(StoreError::Stopped.into()))
    }

    fn begin_wait(
        &self,
        filter: Filter,
        count: usize,
        timeout: Duration,
    ) -> oneshot::Receiver<Result<Waited, PortalError>> {
        let store = self.store.0.clone();
        self.begin(async move {
            let (complete, items) = api::wait_for(&store, filter, count, count.max(1), timeout).await?;
            Ok(Waited { complete, items })
        })
    }

    /// The newest items that the filter accepts, newest first.
    ///
    /// # Errors
    ///
    /// The store does not work.
    pub async fn items(&self, filter: Filter, limit: usize) -> Result<Vec<Item>, PortalError> {
        let store = self.store.0.clone();
        let items = self.begin(async move { Ok(store.items(filter, limit).await?) }).await;
        items.unwrap_or(Err(StoreError::Stopped.into()))
    }

    /// How many items the filter accepts, and how many they stand for by their sample rates.
    ///
    /// # Errors
    ///
    /// The store does not work.
    pub async fn count(&self, filter: Filter) -> Result<(u64, f64), PortalError> {
        let store = self.store.0.clone();
        let count =
            self.begin(async move { Ok(store.count(filter).await.map(|count| (count.items, count.weight))?) }).await;
        count.unwrap_or(Err(StoreError::Stopped.into()))
    }

    /// Runs on the portal's runtime; the answer can be awaited on any.
    fn begin<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, PortalError>> + Send + 'static,
    ) -> oneshot::Receiver<Result<T, PortalError>> {
        let (answer, answered) = oneshot::channel();
        self.runtime.spawn(async move {
            let _ = answer.send(work.await);
        });
        answered
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
