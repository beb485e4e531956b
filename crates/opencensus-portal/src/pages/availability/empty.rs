//! How to send the result of a test.

use maud::{Markup, html};

/// What the page shows without results.
pub(super) fn hint(connection_string: &str) -> Markup {
    html! {
        section.card.first {
            h2 { "No availability results yet" }
            p {
                "This page fills by itself when they arrive. Programs send them, as for custom tests in Azure: "
                "applicationinsights 2.9 and 3 for Node and the SDK for .NET have "
                code { "trackAvailability" } ". To send one from a shell:"
            }
            div.copyable { pre tabindex="0" data-copy { (curl(connection_string)) } }
        }
    }
}

/// The command that sends a result to the endpoint of a connection string.
fn curl(connection_string: &str) -> String {
    let part = |name: &str| {
        let parts = connection_string.split(';').filter_map(|part| part.split_once('='));
        parts.filter(|(key, _)| *key == name).map(|(_, value)| value).next().unwrap_or("")
    };
    let (key, endpoint) = (part("InstrumentationKey"), part("IngestionEndpoint"));
    format!(
        r#"curl {endpoint}/v2.1/track -d '{{"name": "Availability", "time": "'$(date -u +%FT%TZ)'", "iKey": "{key}",
  "data": {{"baseType": "AvailabilityData", "baseData": {{"ver": 2, "id": "1", "name": "home page",
    "duration": "00:00:00.120", "success": true, "runLocation": "my machine", "message": "200 OK"}}}}}}'"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_names_the_key_and_the_endpoint() {
        let command = curl("InstrumentationKey=k;IngestionEndpoint=http://127.0.0.1:1");
        assert!(command.starts_with("curl http://127.0.0.1:1/v2.1/track -d '") && command.contains(r#""iKey": "k""#));
        let json = command.split_once('\'').unwrap().1.replace("'$(date -u +%FT%TZ)'", "2024-03-05T06:07:08Z");
        serde_json::from_str::<serde_json::Value>(json.trim_end_matches('\'')).unwrap();
    }
}
