//! `/transactions/{operation_id}`: the waterfall of all items of one operation, beside one of them; `/items/{id}`: one item.

mod address;
mod bar;
mod curl;
mod highlight;
mod kind_label;
mod linked;
mod roles;
mod rows;
mod stack;
mod summary;
mod timeline;
mod toolbar;
mod view;
mod waterfall;
