//! Applies a fault that refuses some items to what a post brought.

use std::collections::HashSet;

use crate::faults::Refusal;
use crate::ingest::post::Post;
use crate::ingest::response::ItemError;

/// Refuses the items that the fault applies to, besides those that are refused already.
pub(super) fn refuse_items(post: &mut Post, refusal: Refusal) {
    let response = &mut post.response;
    let refused: HashSet<_> = response.errors.iter().map(|error| error.index).collect();
    let accepted = (0..response.items_received).filter(|index| !refused.contains(index));
    let mut items = Vec::with_capacity(post.items.len());
    for (index, item) in accepted.zip(std::mem::take(&mut post.items)) {
        if refusal.applies_to(index) {
            response.errors.push(ItemError { index, status_code: refusal.status, message: refusal.message() });
        } else {
            items.push(item);
        }
    }
    response.errors.sort_by_key(|error| error.index);
    response.items_accepted = items.len();
    post.items = items;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::post::read;

    const NOW: i64 = 1_709_618_828_000_000;
    const VALID: &str = r#"{"name":"n","time":"2024-03-05T06:07:08Z","iKey":"k","data":{"baseType":"EventData","baseData":{"name":"n"}}}"#;

    #[test]
    fn items_are_refused_by_their_index_in_the_post() {
        let body = [VALID, "?", VALID, VALID, VALID].join("\n");
        let mut post = read(body.as_bytes(), None, NOW);
        refuse_items(&mut post, Refusal { every: 2, status: 503 });
        let errors: Vec<_> = post.response.errors.iter().map(|error| (error.index, error.status_code)).collect();
        assert_eq!(errors, [(1, 400), (3, 503)]);
        assert_eq!((post.items.len(), post.response.items_received, post.response.items_accepted), (3, 5, 3));
        refuse_items(&mut post, Refusal { every: 1, status: 500 });
        assert_eq!((post.items.len(), post.response.errors.len()), (0, 5));
    }
}
