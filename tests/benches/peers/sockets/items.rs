//! Counts the requests in a body that an exporter sent.

use std::io::Read as _;

use flate2::read::GzDecoder;

/// The number of requests in a compressed body: envelopes in JSON, or spans of OTLP in protobuf.
pub(crate) fn count(body: &[u8]) -> usize {
    let mut text = Vec::new();
    GzDecoder::new(body).read_to_end(&mut text).expect("a body that is compressed");
    match text.first() {
        Some(b'[' | b'{') => requests(&text),
        _ => spans(&text),
    }
}

fn requests(text: &[u8]) -> usize {
    const MARK: &[u8] = br#""baseType":"RequestData""#;
    // The first byte of the mark is frequent, its third is not.
    text.windows(MARK.len()).filter(|window| window[2] == b'a' && *window == MARK).count()
}

/// `ExportTraceServiceRequest.resource_spans`, `ResourceSpans.scope_spans`, `ScopeSpans.spans`.
fn spans(message: &[u8]) -> usize {
    fields(message, 1).flat_map(|resource| fields(resource, 2)).map(|scope| fields(scope, 2).count()).sum()
}

/// The contents of all fields of a message that have this number and a length.
fn fields(mut rest: &[u8], number: u64) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let tag = varint(&mut rest);
            let length = match tag & 7 {
                0 => {
                    varint(&mut rest);
                    0
                }
                1 => 8,
                2 => varint(&mut rest) as usize,
                _ => 4,
            };
            let (content, after) = rest.split_at(length);
            rest = after;
            if tag == (number << 3) + 2 {
                return Some(content);
            }
        }
        None
    })
}

fn varint(rest: &mut &[u8]) -> u64 {
    let (mut value, mut shift) = (0, 0);
    while let Some((&byte, after)) = rest.split_first() {
        *rest = after;
        value |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 {
            break;
        }
    }
    value
}
