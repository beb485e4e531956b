//! Waits of tests for items.

use std::time::Duration;

use tokio::sync::oneshot;

use crate::error::PortalError;
use crate::missing_items::MissingItems;
use crate::portal::Portal;
use crate::store::{Filter, Item, StoreError};

/// The time limit of waits that name none.
const TIMEOUT: Duration = Duration::from_secs(5);

impl Portal {
    /// Waits until the portal has `count` items that match the filter, for 5 seconds at most. Returns the newest of
    /// them, newest first: `count` items, or one item if `count` is 0 and there is one. Works on any runtime.
    ///
    /// # Errors
    ///
    /// [`PortalError::Missing`] if they did not arrive in time, which lists what did arrive. The database failed, or
    /// the portal is being stopped.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use opencensus_portal::{Portal, requests};
    ///
    /// # async fn test(portal: Portal) -> Result<(), opencensus_portal::PortalError> {
    /// let failed = portal.wait_for(requests().named("GET /boom").status(500), 1).await?;
    /// println!("{:?}", failed[0].properties);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn wait_for(&self, filter: Filter, count: usize) -> Result<Vec<Item>, PortalError> {
        self.wait_for_within(filter, count, TIMEOUT).await
    }

    /// Waits as [`wait_for`](Self::wait_for), for `timeout` at most.
    ///
    /// # Errors
    ///
    /// As [`wait_for`](Self::wait_for).
    pub async fn wait_for_within(
        &self,
        filter: Filter,
        count: usize,
        timeout: Duration,
    ) -> Result<Vec<Item>, PortalError> {
        let result = self.begin_wait(filter, count, timeout).await;
        result.unwrap_or(Err(StoreError::Stopped.into()))
    }

    /// Waits as [`wait_for`](Self::wait_for), and blocks the current thread.
    ///
    /// # Errors
    ///
    /// As [`wait_for`](Self::wait_for).
    ///
    /// # Panics
    ///
    /// It is called within an asynchronous runtime.
    pub fn wait_for_blocking(&self, filter: Filter, count: usize) -> Result<Vec<Item>, PortalError> {
        self.wait_for_blocking_within(filter, count, TIMEOUT)
    }

    /// Waits as [`wait_for_blocking`](Self::wait_for_blocking), for `timeout` at most.
    ///
    /// # Errors
    ///
    /// As [`wait_for`](Self::wait_for).
    ///
    /// # Panics
    ///
    /// It is called within an asynchronous runtime.
    pub fn wait_for_blocking_within(
        &self,
        filter: Filter,
        count: usize,
        timeout: Duration,
    ) -> Result<Vec<Item>, PortalError> {
        let result = self.begin_wait(filter, count, timeout).blocking_recv();
        result.unwrap_or(Err(StoreError::Stopped.into()))
    }

    fn begin_wait(
        &self,
        filter: Filter,
        count: usize,
        timeout: Duration,
    ) -> oneshot::Receiver<Result<Vec<Item>, PortalError>> {
        let store = self.store();
        self.begin(async move {
            let (complete, items) = store.wait_for(filter.clone(), count, count.max(1), timeout).await?;
            if complete {
                return Ok(items);
            }
            let arrived = store.arrived(filter.clone()).await?;
            Err(PortalError::Missing(Box::new(MissingItems::new(filter, (count, items.len()), timeout, arrived))))
        })
    }
}
