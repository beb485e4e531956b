//! Reads items from a running portal in the order of their arrival, across its restarts.

use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::command::client::{PortalClient, query};
use crate::command::client_error::ClientError;
use crate::command::tail::item_stream::{ItemStream, Received, ReceivedItem};
use crate::store::Item;

/// The pause before the next attempt to reach a portal that stopped.
const RETRY: Duration = Duration::from_millis(250);
/// The most items of one response.
const PAGE: &str = "500";

#[derive(Deserialize)]
struct Items {
    items: Vec<Box<RawValue>>,
}

/// The position in a portal's items. It stays valid if the portal restarts.
pub(super) struct Feed {
    client: PortalClient,
    selection: Vec<(&'static str, String)>,
    last: Mark,
    stream: Option<ItemStream>,
}

/// An item that was read: a portal without a file gives its id to another item after a restart.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Mark {
    pub(super) id: i64,
    pub(super) received: i64,
}

impl Mark {
    /// Where to continue, given the item that now has the id, and the newest one. Ids start again at 1 unless the same
    /// item still has its id, or later ones follow the place where it was deleted.
    fn resume(self, same_id: Option<Mark>, newest: i64) -> Self {
        match same_id {
            Some(item) if item == self => self,
            None if newest >= self.id => self,
            _ => Self::default(),
        }
    }
}

impl Feed {
    pub(super) fn new(client: PortalClient, selection: Vec<(&'static str, String)>, last: Mark) -> Self {
        Self { client, selection, last, stream: None }
    }

    /// Waits for items after the last. `on_loss` is called once if the portal stops; then this waits for its return.
    ///
    /// # Errors
    ///
    /// The portal responds with an error that a later attempt does not mend.
    pub(super) async fn next(&mut self, on_loss: impl FnOnce(&ClientError)) -> Result<Received, ClientError> {
        let mut on_loss = Some(on_loss);
        loop {
            let error = match self.received(on_loss.is_none()).await {
                Err(error) if error.is_temporary() => error,
                result => return result,
            };
            self.stream = None;
            if let Some(on_loss) = on_loss.take() {
                on_loss(&error);
            }
            tokio::time::sleep(RETRY).await;
        }
    }

    async fn received(&mut self, is_lost: bool) -> Result<Received, ClientError> {
        if self.stream.is_none() {
            if is_lost {
                self.resume().await?;
            }
            self.stream = Some(ItemStream::new(self.client.get(&self.path("/stream", [])).await?));
        }
        let Some(stream) = &mut self.stream else { return Err(ClientError::Ended) };
        let received = stream.next().await?;
        if let Some((_, item)) = received.items.last() {
            self.last = mark(item);
        }
        Ok(received)
    }

    /// The items after the last that have arrived.
    pub(super) async fn arrived(&mut self) -> Result<Vec<ReceivedItem>, ClientError> {
        let path = self.path("/items", [("order", "oldest"), ("limit", PAGE)]);
        let items = parse(self.client.get_json(&path).await?)?;
        if let Some((_, item)) = items.last() {
            self.last = mark(item);
        }
        Ok(items)
    }

    fn path<const N: usize>(&self, path: &str, more: [(&str, &str); N]) -> String {
        let after = self.last.id.to_string();
        let selection = self.selection.iter().map(|(name, value)| (*name, value.as_str()));
        format!("{path}{}", query(selection.chain(more).chain([("after", after.as_str())])))
    }

    /// Finds the place to continue in a portal that may be another.
    async fn resume(&mut self) -> Result<(), ClientError> {
        let newest = newest(&self.client, &[]).await?;
        let before = (self.last.id - 1).to_string();
        let path = format!("/items{}", query([("order", "oldest"), ("limit", "1"), ("after", &before)]));
        let items = parse(self.client.get_json(&path).await?)?;
        let same_id = items.first().map(|(_, item)| mark(item)).filter(|mark| mark.id == self.last.id);
        self.last = self.last.resume(same_id, newest.id);
        Ok(())
    }
}

/// The mark of the newest selected item.
pub(super) async fn newest(client: &PortalClient, selection: &[(&str, &str)]) -> Result<Mark, ClientError> {
    let path = format!("/items{}", query(selection.iter().copied().chain([("limit", "1")])));
    let items = parse(client.get_json(&path).await?)?;
    Ok(items.first().map(|(_, item)| mark(item)).unwrap_or_default())
}

/// The newest selected items, oldest first.
pub(super) async fn last(
    client: &PortalClient,
    selection: &[(&'static str, String)],
    number: usize,
) -> Result<Vec<ReceivedItem>, ClientError> {
    let limit = number.to_string();
    let parameters = selection.iter().map(|(name, value)| (*name, value.as_str())).chain([("limit", limit.as_str())]);
    let mut items = parse(client.get_json(&format!("/items{}", query(parameters))).await?)?;
    items.reverse();
    Ok(items)
}

pub(super) fn mark(item: &Item) -> Mark {
    Mark { id: item.id, received: item.received }
}

fn parse(items: Items) -> Result<Vec<ReceivedItem>, ClientError> {
    let parsed = |json: Box<RawValue>| serde_json::from_str(json.get()).map(|item| (json, item));
    Ok(items.items.into_iter().map(parsed).collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn position_is_kept_in_the_same_database_and_starts_again_in_another() {
        let last = Mark { id: 7, received: 100 };
        let other = Mark { id: 7, received: 200 };
        assert_eq!(last.resume(Some(last), 9), last);
        assert_eq!(last.resume(Some(other), 9), Mark::default());
        assert_eq!(last.resume(None, 9), last, "the item was deleted");
        assert_eq!(last.resume(None, 3), Mark::default(), "the new portal has fewer items");
        assert_eq!(Mark::default().resume(None, 0), Mark::default());
    }
}
