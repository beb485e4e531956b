//! Tests of a running portal: one binary, one module per part.

mod api;
mod browser;
mod ingestion;
mod lifecycle;
mod pages;
mod support;
