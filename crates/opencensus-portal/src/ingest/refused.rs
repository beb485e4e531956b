//! What the portal keeps of a refused item or body.

use serde_json::Value;

use crate::ingest::defect::Defect;
use crate::store::{ItemKind, NewRefusal};

/// The most bytes of a body that are kept.
const MAX_BODY: usize = 16 * 1024;

/// A refused item that arrived at `now`, in microseconds since 1970, with what can be read of it. `client` is the
/// `User-Agent` of the post.
pub(crate) fn refused_item(text: &[u8], defect: &Defect, client: Option<&str>, now: i64) -> NewRefusal {
    let envelope: Value = serde_json::from_slice(text).unwrap_or_default();
    let tag = |name: &str| envelope["tags"][name].as_str().map(str::to_owned);
    let kind = envelope["data"]["baseType"].as_str().and_then(ItemKind::from_base_type);
    NewRefusal {
        received: now,
        client: tag("ai.internal.sdkVersion").or_else(|| client.map(str::to_owned)),
        role: tag("ai.cloud.role"),
        kind: kind.map(|kind| kind.as_str().to_owned()),
        rule: defect.rule.to_owned(),
        field: defect.field.clone(),
        reason: defect.to_string(),
        raw: String::from_utf8_lossy(text).into_owned(),
    }
}

/// A body that was refused as a whole, with this status.
pub(crate) fn refused_body(body: &[u8], status: u16, reason: String, client: Option<&str>, now: i64) -> NewRefusal {
    NewRefusal {
        received: now,
        client: client.map(str::to_owned),
        rule: format!("status {status}"),
        reason,
        raw: String::from_utf8_lossy(&body[..body.len().min(MAX_BODY)]).into_owned(),
        ..NewRefusal::default()
    }
}
