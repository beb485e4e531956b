//! What the pipeline says about itself, and how often.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use crate::exporter::DropReason;

/// A report of the pipeline about itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Message {
    Dropped { reason: DropReason, items: usize },
    Failing { failures: u32 },
}

/// The same is said once in this time.
const SAY_EVERY: Duration = Duration::from_secs(60);

const KINDS: usize = DropReason::COUNT + 1;

/// Messages that wait to be said.
#[derive(Debug, Default)]
pub(super) struct Messages {
    waiting: VecDeque<Message>,
    said: [Option<Instant>; KINDS],
}

impl Messages {
    /// Adds one, unless its like was added a moment ago.
    pub(super) fn say(&mut self, message: Message) {
        let now = Instant::now();
        let said = &mut self.said[message.kind()];
        if said.is_none_or(|said| now - said >= SAY_EVERY) {
            *said = Some(now);
            self.waiting.push_back(message);
        }
    }

    pub(super) fn next(&mut self) -> Option<Message> {
        self.waiting.pop_front()
    }
}

impl Message {
    fn kind(self) -> usize {
        match self {
            Self::Dropped { reason, .. } => reason as usize,
            Self::Failing { .. } => DropReason::COUNT,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn every_kind_is_said_once_a_minute() {
        let mut messages = Messages::default();
        let dropped = |reason, items| Message::Dropped { reason, items };
        for items in 1..=3 {
            messages.say(dropped(DropReason::Rejected, items));
            messages.say(dropped(DropReason::Quota, items));
        }
        tokio::time::advance(SAY_EVERY).await;
        messages.say(dropped(DropReason::Rejected, 4));
        let said: Vec<_> = std::iter::from_fn(|| messages.next()).collect();
        let expected = [(DropReason::Rejected, 1), (DropReason::Quota, 1), (DropReason::Rejected, 4)];
        assert_eq!(said, expected.map(|(reason, items)| dropped(reason, items)));
    }
}
