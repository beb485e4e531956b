//! Defines the rows of the section `azure`.

use opencensus_azure::Compression;
use opencensus_settings::read;

use crate::settings::builder::Row;
use crate::settings::readers::azure;
use crate::settings::table::write;

const COMPRESSIONS: &[(&str, Compression)] = &[("fast", Compression::Fast), ("best", Compression::Best)];

pub(super) const ROWS: &[Row] = &[
    row!(
        optional azure.connection_string,
        [],
        ["APPLICATIONINSIGHTS_CONNECTION_STRING"],
        Some("with_connection_string"),
        azure::connection_string,
        write::connection_string
    ),
    row!(optional azure.timeout, [], ["OPENCENSUS_AZURE_TIMEOUT"], None, azure::timeout, write::duration),
    row!(words azure.compression, [], ["OPENCENSUS_AZURE_COMPRESSION"], None, COMPRESSIONS),
    row!(optional azure.proxy, [], ["OPENCENSUS_AZURE_PROXY"], None, azure::proxy, write::proxy),
    row!(
        optional azure.extra_roots,
        [],
        ["OPENCENSUS_AZURE_EXTRA_ROOTS"],
        None,
        |value| read::path(value, "write the path of a PEM file"),
        |file: &std::path::PathBuf| write::path(file)
    ),
    row!(azure.plain_http, [], ["OPENCENSUS_AZURE_PLAIN_HTTP"], None, read::boolean, write::boolean),
    row!(azure.max_item_bytes, [], ["OPENCENSUS_AZURE_MAX_ITEM_BYTES"], None, read::bytes, write::count),
    row!(azure.resource_properties, [], ["OPENCENSUS_AZURE_RESOURCE_PROPERTIES"], None, read::boolean, write::boolean),
];
