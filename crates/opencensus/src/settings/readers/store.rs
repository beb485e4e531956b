//! Reads the section `store`.

use opencensus_settings::checked::fault;
use opencensus_settings::{Checked, Value, read};

/// Less holds hardly any batch.
const LEAST: u64 = 1024 * 1024;

/// The bound of the store's folder.
pub(crate) fn store_bytes(value: &Value) -> Checked<u64> {
    let bytes = u64::try_from(read::bytes(value)?).unwrap_or(u64::MAX);
    if bytes < LEAST { fault(value.redacted(), "write at least `1 MiB`") } else { Ok(bytes) }
}
