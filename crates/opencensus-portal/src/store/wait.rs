//! Waits for items, so that tests do not have to poll.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::store::database::Store;
use crate::store::error::StoreError;
use crate::store::filter::Filter;
use crate::store::item::Item;

/// The longest wait: the clock cannot represent every later point in time.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

impl Store {
    /// Waits until `count` items match the filter, or for `timeout`. Returns whether there are that many,
    /// and the newest of them, `limit` at most.
    pub(crate) async fn wait_for(
        &self,
        filter: Filter,
        count: usize,
        limit: usize,
        timeout: Duration,
    ) -> Result<(bool, Vec<Item>), StoreError> {
        let deadline = Instant::now() + timeout.min(LONGEST);
        let mut newest = self.newest();
        loop {
            newest.mark_unchanged();
            let complete = self.count(filter.clone()).await?.items >= count as u64;
            if complete || timeout_at(deadline, newest.changed()).await.is_err() {
                return Ok((complete, self.items(filter, limit).await?));
            }
        }
    }
}
