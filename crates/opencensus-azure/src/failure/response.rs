//! The cause by a response of the ingestion endpoint.

use opencensus_core::FailureCause;

use crate::failure::remedy::remedy;

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
        405 => "Method Not Allowed",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        411 => "Length Required",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        429 => "Too Many Requests",
        439 => "Daily Quota Exceeded",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        511 => "Network Authentication Required",
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
        for status in [301, 400, 401, 402, 403, 404, 407, 408, 413, 418, 429, 439, 500, 502, 503, 504, 511] {
            let cause = cause_of_response(status, "Invalid instrumentation key").to_string();
            assert!(cause.contains("; "), "{cause}");
        }
    }
}
