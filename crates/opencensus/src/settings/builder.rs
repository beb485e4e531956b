//! Settings in the making.

use crate::settings::Settings;
use crate::settings::keys;
use opencensus_settings::Checked;
use opencensus_settings::Value;
use opencensus_settings::checked::fault;

/// Settings in the making, and what a layer (the file, the environment) has given so far.
pub(crate) struct Builder {
    pub(crate) settings: Settings,
    // What this layer has set already.
    given: Vec<&'static str>,
}

impl Builder {
    pub(crate) fn new(settings: Settings) -> Self {
        Self { settings, given: Vec::new() }
    }

    /// Sets a setting by its path, once a layer. Null is no value.
    pub(crate) fn set(&mut self, path: &'static str, value: &Value) -> Checked<()> {
        let Some(key) = keys::ALL.iter().find(|key| key.path == path) else {
            return fault("a setting of Application Insights", "build with the feature `azure` of `opencensus`");
        };
        if *value == Value::Null {
            return Ok(());
        }
        if self.given.contains(&path) {
            let remedy = format!("`{path}` is given already, by this name or another; keep one of them");
            return fault("a second value", remedy);
        }
        self.given.push(path);
        (key.read)(self, value)
    }

    /// Tells the user of something that was read and means nothing here.
    pub(crate) fn note(&mut self, text: impl Into<String>) {
        self.settings.notes.0.push(text.into());
    }
}
