//! Reads lists of paths, hosts, proxies and headers.

use opencensus_core::{ForwardedHeader, PathFilter, TrustedProxies};
use opencensus_settings::checked::fault;
use opencensus_settings::secret_names::SecretNames;
use opencensus_settings::{Checked, Value, read};

use crate::middleware::header_capture::{self, InvalidHeader};
use crate::security::AllowedHosts;

/// Entries of the blacklist.
pub(crate) fn paths(value: &Value) -> Checked<Vec<String>> {
    read::texts(value, path_entry)
}

/// `host` or `host:port`.
pub(crate) fn hosts(value: &Value) -> Checked<Vec<String>> {
    read::texts(value, |host, value| {
        let remedy = "a host is a name or an address, with a port or without, such as `db.example:5432` or `[::1]`";
        if PathFilter::new([format!("host:{host}")]).is_ok() { Ok(()) } else { fault(value.redacted(), remedy) }
    })
}

/// Hosts that clients may request.
pub(crate) fn allowed_hosts(value: &Value) -> Checked<Vec<String>> {
    read::texts(value, |host, value| {
        let remedy = "write `shop.example`, `.shop.example` to include its subdomains, `[::1]`, or `*`; without a port";
        if AllowedHosts::may_match(host) { Ok(()) } else { fault(value.redacted(), remedy) }
    })
}

/// Addresses and networks.
pub(crate) fn proxies(value: &Value) -> Checked<Vec<String>> {
    read::texts(value, |proxy, value| {
        let remedy = "write an address or a network, such as `10.0.0.0/8`";
        let checked = TrustedProxies::new([proxy], ForwardedHeader::default());
        if checked.is_ok() { Ok(()) } else { fault(value.redacted(), remedy) }
    })
}

/// Names of headers.
pub(crate) fn headers(value: &Value) -> Checked<Vec<String>> {
    read::texts(value, |header, value| match header_capture::name(header) {
        Ok(_) => Ok(()),
        Err(InvalidHeader::Secret(_)) => {
            fault(secret_header(header, value), "headers that carry credentials cannot be captured")
        }
        Err(InvalidHeader::Name(_)) => fault(value.redacted(), "write the name of a header"),
    })
}

/// Names of secrets.
pub(crate) fn secret_names(value: &Value) -> Checked<SecretNames> {
    let names = read::texts(value, |name, value| {
        let remedy = "write a part of a name with at least two letters or digits, such as `iban`";
        if name.chars().filter(|c| c.is_alphanumeric()).count() >= 2 { Ok(()) } else { fault(value.redacted(), remedy) }
    })?;
    Ok(SecretNames::new(names))
}

/// The name of a well-known header, which is no secret, unless it comes from a variable.
fn secret_header(header: &str, value: &Value) -> String {
    const WELL_KNOWN: [&str; 6] =
        ["authorization", "cookie", "proxy-authorization", "set-cookie", "x-api-key", "x-csrf-token"];
    let has_variables = matches!(value, Value::Text(text) if !text.variables.is_empty());
    match WELL_KNOWN.into_iter().find(|name| header.trim().eq_ignore_ascii_case(name)) {
        Some(name) if !has_variables => format!("`{name}`"),
        _ => value.redacted(),
    }
}

/// Names of methods, with their letter case.
pub(crate) fn methods(value: &Value) -> Checked<Vec<String>> {
    read::texts(value, |method, value| match http::Method::from_bytes(method.as_bytes()) {
        Ok(_) => Ok(()),
        Err(_) => fault(value.redacted(), "write the name of a method, such as `PURGE`"),
    })
}

pub(super) fn path_entry(entry: &str, value: &Value) -> Checked<()> {
    match PathFilter::new([entry]) {
        Ok(_) => Ok(()),
        Err(error) => fault(value.redacted(), on_one_line(&error.fault().to_string())),
    }
}

/// The error of a regular expression has several lines; only the last one names the reason.
fn on_one_line(text: &str) -> String {
    match text.split_once("regex parse error:") {
        Some((before, details)) => {
            let last = details.lines().next_back().unwrap_or_default();
            format!("{before}{}", last.trim().trim_start_matches("error: "))
        }
        None => text.to_owned(),
    }
}
