//! The thread that writes to the database. It commits together what waits at the same time.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use rusqlite::{Connection, Transaction};
use tokio::sync::{oneshot, watch};

use crate::store::error::StoreError;
use crate::store::new_item::NewItem;
use crate::store::new_refusal::NewRefusal;
use crate::store::retention::Retention;

/// The most items of one commit.
const MAX_GROUP: usize = 2000;

/// A change of the database, other than new items.
pub(super) type Change = Box<dyn FnOnce(&Transaction<'_>) -> rusqlite::Result<()> + Send>;

/// What one post brings.
#[derive(Default)]
pub(super) struct Received {
    pub(super) items: Vec<NewItem>,
    pub(super) refusals: Vec<NewRefusal>,
}

impl Received {
    fn len(&self) -> usize {
        self.items.len() + self.refusals.len()
    }
}

/// What waits for the writer.
pub(super) enum Job {
    /// Items, and who waits for their commit.
    Insert(Received, oneshot::Sender<Result<(), StoreError>>),
    /// A change, which reports its result itself.
    Change(Change, oneshot::Sender<Result<(), StoreError>>),
}

/// Writes to the database until every sender of jobs is dropped.
pub(super) struct Writer {
    connection: Connection,
    retention: Retention,
    run: i64,
    newest: Arc<watch::Sender<i64>>,
    jobs: Receiver<Job>,
}

impl Writer {
    /// Starts the thread for a connection whose tables exist.
    pub(super) fn start(
        connection: Connection,
        retention: Retention,
        run: i64,
        newest: Arc<watch::Sender<i64>>,
    ) -> std::io::Result<Sender<Job>> {
        let (sender, jobs) = channel();
        let writer = Self { connection, retention, run, newest, jobs };
        std::thread::Builder::new().name("portal-store".into()).spawn(move || writer.run())?;
        Ok(sender)
    }

    fn run(mut self) {
        while let Ok(job) = self.jobs.recv() {
            let mut next = Some(job);
            while let Some(job) = next.take() {
                next = match job {
                    Job::Insert(items, done) => self.insert(items, done),
                    Job::Change(change, done) => {
                        let _ = done.send(self.change(change).map_err(StoreError::database));
                        None
                    }
                };
            }
        }
    }

    /// Commits a post together with those that wait behind it. Returns the change that ended the group.
    fn insert(&mut self, first: Received, done: oneshot::Sender<Result<(), StoreError>>) -> Option<Job> {
        let (mut group, mut waiting, mut next) = (first, vec![done], None);
        while group.len() < MAX_GROUP && next.is_none() {
            match self.jobs.try_recv() {
                Ok(Job::Insert(more, done)) => {
                    group.items.extend(more.items);
                    group.refusals.extend(more.refusals);
                    waiting.push(done);
                }
                Ok(change) => next = Some(change),
                Err(_) => break,
            }
        }
        let result = self.commit(&group).map_err(|error| error.to_string());
        for done in waiting {
            let _ = done.send(result.clone().map_err(StoreError::Write));
        }
        next
    }

    fn commit(&mut self, Received { items, refusals }: &Received) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction()?;
        let before = *self.newest.borrow();
        let newest = items.iter().try_fold(before, |_, item| item.insert(&transaction, self.run))?;
        refusals.iter().try_for_each(|refusal| refusal.insert(&transaction, self.run, None))?;
        let added = (items.len(), items.iter().map(NewItem::bytes).sum());
        let now = items.iter().map(|item| item.received).max().unwrap_or(0);
        let retention = self.retention.after(&transaction, now, added)?;
        transaction.commit()?;
        self.retention = retention;
        self.newest.send_replace(newest);
        Ok(())
    }

    fn change(&mut self, change: Change) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction()?;
        change(&transaction)?;
        let retention = self.retention.recount(&transaction)?;
        transaction.commit()?;
        self.retention = retention;
        self.newest.send_modify(|_| {});
        Ok(())
    }
}
