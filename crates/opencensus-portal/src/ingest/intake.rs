//! Bounds how many posts the portal reads at once.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The most large bodies that are received at once. Further posts wait in their connections.
const MAX_BODIES: usize = 16;
/// The most bodies that are decompressed and parsed at once.
const MAX_READS: usize = 2;

/// The turns of posts.
#[derive(Debug)]
pub(crate) struct Intake {
    bodies: Arc<Semaphore>,
    reads: Arc<Semaphore>,
}

impl Default for Intake {
    fn default() -> Self {
        Self { bodies: Arc::new(Semaphore::new(MAX_BODIES)), reads: Arc::new(Semaphore::new(MAX_READS)) }
    }
}

impl Intake {
    /// Waits for the turn to receive a large body. `None` never occurs: the semaphores are not closed.
    pub(super) async fn body(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.bodies).acquire_owned().await.ok()
    }

    /// Waits for the turn to read a received body.
    pub(super) async fn read(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.reads).acquire_owned().await.ok()
    }
}
