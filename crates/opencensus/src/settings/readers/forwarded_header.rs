//! Reads the name of the header in which proxies state the client's address.

use opencensus_core::ForwardedHeader;
use opencensus_core::request::ClientHeader;
use opencensus_settings::checked::fault;
use opencensus_settings::suggestion::resembling;
use opencensus_settings::{Checked, Value};

/// Headers of well-known proxies, from which typing errors are told apart.
const KNOWN: [&str; 8] = [
    "x-forwarded-for",
    "forwarded",
    "x-azure-clientip",
    "cf-connecting-ip",
    "x-real-ip",
    "fly-client-ip",
    "true-client-ip",
    "x-client-ip",
];

/// Reads `x-forwarded-for`, `forwarded`, or the name of any other header.
pub(crate) fn forwarded_header(value: &Value) -> Checked<ForwardedHeader> {
    const REMEDY: &str = "write `x-forwarded-for`, `forwarded`, or the name of another header, such as `x-real-ip`";
    let Value::Text(text) = value else { return fault(value.redacted(), REMEDY) };
    let Some(header) = ClientHeader::new(&text.value.replace('_', "-")) else {
        return fault(value.redacted(), REMEDY);
    };
    match header.as_str() {
        "x-forwarded-for" => Ok(ForwardedHeader::XForwardedFor),
        "forwarded" => Ok(ForwardedHeader::Forwarded),
        name => match resembling(name, &KNOWN, 0.8).filter(|known| *known != name) {
            Some(known) => fault(value.redacted(), format!("did you mean `{known}`?")),
            None => Ok(ForwardedHeader::Named(header)),
        },
    }
}

/// The header's name in a settings file.
pub(crate) fn forwarded_header_name(header: &ForwardedHeader) -> Option<Value> {
    Some(Value::text(match header {
        ForwardedHeader::Forwarded => "forwarded",
        ForwardedHeader::Named(header) => header.as_str(),
        _ => "x-forwarded-for",
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_header_may_state_the_client_and_typing_errors_are_faults() {
        for name in ["X-Azure-ClientIP", "CF-Connecting-IP", "X-Real-IP", "Fly-Client-IP", "x-internal-source"] {
            let header = forwarded_header(&Value::text(name)).unwrap();
            assert_eq!(forwarded_header_name(&header), Some(Value::text(name.to_ascii_lowercase())));
            assert!(matches!(header, ForwardedHeader::Named(_)), "{name}");
        }
        assert_eq!(forwarded_header(&Value::text("x_forwarded_for")), Ok(ForwardedHeader::XForwardedFor));
        for (name, remedy) in [("x-forwarded-fro", "x-forwarded-for"), ("x-reel-ip", "x-real-ip"), ("a b", "write")] {
            let faults = forwarded_header(&Value::text(name)).unwrap_err();
            assert!(faults[0].to_string().contains(remedy), "{faults:?}");
        }
    }
}
