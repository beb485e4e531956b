//! Applies a fault that refuses some items to the records of a request.

use crate::faults::Refusal;
use crate::otlp::post::Batch;

/// Refuses the items that the fault applies to. Protocol and client know no index of a refused record, only the number.
pub(super) fn refuse_items(batch: &mut Batch, refusal: Refusal) {
    let (number, mut index) = (batch.items.len(), 0);
    batch.items.retain(|_| {
        index += 1;
        !refusal.applies_to(index - 1)
    });
    let refused = number - batch.items.len();
    if refused > 0 {
        batch.rejected += refused;
        batch.reasons.push(refusal.message());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::NewItem;

    #[test]
    fn refused_items_are_counted_with_a_reason() {
        let mut batch = Batch { items: vec![NewItem::default(); 5], ..Batch::default() };
        refuse_items(&mut batch, Refusal { every: 2, status: 500 });
        assert_eq!((batch.items.len(), batch.rejected, batch.reasons.len()), (3, 2, 1));
        refuse_items(&mut batch, Refusal { every: 9, status: 500 });
        assert_eq!((batch.items.len(), batch.rejected, batch.reasons.len()), (3, 2, 1));
    }
}
