//! Where settings are read from: the environment over a file.

use std::path::Path;

use crate::settings::builder::Builder;
#[cfg(feature = "file")]
use crate::settings::file;
use crate::settings::{Fault, InvalidSettings, Settings, environment};

impl Settings {
    /// Reads the file that `OPENCENSUS_CONFIG` names, if it is set, and the process's environment over
    /// it.
    ///
    /// # Errors
    ///
    /// All faults of the file and of the environment.
    pub fn from_env() -> Result<Self, InvalidSettings> {
        Self::from_lookup(environment::of_process).map(Self::noting_unknown_variables)
    }

    /// [`from_env`](Self::from_env) with an environment of one's own.
    ///
    /// # Errors
    ///
    /// All faults of the file and of the environment. No message repeats the connection string.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, InvalidSettings> {
        let file = environment::non_empty(&lookup, "OPENCENSUS_CONFIG");
        Self::read(file.as_ref().map(Path::new), &lookup)
    }

    /// Reads a file, and the process's environment over it; `OPENCENSUS_CONFIG` is not looked at.
    ///
    /// # Errors
    ///
    /// All faults of the file and of the environment.
    #[cfg(feature = "file")]
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, InvalidSettings> {
        Self::from_file_and_lookup(path, environment::of_process).map(Self::noting_unknown_variables)
    }

    /// [`from_file`](Self::from_file) with an environment of one's own.
    ///
    /// # Errors
    ///
    /// All faults of the file and of the environment.
    #[cfg(feature = "file")]
    pub fn from_file_and_lookup(
        path: impl AsRef<Path>,
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, InvalidSettings> {
        Self::read(Some(path.as_ref()), &lookup)
    }

    fn read(file: Option<&Path>, lookup: environment::Lookup<'_>) -> Result<Self, InvalidSettings> {
        let disabled = environment::disabled(lookup);
        if disabled == Some(true) {
            // What else is set need not make sense then.
            return Ok(Self { disabled: true, ..Self::default() });
        }
        let mut builder = Builder::new(Self::default());
        let mut faults = file.map(|path| read_file(&mut builder, path, lookup)).unwrap_or_default();
        faults.extend(environment::read(&mut builder, lookup));
        InvalidSettings::check(faults)?;
        let mut settings = builder.settings;
        settings.disabled = disabled.unwrap_or(settings.disabled);
        Ok(settings)
    }

    fn noting_unknown_variables(mut self) -> Self {
        self.notes.0.extend(environment::unknown(std::env::vars_os().map(|(name, _)| name)));
        self
    }

    /// What was read and means nothing here, such as an option of the predecessor's exporter.
    /// `start` logs it.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes.0
    }
}

#[cfg(feature = "file")]
fn read_file(builder: &mut Builder, path: &Path, lookup: environment::Lookup<'_>) -> Vec<Fault> {
    let faults = file::read(builder, path, lookup);
    *builder = Builder::new(std::mem::take(&mut builder.settings));
    faults
}

#[cfg(not(feature = "file"))]
fn read_file(_: &mut Builder, _: &Path, _: environment::Lookup<'_>) -> Vec<Fault> {
    let remedy = "build with the feature `file` of `opencensus`";
    vec![Fault::new("a settings file", remedy).inside("OPENCENSUS_CONFIG")]
}
