//! Finds the token in a form with files, without reading the files.

use axum::Error;
use axum::body::{Body, Bytes};
use futures_util::StreamExt as _;
use futures_util::stream;

use crate::token::FIELD;

/// The token has to end within the first bytes of the form.
const MAX_START: usize = 4096;

/// Reads the start of a body, and returns the value of its first part if that is the token, and the whole body.
///
/// # Errors
///
/// The connection failed.
pub(crate) async fn peek(body: Body) -> Result<(Option<Vec<u8>>, Body), Error> {
    let (mut start, mut rest) = (Vec::new(), body.into_data_stream());
    let mut token = None;
    while start.len() < MAX_START {
        let Some(bytes) = rest.next().await else { break };
        start.extend_from_slice(&bytes?);
        token = first_part(&start);
        if token.is_some() {
            break;
        }
    }
    let whole = stream::once(async { Ok::<_, Error>(Bytes::from(start)) }).chain(rest);
    Ok((token, Body::from_stream(whole)))
}

/// The value of the first part, once it is complete and named as the token.
fn first_part(start: &[u8]) -> Option<Vec<u8>> {
    let start = &start[..start.len().min(MAX_START)];
    let text = String::from_utf8_lossy(start);
    let (head, rest) = text.split_once("\r\n\r\n")?;
    let (boundary, headers) = head.split_once("\r\n")?;
    let is_token = headers.to_ascii_lowercase().contains(&format!("form-data; name=\"{FIELD}\""));
    let (value, _) = rest.split_once(&format!("\r\n{boundary}"))?;
    is_token.then(|| value.as_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    const FORM: &str = "--b\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\nsecret\r\n--b\r\n\
        Content-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nx\r\n--b--\r\n";

    fn in_chunks(form: &str, size: usize) -> Body {
        let chunks: Vec<_> = form.as_bytes().chunks(size).map(|chunk| Ok::<_, Error>(chunk.to_vec())).collect();
        Body::from_stream(stream::iter(chunks))
    }

    #[tokio::test]
    async fn token_of_the_first_part_is_found_and_the_body_is_kept() {
        for size in [1, 7, 10_000] {
            let (token, body) = peek(in_chunks(FORM, size)).await.unwrap();
            assert_eq!(token.as_deref(), Some(&b"secret"[..]), "{size}");
            assert_eq!(to_bytes(body, 10_000).await.unwrap(), FORM, "{size}");
        }
    }

    #[tokio::test]
    async fn token_elsewhere_or_far_behind_is_not_found() {
        let far = FORM.replace("secret", &"s".repeat(MAX_START));
        for form in [FORM.replace("\"token\"", "\"other\""), far, "--b\r\n\r\n".into(), String::new()] {
            let (token, body) = peek(in_chunks(&form, 100)).await.unwrap();
            assert_eq!(token, None, "{form}");
            assert_eq!(to_bytes(body, 10_000).await.unwrap(), form);
        }
    }
}
