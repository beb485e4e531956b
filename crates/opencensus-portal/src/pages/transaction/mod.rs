//! `/transactions/{operation_id}`: the waterfall of all items of one operation, beside one of them; `/items/{id}`: one item.

mod address;
mod rows;
mod timeline;
