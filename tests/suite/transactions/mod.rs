//! What belongs to one transaction arrives as one tree, over services on axum, hyper and actix-web.

mod chain;
mod chaos;
mod plan;
