//! Failures and successes of a batch.

use std::collections::HashSet;

use crate::exporter::Mark;
use crate::store::format::Item;

/// The failures and the successes, each in the batch's order. Every item of an operation with a failure is a failure.
pub(super) fn divide<'a>(items: impl Iterator<Item = Item<'a>>) -> (Vec<Item<'a>>, Vec<Item<'a>>) {
    let items: Vec<_> = items.collect();
    let failed: HashSet<u64> = items
        .iter()
        .filter(|(_, mark)| mark.is_failure && mark.operation != 0)
        .map(|(_, mark)| mark.operation)
        .collect();
    let is_failure = |mark: Mark| mark.is_failure || failed.contains(&mark.operation);
    items
        .into_iter()
        .map(|(bytes, mark)| (bytes, Mark { is_failure: is_failure(mark), ..mark }))
        .partition(|(_, mark)| mark.is_failure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_of_a_failed_operation_is_a_failure() {
        let item = |operation, is_failure| Mark { operation, is_failure };
        let items: [Item<'_>; 5] = [
            (b"a", item(1, false)),
            (b"b", item(2, false)),
            (b"c", item(1, true)),
            (b"d", item(0, true)),
            (b"e", item(0, false)),
        ];
        let (failures, successes) = divide(items.into_iter());
        assert_eq!(failures.iter().map(|(bytes, _)| *bytes).collect::<Vec<_>>(), [b"a", b"c", b"d"]);
        assert!(failures.iter().all(|(_, mark)| mark.is_failure));
        assert_eq!(successes.iter().map(|(bytes, _)| *bytes).collect::<Vec<_>>(), [b"b", b"e"]);
    }
}
