//! Converts the settings of the store to options of the pipeline.

use std::time::Duration;

use opencensus_core::StoreOptions;

use crate::settings::StoreSettings;
use crate::start::state_folder::state_folder;

const SHORTEST_RETENTION: Duration = Duration::from_secs(1);
const LONGEST_RETENTION: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// `None`: the store is off.
pub(super) fn options(settings: &StoreSettings) -> Option<StoreOptions> {
    if !settings.enabled {
        return None;
    }
    let path = settings.path.clone().unwrap_or_else(state_folder);
    // The process may change its working folder later, as daemons do.
    let mut options = StoreOptions::new(std::path::absolute(&path).unwrap_or(path));
    options.max_bytes = settings.max_bytes;
    options.retention = settings.retention.clamp(SHORTEST_RETENTION, LONGEST_RETENTION);
    options.journal = settings.journal;
    Some(options)
}

/// The store in the line at start.
pub(super) fn description(options: Option<&StoreOptions>) -> String {
    match options {
        Some(options) => format!("store `{}`", options.path.display()),
        None => "store off".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_those_of_the_settings() {
        let mut settings = StoreSettings::default();
        assert_eq!(options(&settings), Some(StoreOptions::new(state_folder())));
        settings.path = Some("/var/lib/shop".into());
        (settings.max_bytes, settings.retention, settings.journal) = (1, Duration::MAX, false);
        let mut expected = StoreOptions::new("/var/lib/shop");
        (expected.max_bytes, expected.retention, expected.journal) = (1, LONGEST_RETENTION, false);
        assert_eq!(options(&settings), Some(expected));
        settings.path = Some("telemetry".into());
        let here = std::env::current_dir().unwrap();
        assert_eq!(options(&settings).map(|options| options.path), Some(here.join("telemetry")));
        settings.retention = Duration::ZERO;
        assert_eq!(options(&settings).map(|options| options.retention), Some(SHORTEST_RETENTION));
        settings.enabled = false;
        assert_eq!(options(&settings), None);
    }

    #[test]
    fn line_at_start_names_the_folder_or_that_the_store_is_off() {
        assert_eq!(description(Some(&StoreOptions::new("/var/lib/shop"))), "store `/var/lib/shop`");
        assert_eq!(description(None), "store off");
    }
}
