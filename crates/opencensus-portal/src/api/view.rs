//! The JSON form of items.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::store::Item;

/// An item with its envelope as JSON instead of text.
#[derive(Serialize)]
pub(super) struct ItemView {
    #[serde(flatten)]
    item: Item,
    envelope: Box<RawValue>,
}

impl From<Item> for ItemView {
    fn from(mut item: Item) -> Self {
        let envelope =
            RawValue::from_string(std::mem::take(&mut item.raw)).unwrap_or_else(|_| RawValue::NULL.to_owned());
        Self { item, envelope }
    }
}

pub(super) fn views(items: Vec<Item>) -> Vec<ItemView> {
    items.into_iter().map(Into::into).collect()
}
