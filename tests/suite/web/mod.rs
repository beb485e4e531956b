//! What the web layer says: request and security loggers, allowed hosts.

mod app;
mod django_http;
mod example;
mod failures;
mod hosts;
mod reports;
mod telemetry;
