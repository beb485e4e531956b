//! Lists all rows, and defines those of the smaller sections.

use opencensus_core::QueryRedaction;
use opencensus_settings::read;

use crate::settings::builder::{Row, Table};
use crate::settings::readers;
#[cfg(feature = "azure")]
use crate::settings::table::azure;
use crate::settings::table::{limits, trace, write};

const REDACTIONS: &[(&str, QueryRedaction)] =
    &[("secrets", QueryRedaction::Secrets), ("all", QueryRedaction::All), ("none", QueryRedaction::None)];

/// All rows, in the order of the documentation.
pub(crate) const ALL: Table = &[
    OUTSIDE_SECTIONS,
    trace::ROWS,
    #[cfg(feature = "azure")]
    azure::ROWS,
    RESOURCE,
    PRIVACY,
    SECURITY,
    #[cfg(feature = "logging")]
    LOGGING,
    limits::ROWS,
    STATS,
    STORE,
];

const OUTSIDE_SECTIONS: &[Row] = &[
    row!(disabled, [], ["OPENCENSUS_DISABLED", "OTEL_SDK_DISABLED"], None, read::boolean, write::boolean),
    row!(optional debug, [], ["OPENCENSUS_DEBUG"], None, read::boolean, write::boolean),
];

const RESOURCE: &[Row] = &[Row {
    path: "resource",
    aliases: &[],
    // The environment's attributes are merged with the file's, so `opentelemetry_variables` reads them.
    variables: &[],
    setter: Some("with_service_name"),
    read: readers::resource,
    write: write::resource,
}];

const PRIVACY: &[Row] = &[
    row!(words privacy.query_redaction, [], ["OPENCENSUS_QUERY_REDACTION"], None, REDACTIONS),
    row!(privacy.secret_names, [], ["OPENCENSUS_SECRET_NAMES"], None, readers::secret_names, write::secret_names),
    row!(privacy.mask_client_address, [], ["OPENCENSUS_MASK_CLIENT_ADDRESS"], None, read::boolean, write::boolean),
];

const SECURITY: &[Row] = &[
    row!(security.allowed_hosts, [], ["OPENCENSUS_ALLOWED_HOSTS"], None, readers::allowed_hosts, write::texts),
    row!(security.use_x_forwarded_host, [], ["OPENCENSUS_USE_X_FORWARDED_HOST"], None, read::boolean, write::boolean),
];

#[cfg(feature = "logging")]
const LOGGING: &[Row] = &[row!(
    optional logging.config,
    [],
    ["OPENCENSUS_LOGGING_CONFIG"],
    None,
    |value| read::path(value, "write the path of a file of logging settings"),
    |file: &std::path::PathBuf| write::path(file)
)];

const STATS: &[Row] =
    &[row!(optional stats.interval, [], ["OPENCENSUS_STATS_INTERVAL"], None, read::duration, write::duration)];

const STORE: &[Row] = &[
    row!(store.enabled, [], ["OPENCENSUS_STORE"], Some("with_store"), read::boolean, write::boolean),
    row!(
        optional store.path,
        [],
        ["OPENCENSUS_STORE_PATH"],
        None,
        |value| read::path(value, "write the path of a folder"),
        |folder: &std::path::PathBuf| write::path(folder)
    ),
    row!(store.max_bytes, [], ["OPENCENSUS_STORE_MAX_BYTES"], None, readers::store_bytes, write::size),
    row!(store.retention, [], ["OPENCENSUS_STORE_RETENTION"], None, read::duration, write::duration),
    row!(store.journal, [], ["OPENCENSUS_STORE_JOURNAL"], None, read::boolean, write::boolean),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn rows() -> impl Iterator<Item = &'static Row> {
        ALL.iter().copied().flatten()
    }

    #[test]
    fn names_and_variables_are_unique() {
        let mut names = Vec::new();
        for row in rows() {
            let of_section = |name: &str| format!("{}.{name}", row.section());
            names.extend(row.aliases.iter().copied().chain([row.name()]).map(of_section));
            names.extend(row.variables.iter().map(|name| (*name).to_owned()));
        }
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    }

    #[test]
    fn every_setter_belongs_to_a_row() {
        let source = include_str!("../setters.rs");
        let names = source.split("pub fn ").skip(1).map(|rest| rest.split(['<', '(']).next().unwrap());
        // A file cannot hold them.
        let in_code_only = ["with_logging", "with_processor"];
        let setters: BTreeSet<_> = names.filter(|name| !in_code_only.contains(name)).collect();
        let of_rows: BTreeSet<_> = rows().filter_map(|row| row.setter).collect();
        let optional = ["with_connection_string"].into_iter().filter(|_| !cfg!(feature = "azure"));
        assert_eq!(setters, of_rows.into_iter().chain(optional).collect());
    }
}
