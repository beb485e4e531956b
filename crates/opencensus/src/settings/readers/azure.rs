//! Reads the section `azure`.

use std::time::Duration;

use opencensus_azure::{ConnectionString, ProxyUrl};
use opencensus_settings::checked::fault;
use opencensus_settings::{Checked, Value, read};

pub(crate) fn timeout(value: &Value) -> Checked<Duration> {
    let timeout = read::duration(value)?;
    if timeout.is_zero() { fault(value.redacted(), "write a time above 0, such as `10s`") } else { Ok(timeout) }
}

/// The fault does not repeat the value, which may hold a password.
pub(crate) fn proxy(value: &Value) -> Checked<ProxyUrl> {
    const FOUND: &str = "a proxy that cannot be read";
    const REMEDY: &str = "write a URL such as `http://proxy.example:3128`";
    let Value::Text(text) = value else { return fault(FOUND, REMEDY) };
    text.value.parse().or_else(|error| fault(FOUND, format!("{error}; {REMEDY}")))
}

/// The fault does not repeat the value, which may hold a key.
pub(crate) fn connection_string(value: &Value) -> Checked<ConnectionString> {
    const FOUND: &str = "a connection string that cannot be read";
    const REMEDY: &str = "copy it from the Application Insights resource's overview page";
    let Value::Text(text) = value else { return fault(value.redacted(), REMEDY) };
    let parsed: Result<ConnectionString, _> = text.value.parse();
    let connection_string = parsed.or_else(|error| fault(FOUND, format!("{error}; {REMEDY}")))?;
    match connection_string.track_url() {
        Ok(_) => Ok(connection_string),
        Err(error) => fault(FOUND, format!("{error}; {REMEDY}")),
    }
}
