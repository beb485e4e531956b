//! Request and security loggers, mail reports of requests, allowed hosts.

mod allowed_hosts;
mod app;
mod django_http;
mod log_items;
mod logging_example;
mod mail_reports;
