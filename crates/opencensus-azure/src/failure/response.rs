//! The cause by a response of the ingestion endpoint.

use opencensus_core::FailureCause;

/// The cause that a response states. `message`: what the endpoint wrote, or nothing.
pub(crate) fn cause_of_response(status: u16, message: &str) -> FailureCause {
    let problem = match reason(status) {
        Some(reason) => format!("{status} {reason}"),
        None => status.to_string(),
    };
    let cause = FailureCause::new(problem).with_message(&without_keys(message));
    match remedy(status, message) {
        Some(remedy) => cause.with_remedy(remedy),
        None => cause,
    }
}

fn reason(status: u16) -> Option<&'static str> {
    Some(match status {
        206 => "Partial Content",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        408 => "Request Timeout",
        413 => "Content Too Large",
        429 => "Too Many Requests",
        439 => "Daily Quota Exceeded",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => return None,
    })
}

/// What the operator can do.
fn remedy(status: u16, message: &str) -> Option<&'static str> {
    let is_about_key = message.to_ascii_lowercase().contains("instrumentation key");
    Some(match status {
        400 if is_about_key => {
            "copy the connection string of the resource again: the endpoint does not know its `InstrumentationKey`, \
             or `IngestionEndpoint` is that of another region"
        }
        401 => {
            "the resource accepts only Microsoft Entra ID (local authentication is off): turn local authentication on"
        }
        403 => {
            "the resource refuses this sender: check its network isolation (private link), local authentication, and \
             a proxy or firewall on the way"
        }
        402 | 439 => {
            "the quota of the resource is used up: raise its daily cap, or lower the sampling rate \
             (`OPENCENSUS_SAMPLER`)"
        }
        404 | 405 => "there is no ingestion service: check `IngestionEndpoint` of the connection string",
        408 | 429 => "the endpoint throttles this sender: lower the sampling rate (`OPENCENSUS_SAMPLER`)",
        413 => "the batch is sent in parts; lower `limits.batch_bytes` if a proxy limits the size",
        300..=399 => "the redirect is not followed: check `IngestionEndpoint`, and a proxy or sign-in page on the way",
        500 | 502 | 503 | 504 => {
            "the service, or a proxy on the way, is unavailable for now; no change is needed unless it lasts"
        }
        _ => return None,
    })
}

/// The message without instrumentation keys, which an endpoint may repeat.
fn without_keys(message: &str) -> String {
    const KEY: usize = 36;
    let is_key = |bytes: &[u8]| {
        bytes.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
    };
    let mut text = String::with_capacity(message.len().min(1024));
    let mut rest = message;
    while let Some(c) = rest.chars().next() {
        // What is longer is cut anyway.
        if text.len() > 4 * FailureCause::MAX_MESSAGE {
            break;
        }
        if rest.len() >= KEY && is_key(&rest.as_bytes()[..KEY]) {
            text.push_str("(key)");
            rest = &rest[KEY..];
        } else {
            text.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_keeps_no_instrumentation_key() {
        let message = "Invalid instrumentation key: c0ffee00-1234-4ABC-8def-0123456789ab (ä)";
        let cause = cause_of_response(400, message).to_string();
        assert!(cause.starts_with("400 Bad Request: \"Invalid instrumentation key: (key) (ä)\"; copy"), "{cause}");
    }

    #[test]
    fn every_status_has_words_or_its_number() {
        assert_eq!(cause_of_response(299, "").to_string(), "299");
        for status in [301, 400, 401, 402, 403, 404, 408, 413, 429, 439, 500, 502, 503, 504] {
            let cause = cause_of_response(status, "Invalid instrumentation key").to_string();
            assert!(cause.contains("; "), "{cause}");
        }
    }
}
