//! What arrived while a program ran.

use serde::Deserialize;

use crate::command::client::{PortalClient, query};
use crate::command::client_error::ClientError;

/// The numbers of items, as received.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Summary {
    pub(super) requests: u64,
    pub(super) failed: u64,
    pub(super) exceptions: u64,
    pub(super) items: u64,
}

#[derive(Deserialize)]
struct Count {
    count: u64,
}

#[derive(Deserialize)]
struct Newest {
    items: Vec<NewestItem>,
}

#[derive(Deserialize)]
struct NewestItem {
    id: i64,
}

/// The id of the newest item, or 0.
pub(super) async fn newest(portal: &PortalClient) -> Result<i64, ClientError> {
    let newest: Newest = portal.get_json("/items?limit=1").await?;
    Ok(newest.items.first().map_or(0, |item| item.id))
}

impl Summary {
    /// Counts the items after the one with this id.
    pub(super) async fn read(portal: &PortalClient, after: i64) -> Result<Self, ClientError> {
        let after = after.to_string();
        let count = async |selection: &[(&str, &str)]| {
            let parameters = selection.iter().copied().chain([("after", after.as_str())]);
            let count: Count = portal.get_json(&format!("/count{}", query(parameters))).await?;
            Ok::<_, ClientError>(count.count)
        };
        Ok(Self {
            requests: count(&[("kind", "request")]).await?,
            failed: count(&[("kind", "request"), ("failed", "true")]).await?,
            exceptions: count(&[("kind", "exception")]).await?,
            items: count(&[]).await?,
        })
    }

    /// The line for the end of the program.
    pub(super) fn line(&self) -> String {
        if self.items == 0 {
            return "no telemetry arrived".to_owned();
        }
        let Self { requests, failed, exceptions, items } = *self;
        let other = items.saturating_sub(requests + exceptions);
        let number = |number: u64, noun: &str| format!("{number} {noun}{}", if number == 1 { "" } else { "s" });
        format!(
            "{} arrived ({failed} failed), {}, {}",
            number(requests, "request"),
            number(exceptions, "exception"),
            number(other, "other item")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_counts_in_words() {
        let summary = Summary { requests: 1, failed: 1, exceptions: 2, items: 7 };
        assert_eq!(summary.line(), "1 request arrived (1 failed), 2 exceptions, 4 other items");
        let summary = Summary { requests: 0, failed: 0, exceptions: 0, items: 0 };
        assert_eq!(summary.line(), "no telemetry arrived");
    }
}
