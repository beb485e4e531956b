//! Addresses of pages that show one item.

use crate::pages::scope::Scope;
use crate::store::Item;

/// The address of the transaction of an item, with the item selected; of the item alone if it names no operation.
pub(super) fn item(scope: &Scope, item: &Item) -> String {
    sample(scope, item.id, item.operation_id.as_deref())
}

/// The address of the transaction `operation_id` with item `id` selected; of the item alone without an operation.
pub(super) fn sample(scope: &Scope, id: i64, operation_id: Option<&str>) -> String {
    match operation_id.filter(|operation_id| !operation_id.is_empty()) {
        Some(operation_id) => scope.link(&transaction(operation_id), [("item", id.to_string().as_str())]),
        None => scope.link(&format!("/items/{id}"), []),
    }
}

/// The path of a transaction.
pub(super) fn transaction(operation_id: &str) -> String {
    format!("/transactions/{}", segment(operation_id))
}

/// A text as one segment of a path. In a path, a plus is no space.
fn segment(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).map(|part| part.replace('+', "%20")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operation_ids_of_any_text_are_one_segment() {
        let scope = Scope { role: "shop".into(), ..Scope::default() };
        assert_eq!(sample(&scope, 7, Some("a/b c?d+e")), "/transactions/a%2Fb%20c%3Fd%2Be?role=shop&item=7");
        assert_eq!(sample(&Scope::default(), 7, Some("")), "/items/7");
    }
}
