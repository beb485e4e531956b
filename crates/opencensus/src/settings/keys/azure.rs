//! Settings of Application Insights.

use std::time::Duration;

use opencensus_azure::{Compression, ConnectionString, ProxyUrl};

use crate::settings::builder::Builder;
use opencensus_settings::Checked;
use opencensus_settings::checked::fault;
use opencensus_settings::{Value, read};

pub(super) const COMPRESSIONS: &[(&str, Compression)] = &[("fast", Compression::Fast), ("best", Compression::Best)];

pub(super) fn timeout(value: &Value) -> Checked<Option<Duration>> {
    let timeout = read::duration(value)?;
    if timeout.is_zero() { fault(value.redacted(), "write a time above 0, such as `10s`") } else { Ok(Some(timeout)) }
}

pub(super) fn proxy(value: &Value) -> Checked<Option<ProxyUrl>> {
    // Whatever stands there may hold a password.
    const FOUND: &str = "a proxy that cannot be read";
    const REMEDY: &str = "write a URL such as `http://proxy.example:3128`";
    let Value::Text(text) = value else { return fault(FOUND, REMEDY) };
    match text.value.parse() {
        Ok(proxy) => Ok(Some(proxy)),
        Err(error) => fault(FOUND, format!("{error}; {REMEDY}")),
    }
}

pub(super) fn connection_string(builder: &mut Builder, value: &Value) -> Checked<()> {
    // Whatever stands there may hold a key.
    const FOUND: &str = "a connection string that cannot be read";
    const REMEDY: &str = "copy it from the Application Insights resource's overview page";
    let Value::Text(text) = value else { return fault(value.redacted(), REMEDY) };
    let parsed: Result<ConnectionString, _> = text.value.parse();
    let connection = match parsed {
        Ok(connection) => connection,
        Err(error) => return fault(FOUND, format!("{error}; {REMEDY}")),
    };
    if let Err(error) = connection.track_url() {
        return fault(FOUND, format!("{error}; {REMEDY}"));
    }
    builder.settings.connection_string = Some(connection);
    Ok(())
}
