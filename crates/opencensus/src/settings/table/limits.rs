//! Defines the rows of the section `limits`.

use opencensus_settings::read;

use crate::settings::builder::Row;
use crate::settings::table::write;

pub(super) const ROWS: &[Row] = &[
    row!(limits.max_items, [], ["OPENCENSUS_MAX_ITEMS"], None, read::count, write::count),
    row!(limits.max_bytes, [], ["OPENCENSUS_MAX_BYTES"], None, read::bytes, write::count),
    row!(limits.request_items, [], ["OPENCENSUS_REQUEST_ITEMS"], None, read::count, write::count),
    row!(limits.request_bytes, [], ["OPENCENSUS_REQUEST_BYTES"], None, read::bytes, write::count),
    row!(limits.waiting_items, [], ["OPENCENSUS_WAITING_ITEMS"], None, read::count, write::count),
    row!(limits.waiting_bytes, [], ["OPENCENSUS_WAITING_BYTES"], None, read::bytes, write::count),
    row!(limits.batch_items, [], ["OPENCENSUS_BATCH_ITEMS"], None, read::count, write::count),
    row!(limits.batch_bytes, [], ["OPENCENSUS_BATCH_BYTES"], None, read::bytes, write::count),
    row!(limits.batch_age, [], ["OPENCENSUS_BATCH_AGE"], None, read::duration, write::duration),
    row!(limits.first_delay, [], ["OPENCENSUS_FIRST_DELAY"], None, read::duration, write::duration),
    row!(limits.retry_base, [], ["OPENCENSUS_RETRY_BASE"], None, read::duration, write::duration),
    row!(limits.retry_max, [], ["OPENCENSUS_RETRY_MAX"], None, read::duration, write::duration),
    row!(limits.retry_after_max, [], ["OPENCENSUS_RETRY_AFTER_MAX"], None, read::duration, write::duration),
    row!(limits.max_age, [], ["OPENCENSUS_MAX_AGE"], None, read::duration, write::duration),
    row!(limits.grace, [], ["OPENCENSUS_GRACE"], None, read::duration, write::duration),
];
