//! Starts, queries and stops a portal.

use std::fmt;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use tokio::runtime::{Builder, Handle};
use tokio::sync::{Semaphore, oneshot};

use crate::access::{self, Access};
use crate::app_state::AppState;
use crate::clock;
use crate::connection;
use crate::error::PortalError;
use crate::options::PortalOptions;
use crate::reach;
use crate::server;
use crate::store::{Filter, Item, Store, StoreError};
use crate::tls::{TlsProvider, open_in_folder};
use crate::token::Token;
use crate::transaction::{MAX_ITEMS, Transaction};

/// The most streams of the API that are open at once.
const MAX_STREAMS: usize = 64;

/// The key of the connection string. It is public: the portal accepts any key.
const KEY: &str = "00000000-0000-4000-8000-000000000001";

/// A running portal, with its own thread and runtime. Dropping it stops it.
///
/// # Examples
///
/// ```
/// use opencensus_portal::{Portal, requests};
/// use std::time::Duration;
///
/// let portal = Portal::start()?;
/// println!("export APPLICATIONINSIGHTS_CONNECTION_STRING='{}'", portal.connection_string());
/// let error = portal.wait_for_blocking_within(requests(), 1, Duration::ZERO).unwrap_err();
/// assert!(error.to_string().contains("nothing else arrived"), "{error}");
/// # Ok::<(), opencensus_portal::PortalError>(())
/// ```
pub struct Portal {
    address: SocketAddr,
    runtime: Handle,
    state: AppState,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl PortalOptions {
    /// Starts a portal.
    ///
    /// # Errors
    ///
    /// The address is not a loopback address without remote access or is in use, the thread cannot be started, the database cannot be
    /// opened, or the state folder cannot keep the certificate.
    pub fn start(self) -> Result<Portal, PortalError> {
        if !self.remote_access && !self.listen.ip().is_loopback() {
            return Err(PortalError::NotLoopback(self.listen));
        }
        let tls = Arc::new(match &self.state_folder {
            Some(folder) => {
                let (certificate, path) = open_in_folder(folder, clock::now())?;
                TlsProvider::kept(certificate, path)
            }
            None => TlsProvider::default(),
        });
        let store = Store::open(self.database.as_deref(), self.limits(), clock::now())?;
        let listener = TcpListener::bind(self.listen)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let state = AppState {
            store,
            connection_string: connection_string(if self.remote_access { reach::remote(address) } else { address }),
            limits: self.limits(),
            database: self.database.map(Into::into),
            allowed_origins: self.allowed_origins.into(),
            intake: Arc::default(),
            tls,
            faults: Arc::default(),
            streams: Arc::new(Semaphore::new(MAX_STREAMS)),
            access: self.remote_access.then(|| Arc::new(Access::new(self.allowed_hosts, address.port()))),
            token: Token::random(),
        };
        let served = state.clone();
        let (stop, stopped) = oneshot::channel();
        let (sender, receiver) = mpsc::sync_channel(1);
        let thread = std::thread::Builder::new().name("portal".into()).spawn(move || {
            let built = Builder::new_current_thread().enable_all().build();
            let Ok(runtime) = built.map_err(|error| sender.send(Err(error))) else { return };
            let _ = sender.send(Ok(runtime.handle().clone()));
            runtime.block_on(serve(listener, served, stopped));
            // Event streams may still be open, and are not waited for.
            runtime.shutdown_background();
        })?;
        let panicked = |_| std::io::Error::other("the portal's thread panicked");
        let runtime = receiver.recv().map_err(panicked)??;
        Ok(Portal { address, runtime, state, stop: Some(stop), thread: Some(thread) })
    }
}

async fn serve(listener: TcpListener, state: AppState, stopped: oneshot::Receiver<()>) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    let tls = Arc::clone(&state.tls);
    let router = server::router(state);
    tokio::select! {
        () = connection::serve(listener, router, tls) => {}
        _ = stopped => {}
    }
}

/// The endpoint has no slash at its end: OpenCensus for Python appends `/v2.1/track` to it.
pub(crate) fn connection_string(address: SocketAddr) -> String {
    format!("InstrumentationKey={KEY};IngestionEndpoint=http://{address}")
}

impl Portal {
    /// Starts a portal on a free port of `127.0.0.1` that keeps items in memory.
    ///
    /// # Errors
    ///
    /// No port is free, or the thread cannot be started.
    pub fn start() -> Result<Self, PortalError> {
        PortalOptions::default().start()
    }

    /// The address that the portal listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of the overview.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/", reach::local(self.address))
    }

    /// The address for browsers of other machines, with the access token. `None` without
    /// [`remote_access`](PortalOptions::remote_access).
    #[must_use]
    pub fn remote_url(&self) -> Option<String> {
        let access = self.state.access.as_ref()?;
        Some(format!("http://{}/?{}={}", reach::remote(self.address), access::PARAMETER, access.token()))
    }

    /// The connection string that sends telemetry to this portal, for
    /// `APPLICATIONINSIGHTS_CONNECTION_STRING`.
    #[must_use]
    pub fn connection_string(&self) -> String {
        self.state.connection_string.clone()
    }

    /// The URL of the first page over TLS, which the same port serves. Clients must trust the certificate.
    #[must_use]
    pub fn https_url(&self) -> String {
        format!("https://{}/", reach::local(self.address))
    }

    /// The connection string that sends telemetry to this portal over TLS, for clients that refuse plain HTTP. They must
    /// trust the certificate.
    #[must_use]
    pub fn tls_connection_string(&self) -> String {
        connection_string(reach::local(self.address)).replace("=http://", "=https://")
    }

    /// The certificate that clients must trust for TLS, as PEM. It is valid for `localhost`, `127.0.0.1` and `::1`.
    ///
    /// # Errors
    ///
    /// The certificate cannot be made.
    ///
    /// # Examples
    ///
    /// ```
    /// use opencensus_portal::Portal;
    ///
    /// let portal = Portal::start()?;
    /// assert!(portal.certificate_pem()?.starts_with("-----BEGIN CERTIFICATE-----"));
    /// # Ok::<(), opencensus_portal::PortalError>(())
    /// ```
    pub fn certificate_pem(&self) -> Result<String, PortalError> {
        Ok(self.state.tls.certificate()?.authority().to_owned())
    }

    /// The file of the certificate that clients must trust, if there is a state folder.
    #[must_use]
    pub fn certificate_path(&self) -> Option<&Path> {
        self.state.tls.path()
    }

    /// The newest items that match the filter, newest first, `limit` at most.
    ///
    /// # Errors
    ///
    /// The database failed, or the portal is being stopped.
    pub async fn items(&self, filter: Filter, limit: usize) -> Result<Vec<Item>, PortalError> {
        let store = self.store();
        let items = self.begin(async move { Ok(store.items(filter, limit).await?) }).await;
        items.unwrap_or(Err(StoreError::Stopped.into()))
    }

    /// The transaction with this trace id: its newest 10,000 items.
    ///
    /// # Errors
    ///
    /// The database failed, or the portal is being stopped.
    pub async fn transaction(&self, operation_id: impl Into<String>) -> Result<Transaction, PortalError> {
        let operation_id = operation_id.into();
        let items = self.items(Filter::default().of_operation(&operation_id), MAX_ITEMS).await?;
        Ok(Transaction::new(operation_id, items))
    }

    /// The number of items that match the filter, and the number before sampling: the sum of
    /// `100 / sample_rate`.
    ///
    /// # Errors
    ///
    /// The database failed, or the portal is being stopped.
    pub async fn count(&self, filter: Filter) -> Result<(u64, f64), PortalError> {
        let store = self.store();
        let count =
            self.begin(async move { Ok(store.count(filter).await.map(|count| (count.items, count.weight))?) }).await;
        count.unwrap_or(Err(StoreError::Stopped.into()))
    }

    /// The token that changes need, such as those of `/api/v1/clear` and `/api/v1/faults`: in the header
    /// `X-Portal-Token`. It is random at each start.
    #[must_use]
    pub fn token(&self) -> &str {
        self.state.token.as_str()
    }

    /// Deletes all items.
    ///
    /// # Errors
    ///
    /// The database failed, or the portal is being stopped.
    pub async fn clear(&self) -> Result<(), PortalError> {
        let store = self.store();
        let cleared = self.begin(async move { Ok(store.clear(None, None).await?) }).await;
        cleared.unwrap_or(Err(StoreError::Stopped.into())).map(|_| ())
    }

    pub(crate) fn state(&self) -> &AppState {
        &self.state
    }

    pub(crate) fn store(&self) -> Store {
        self.state.store.clone()
    }

    /// Deletes the current run from the database if it has no items. Failures are ignored.
    pub(crate) async fn forget_run(&self) {
        let store = self.store();
        let _ = self.begin(async move { Ok(store.forget_run().await?) }).await;
    }

    /// Runs `work` on the portal's runtime. The receiver can be awaited on any runtime.
    pub(crate) fn begin<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, PortalError>> + Send + 'static,
    ) -> oneshot::Receiver<Result<T, PortalError>> {
        let (sender, receiver) = oneshot::channel();
        self.runtime.spawn(async move {
            let _ = sender.send(work.await);
        });
        receiver
    }
}

impl fmt::Debug for Portal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Portal").field("address", &self.address).finish_non_exhaustive()
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
