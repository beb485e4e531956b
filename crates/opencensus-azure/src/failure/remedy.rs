//! What the operator can do about a response of the ingestion endpoint.

/// The remedy for a status. `message`: what the endpoint wrote, or nothing. `None`: nothing was refused.
pub(super) fn remedy(status: u16, message: &str) -> Option<&'static str> {
    Some(match status {
        0..=299 => return None,
        300..=399 => "the redirect is not followed: check `IngestionEndpoint`, and a proxy or sign-in page on the way",
        400 => of_bad_request(message),
        401 | 403 if is_about_local_authentication(message) => {
            "the resource accepts only Microsoft Entra ID: turn local authentication on (`az resource update --ids \
             RESOURCE --set properties.DisableLocalAuth=false`), or send through a collector that has a token"
        }
        401 => {
            "the endpoint does not accept the key: copy the connection string of the resource again, check that local \
             authentication is on (`DisableLocalAuth`), and a proxy that requires a login"
        }
        403 => {
            "the resource refuses this sender: check its network isolation (private link), local authentication \
             (`DisableLocalAuth`), and a proxy or firewall on the way"
        }
        402 | 439 => {
            "the quota of the resource is used up: raise its daily cap, or lower the sampling rate \
             (`OPENCENSUS_SAMPLER`)"
        }
        404 | 405 | 410 | 501 => "there is no ingestion service: check `IngestionEndpoint` of the connection string",
        407 => "the proxy refuses this sender: check the user name and password of `azure.proxy` or `HTTPS_PROXY`",
        408 | 429 => "the endpoint throttles this sender: lower the sampling rate (`OPENCENSUS_SAMPLER`)",
        411 | 415 => {
            "a proxy on the way changes the requests: it must pass `Content-Length`, `Content-Type` and \
             `Content-Encoding: gzip` on"
        }
        413 => "the batch is sent in parts; lower `limits.batch_bytes` if a proxy limits the size",
        500 | 502 | 503 | 504 => {
            "the service, or a proxy on the way, is unavailable for now; no change is needed unless it lasts"
        }
        511 => "the network requires a login before it lets requests pass",
        _ => "check `IngestionEndpoint` of the connection string, and a proxy or firewall on the way",
    })
}

fn of_bad_request(message: &str) -> &'static str {
    let message = message.to_ascii_lowercase();
    if message.contains("instrumentation key") || message.contains("ikey") {
        "copy the connection string of the resource again: the endpoint does not know its `InstrumentationKey`, \
         or `IngestionEndpoint` is that of another region"
    } else if message.contains("field 'time'") || message.contains("date") {
        "set the clock of this machine: the endpoint refuses telemetry that is older than two days or from the future"
    } else {
        "the items that the endpoint refuses are dropped, and the others are delivered; if all are refused, check that \
         `IngestionEndpoint` is a resource of Application Insights"
    }
}

/// Whether the message names local authentication, in one of the spellings of Azure's services: `Local authentication
/// is disabled`, `Local auth is disabled`, `local-auth`, `DisableLocalAuth`.
fn is_about_local_authentication(message: &str) -> bool {
    let letters: String =
        message.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).take(4096).collect();
    let is_about_keys = ["keybasedauth", "keyauth"].iter().any(|words| letters.contains(words));
    letters.contains("localauth") || (is_about_keys && letters.contains("disabled"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Status, message, words of the remedy.
    const ROWS: [(u16, &str, &str); 30] = [
        (301, "", "sign-in page"),
        (307, "", "`IngestionEndpoint`"),
        (400, "Invalid instrumentation key", "copy the connection string"),
        (400, "Invalid iKey", "copy the connection string"),
        (400, "103: Field 'time' on type 'Envelope' is older than the allowed min date", "clock"),
        (400, "100: Field 'ver' is required", "the others are delivered"),
        (400, "", "the others are delivered"),
        (401, "Local authentication is disabled", "properties.DisableLocalAuth=false"),
        (401, "Local auth is disabled for this resource.", "properties.DisableLocalAuth=false"),
        (401, "The property DisableLocalAuth is true", "properties.DisableLocalAuth=false"),
        (403, "local-auth disabled", "properties.DisableLocalAuth=false"),
        (403, "Key based authentication is disabled", "properties.DisableLocalAuth=false"),
        (401, "", "copy the connection string"),
        (401, "Unauthorized", "copy the connection string"),
        (403, "", "private link"),
        (403, "Public network access is disabled", "private link"),
        (402, "", "daily cap"),
        (439, "", "daily cap"),
        (404, "", "no ingestion service"),
        (405, "", "no ingestion service"),
        (407, "", "`azure.proxy`"),
        (408, "", "throttles"),
        (429, "", "throttles"),
        (411, "", "`Content-Length`"),
        (415, "", "`Content-Encoding: gzip`"),
        (413, "", "`limits.batch_bytes`"),
        (500, "", "unless it lasts"),
        (503, "", "unless it lasts"),
        (511, "", "login"),
        (418, "", "firewall"),
    ];

    #[test]
    fn every_refusal_has_its_remedy() {
        for (status, message, words) in ROWS {
            let remedy = remedy(status, message).unwrap();
            assert!(remedy.contains(words), "{status} {message}: {remedy}");
        }
        assert_eq!((remedy(200, ""), remedy(206, "Local auth is disabled")), (None, None));
    }

    #[test]
    fn only_messages_about_local_authentication_advise_to_turn_it_on() {
        let advises = |message: &str| remedy(401, message).unwrap().contains("properties.DisableLocalAuth=false");
        for message in
            ["", "Unauthorized", "Access from localhost is disabled", "the key is disabled", "locale, author"]
        {
            assert!(!advises(message), "{message}");
        }
    }
}
