//! Headers of Azure's availability tests, by which Microsoft's SDKs for .NET and Java recognize them.

use crate::attribute::Attribute;
use crate::request::{Header, RequestHead};

/// The headers, and the attributes that hold them. The SDK for Java gives its properties the same names.
const HEADERS: [(Header, &str); 4] = [
    (Header::SyntheticTestRunId, "SyntheticTest-RunId"),
    (Header::SyntheticTestId, "SyntheticTest-Id"),
    (Header::SyntheticTestLocation, "SyntheticTest-Location"),
    (Header::SyntheticTestOperationName, "SyntheticTest-OperationName"),
];

/// The most bytes of a value that are recorded.
const MAX_BYTES: usize = 256;

/// The attributes of a request that an availability test sends. Empty if there is no run id.
#[cold]
pub(crate) fn synthetic_test<H: RequestHead>(head: &H) -> Vec<Attribute> {
    let attributes = HEADERS.iter().filter_map(|(header, key)| Some(Attribute::new(*key, text(head, *header)?)));
    if text(head, Header::SyntheticTestRunId).is_some() { attributes.collect() } else { Vec::new() }
}

/// The first line of a header, unless it is empty. Bytes that are not UTF-8 are replaced.
fn text<H: RequestHead>(head: &H, header: Header) -> Option<String> {
    let line = head.header(header).next()?.trim_ascii();
    let text = String::from_utf8_lossy(&line[..line.len().min(MAX_BYTES)]).into_owned();
    Some(text).filter(|text| !text.is_empty())
}
