//! Defines a row of the table of settings, and the builder to which the rows write.

use opencensus_settings::checked::fault;
use opencensus_settings::{Checked, Value};

use crate::settings::model::Settings;

/// One setting.
pub(crate) struct Row {
    /// `section.name`, or the name alone: the key in a file, and the field of [`Settings`].
    pub(crate) path: &'static str,
    /// Other names of the key, in the same section.
    pub(crate) aliases: &'static [&'static str],
    /// Environment variables. The first that is set is read.
    pub(crate) variables: &'static [&'static str],
    /// The setter of [`Settings`], if there is one besides the public field.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests compare it with the setters and the documentation"))]
    pub(crate) setter: Option<&'static str>,
    pub(crate) read: fn(&mut Builder, &Value) -> Checked<()>,
    /// `None` for the default, and for values that a file cannot hold.
    pub(crate) write: fn(&Settings) -> Option<Value>,
}

/// All rows, section by section.
pub(crate) type Table = &'static [&'static [Row]];

/// Settings while one layer, the file or the environment, is read over the layers below it.
pub(crate) struct Builder {
    pub(crate) settings: Settings,
    table: Table,
    /// The paths that this layer has set.
    set: Vec<&'static str>,
}

impl Row {
    pub(crate) fn section(&self) -> &'static str {
        self.path.split_once('.').map_or("", |(section, _)| section)
    }

    pub(crate) fn name(&self) -> &'static str {
        self.path.split_once('.').map_or(self.path, |(_, name)| name)
    }

    /// Whether a key names this setting, in any letter case.
    pub(crate) fn has_name(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        self.name() == name || self.aliases.contains(&&*name)
    }
}

impl Builder {
    pub(crate) fn new(settings: Settings, table: Table) -> Self {
        Self { settings, table, set: Vec::new() }
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &'static Row> + use<> {
        self.table.iter().copied().flatten()
    }

    /// Sets the setting with this path. Null leaves it unset; a second value in one layer is a fault.
    pub(crate) fn set(&mut self, path: &'static str, value: &Value) -> Checked<()> {
        let Some(row) = self.rows().find(|row| row.path == path) else {
            return fault("a setting of Application Insights", "build with the feature `azure` of `opencensus`");
        };
        if *value == Value::Null {
            return Ok(());
        }
        if self.set.contains(&path) {
            let remedy = format!("`{path}` is already set, under this name or another; keep one of them");
            return fault("a second value", remedy);
        }
        self.set.push(path);
        (row.read)(self, value)
    }

    /// Begins the next layer, whose values replace those that are set.
    pub(crate) fn next_layer(&mut self) {
        self.set.clear();
    }

    /// Adds a warning that `start` logs.
    pub(crate) fn note(&mut self, text: impl Into<String>) {
        self.settings.notes.0.push(text.into());
    }
}
