//! `/transactions/{operation_id}`: the waterfall of all items of one operation, beside one of them; `/items/{id}`: one item.

mod address;
mod bar;
mod curl;
mod detail;
mod download;
mod exception;
mod highlight;
mod item_page;
mod kind_label;
mod linked;
mod not_found;
mod page;
mod roles;
mod rows;
mod stack;
mod summary;
mod timeline;
mod toolbar;
mod view;
mod waterfall;

pub(super) use download::{item_envelope, transaction_envelopes};
pub(super) use item_page::page as item_page;
pub(super) use page::{page, page_without_id};
