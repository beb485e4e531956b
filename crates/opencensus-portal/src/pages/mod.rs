//! The web pages, which the server renders and which work without JavaScript.

mod item;
mod json;
mod layout;
mod live_events;
mod request_list;
mod routes;

pub(crate) use routes::routes;
