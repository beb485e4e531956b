//! Records of requests in loggers, mail and Application Insights, and the check of allowed hosts.

mod allowed_hosts;
mod app;
mod django_http;
mod log_items;
mod logging_example;
mod mail_reports;
