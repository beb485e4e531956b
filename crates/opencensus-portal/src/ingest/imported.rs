//! Parses items of a file.

use serde::Deserialize;

use crate::ingest::envelope::parse;
use crate::ingest::time::parse_time;
use crate::store::NewItem;

#[derive(Deserialize)]
struct Timed {
    time: String,
}

/// Parses an item of any age that is imported at `now`, in microseconds since 1970.
///
/// # Errors
///
/// The reason for the refusal, worded as by Application Insights.
pub(crate) fn parse_imported(text: &[u8], now: i64) -> Result<NewItem, String> {
    let time = serde_json::from_slice(text).ok().and_then(|Timed { time }| parse_time(&time));
    // The item arrived once at about its own time.
    let item = parse(text, time.unwrap_or(now)).map_err(|defect| defect.to_string())?;
    Ok(NewItem { received: now, ..item })
}
