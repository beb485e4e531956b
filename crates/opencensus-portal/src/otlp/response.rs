//! The responses, in the encoding of the request.

use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::otlp::encoding::Encoding;
use crate::otlp::message::{ExportResponse, PartialSuccess, RpcStatus};

/// The request was read. `rejected_name` is the name of the number of refused records in JSON.
pub(super) fn exported(encoding: Encoding, rejected_name: &str, rejected: usize, reasons: &[String]) -> Response {
    let error_message = reasons.join("; ");
    let is_partial = rejected > 0 || !error_message.is_empty();
    let json = match is_partial {
        // 64-bit numbers are texts in JSON.
        true => json!({"partialSuccess": {rejected_name: rejected.to_string(), "errorMessage": error_message}}),
        false => json!({}),
    };
    let rejected = i64::try_from(rejected).unwrap_or(i64::MAX);
    let partial_success = is_partial.then_some(PartialSuccess { rejected, error_message });
    response(encoding, StatusCode::OK, &ExportResponse { partial_success }, &json)
}

/// Nothing was accepted. The client retries after 429, 502, 503 and 504.
pub(super) fn refused(encoding: Encoding, status: StatusCode, message: String) -> Response {
    let code = rpc_code(status);
    let json = json!({"code": code, "message": message});
    let mut response = response(encoding, status, &RpcStatus { code, message }, &json);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response
}

/// The content type is none of OTLP/HTTP, so the response has no encoding.
pub(super) fn unsupported() -> Response {
    let message = "the content type is not supported: use application/x-protobuf or application/json";
    (StatusCode::UNSUPPORTED_MEDIA_TYPE, message).into_response()
}

fn response(encoding: Encoding, status: StatusCode, message: &impl prost::Message, json: &Value) -> Response {
    let body = match encoding {
        Encoding::Protobuf => Body::from(message.encode_to_vec()),
        Encoding::Json => Body::from(json.to_string()),
    };
    (status, [(CONTENT_TYPE, encoding.content_type())], body).into_response()
}

/// The code of gRPC for a status of HTTP.
fn rpc_code(status: StatusCode) -> i32 {
    match status {
        StatusCode::REQUEST_TIMEOUT => 4,
        StatusCode::PAYLOAD_TOO_LARGE => 8,
        StatusCode::SERVICE_UNAVAILABLE => 14,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn store_that_is_not_available_makes_the_client_retry() {
        for encoding in [Encoding::Protobuf, Encoding::Json] {
            let response = refused(encoding, StatusCode::SERVICE_UNAVAILABLE, "the store failed".to_owned());
            let headers = response.headers();
            assert_eq!(
                (response.status(), &headers[RETRY_AFTER]),
                (StatusCode::SERVICE_UNAVAILABLE, &HeaderValue::from_static("5"))
            );
            assert_eq!(headers[CONTENT_TYPE], encoding.content_type());
            let permanent = refused(encoding, StatusCode::BAD_REQUEST, String::new());
            assert!(!permanent.headers().contains_key(RETRY_AFTER));
        }
    }
}
