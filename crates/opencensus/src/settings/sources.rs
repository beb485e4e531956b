//! Reads settings from their sources: a file, and the environment over it.

use std::path::Path;

use opencensus_settings::interpolation::Lookup;
use opencensus_settings::{Fault, InvalidSettings};

use crate::settings::builder::Builder;
#[cfg(feature = "file")]
use crate::settings::file;
use crate::settings::lookup::{non_empty, of_process};
use crate::settings::model::Settings;
use crate::settings::{environment, limits_check, table};

impl Settings {
    /// Reads the file that `OPENCENSUS_CONFIG` names, if it is set, and the environment of the process over it.
    ///
    /// # Errors
    ///
    /// All faults of the file and of the environment.
    pub fn from_env() -> Result<Self, InvalidSettings> {
        Self::from_lookup(of_process).map(Self::noting_unknown_variables)
    }

    /// Like [`from_env`](Self::from_env), but looks variables up with this function.
    ///
    /// # Errors
    ///
    /// All faults of the file and of the environment. They never repeat the connection string.
    ///
    /// # Examples
    ///
    /// ```
    /// use opencensus::Settings;
    ///
    /// let lookup = |name: &str| (name == "OPENCENSUS_EDGE").then(|| "true".to_owned());
    /// assert!(Settings::from_lookup(lookup)?.trace.edge);
    /// # Ok::<(), opencensus::settings::InvalidSettings>(())
    /// ```
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, InvalidSettings> {
        let file = non_empty(&lookup, "OPENCENSUS_CONFIG");
        Self::read(file.as_ref().map(Path::new), &lookup)
    }

    /// Reads a file, and the environment of the process over it. `OPENCENSUS_CONFIG` is ignored.
    ///
    /// # Errors
    ///
    /// All faults of the file and of the environment.
    #[cfg(feature = "file")]
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, InvalidSettings> {
        Self::from_file_and_lookup(path, of_process).map(Self::noting_unknown_variables)
    }

    /// Like [`from_file`](Self::from_file), but looks variables up with this function.
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

    /// Reads the environment of the process over these settings, such as those that are a part of a program's own
    /// configuration. `OPENCENSUS_CONFIG` is ignored.
    ///
    /// # Errors
    ///
    /// All faults of the environment.
    ///
    /// # Examples
    ///
    /// ```
    /// use opencensus::Settings;
    ///
    /// # #[cfg(feature = "file")] {
    /// #[derive(serde::Deserialize)]
    /// struct Config {
    ///     telemetry: Settings,
    /// }
    ///
    /// let config: Config = toml::from_str("[telemetry.trace]\nsampler = 0.25")?;
    /// let settings = config.telemetry.with_env()?; // `OPENCENSUS_SAMPLER` goes before the file
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_env(self) -> Result<Self, InvalidSettings> {
        self.with_lookup(of_process).map(Self::noting_unknown_variables)
    }

    /// Like [`with_env`](Self::with_env), but looks variables up with this function.
    ///
    /// # Errors
    ///
    /// All faults of the environment.
    ///
    /// # Examples
    ///
    /// ```
    /// use opencensus::Settings;
    ///
    /// let lookup = |name: &str| (name == "OPENCENSUS_EDGE").then(|| "true".to_owned());
    /// let settings = Settings::default().with_service_name("shop").with_lookup(lookup)?;
    /// assert!(settings.trace.edge && settings.resource.get("service.name") == Some("shop"));
    /// # Ok::<(), opencensus::settings::InvalidSettings>(())
    /// ```
    pub fn with_lookup(self, lookup: impl Fn(&str) -> Option<String>) -> Result<Self, InvalidSettings> {
        let disabled = environment::disabled(&lookup);
        if disabled == Some(true) {
            return Ok(Self { disabled: true, ..self });
        }
        let mut builder = Builder::new(self, table::ALL);
        let faults = environment::read(&mut builder, &lookup);
        finish(builder, faults, disabled)
    }

    fn read(file: Option<&Path>, lookup: Lookup<'_>) -> Result<Self, InvalidSettings> {
        let disabled = environment::disabled(lookup);
        if disabled == Some(true) {
            // The other settings may be invalid then.
            return Ok(Self { disabled: true, ..Self::default() });
        }
        let mut builder = Builder::new(Self::default(), table::ALL);
        let mut faults = file.map(|path| read_file(&mut builder, path, lookup)).unwrap_or_default();
        faults.extend(environment::read(&mut builder, lookup));
        finish(builder, faults, disabled)
    }

    fn noting_unknown_variables(mut self) -> Self {
        self.notes.0.extend(environment::unknown(std::env::vars_os().map(|(name, _)| name)));
        self
    }

    /// Warnings about settings that were read and have no effect, such as some options of the exporter in OpenCensus for
    /// Python. [`start`](Self::start) logs them.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes.0
    }
}

/// The settings, if there is no fault.
fn finish(builder: Builder, mut faults: Vec<Fault>, disabled: Option<bool>) -> Result<Settings, InvalidSettings> {
    if faults.is_empty() {
        faults.extend(limits_check::check(&builder.settings.limits));
    }
    InvalidSettings::check(faults)?;
    let mut settings = builder.settings;
    settings.disabled = disabled.unwrap_or(settings.disabled);
    Ok(settings)
}

#[cfg(feature = "file")]
fn read_file(builder: &mut Builder, path: &Path, lookup: Lookup<'_>) -> Vec<Fault> {
    let faults = file::read(builder, path, lookup);
    builder.next_layer();
    faults
}

#[cfg(not(feature = "file"))]
fn read_file(_: &mut Builder, _: &Path, _: Lookup<'_>) -> Vec<Fault> {
    let remedy = "build with the feature `file` of `opencensus`";
    vec![Fault::new("a settings file", remedy).inside("OPENCENSUS_CONFIG")]
}
