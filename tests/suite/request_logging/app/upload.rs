//! The views that read a body, within the limits of the settings.

use axum::body::Bytes;
use axum::extract::Request;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use opencensus::Failure;
use serde_json::Value;

use super::exceptions::{exception, suspicious};

/// Django's limits: the setting, or the default. No limit if the setting is `None`.
fn limit(settings: &Value, name: &str, default: u64) -> u64 {
    match settings.get(name) {
        None => default,
        Some(value) => value.as_u64().unwrap_or(u64::MAX),
    }
}

fn max_bytes(settings: &Value) -> u64 {
    limit(settings, "DATA_UPLOAD_MAX_MEMORY_SIZE", 2_621_440)
}

fn too_big() -> Failure {
    suspicious("RequestDataTooBig", "Request body exceeded settings.DATA_UPLOAD_MAX_MEMORY_SIZE.")
}

async fn read(request: Request) -> Result<Bytes, Failure> {
    let read = axum::body::to_bytes(request.into_body(), usize::MAX).await;
    Ok(read.map_err(|_| exception("UnreadablePostError", "client went away"))?)
}

/// `/body/`: the length of the body.
pub(super) async fn body(settings: &Value, request: Request) -> Result<Response, Failure> {
    let body = read(request).await?;
    if body.len() as u64 > max_bytes(settings) {
        return Err(too_big());
    }
    Ok(body.len().to_string().into_response())
}

/// `/post/`: the number of fields and files of a form.
pub(super) async fn post(settings: &Value, request: Request) -> Result<Response, Failure> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).map(str::to_owned);
    let kind = kind.unwrap_or_else(|| "application/x-www-form-urlencoded".to_owned());
    let body = read(request).await?;
    let text = String::from_utf8_lossy(&body);
    let fields = match kind.split(';').next().unwrap_or_default().trim() {
        "multipart/form-data" => multipart(settings, &kind, &text)?,
        "application/x-www-form-urlencoded" if body.len() as u64 > max_bytes(settings) => return Err(too_big()),
        "application/x-www-form-urlencoded" => urlencoded(settings, &text)?,
        _ => 0,
    };
    Ok(fields.to_string().into_response())
}

fn max_fields(settings: &Value) -> u64 {
    limit(settings, "DATA_UPLOAD_MAX_NUMBER_FIELDS", 1000)
}

fn too_many_fields() -> Failure {
    let message = "The number of GET/POST parameters exceeded settings.DATA_UPLOAD_MAX_NUMBER_FIELDS.";
    suspicious("TooManyFieldsSent", message)
}

fn urlencoded(settings: &Value, text: &str) -> Result<usize, Failure> {
    let pairs: Vec<_> = text.split('&').collect();
    if pairs.len() as u64 > max_fields(settings) {
        return Err(too_many_fields());
    }
    let mut names: Vec<_> =
        pairs.iter().filter(|pair| !pair.is_empty()).filter_map(|pair| pair.split('=').next()).collect();
    names.sort_unstable();
    names.dedup();
    Ok(names.len())
}

fn multipart(settings: &Value, kind: &str, text: &str) -> Result<usize, Failure> {
    let Some(boundary) = kind.split(';').find_map(|part| part.trim().strip_prefix("boundary=")) else {
        return Err(Failure::unreadable_body(exception("MultiPartParserError", "Invalid boundary in multipart: None")));
    };
    let separator = format!("--{}", boundary.trim_matches('"'));
    let (mut fields, mut files, mut bytes) = (0_u64, 0_u64, 0_u64);
    for part in text.split(&separator).skip(1).take_while(|part| !part.starts_with("--")) {
        let (head, data) = part.split_once("\r\n\r\n").unwrap_or((part, ""));
        if head.contains("filename=") {
            files += 1;
            if files > limit(settings, "DATA_UPLOAD_MAX_NUMBER_FILES", 100) {
                let message = "The number of files exceeded settings.DATA_UPLOAD_MAX_NUMBER_FILES.";
                return Err(suspicious("TooManyFilesSent", message));
            }
            continue;
        }
        fields += 1;
        // As in Django, which counts the keys that it adds itself.
        if fields > max_fields(settings).saturating_add(2) {
            return Err(too_many_fields());
        }
        bytes += data.len() as u64;
        if bytes > max_bytes(settings) {
            return Err(too_big());
        }
    }
    Ok((fields + files) as usize)
}
