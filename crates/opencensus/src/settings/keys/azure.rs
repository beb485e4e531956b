//! Settings of Application Insights.

use std::time::Duration;

use opencensus_azure::{Compression, ConnectionString, ProxyUrl};

use crate::settings::draft::Draft;
use crate::settings::node::Node;
use crate::settings::values;
use opencensus_settings::Checked;
use opencensus_settings::checked::fault;

pub(super) const COMPRESSIONS: &[(&str, Compression)] = &[("fast", Compression::Fast), ("best", Compression::Best)];

pub(super) fn timeout(node: &Node) -> Checked<Option<Duration>> {
    let timeout = values::duration(node)?;
    if timeout.is_zero() { fault(node.shown(), "write a time above 0, such as `10s`") } else { Ok(Some(timeout)) }
}

pub(super) fn proxy(node: &Node) -> Checked<Option<ProxyUrl>> {
    // Whatever stands there may hold a password.
    const FOUND: &str = "a proxy that cannot be read";
    const REMEDY: &str = "write a URL such as `http://proxy.example:3128`";
    let Node::Text(text) = node else { return fault(FOUND, REMEDY) };
    match text.value.parse() {
        Ok(proxy) => Ok(Some(proxy)),
        Err(error) => fault(FOUND, format!("{error}; {REMEDY}")),
    }
}

pub(super) fn connection_string(draft: &mut Draft, node: &Node) -> Checked<()> {
    // Whatever stands there may hold a key.
    const FOUND: &str = "a connection string that cannot be read";
    const REMEDY: &str = "copy it from the Application Insights resource's overview page";
    let Node::Text(text) = node else { return fault(node.shown(), REMEDY) };
    let parsed: Result<ConnectionString, _> = text.value.parse();
    let connection = match parsed {
        Ok(connection) => connection,
        Err(error) => return fault(FOUND, format!("{error}; {REMEDY}")),
    };
    if let Err(error) = connection.track_url() {
        return fault(FOUND, format!("{error}; {REMEDY}"));
    }
    draft.settings.connection_string = Some(connection);
    Ok(())
}
