//! Reads settings from a file, and implements serde for settings in a larger configuration.

use std::path::Path;

use opencensus_settings::checked::Checked;
use opencensus_settings::interpolation::{Interpolation, Lookup};
use opencensus_settings::{Fault, InvalidSettings, Value, file};
use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Error as _, Serialize, Serializer};

use crate::settings::builder::Builder;
use crate::settings::lookup::of_process;
use crate::settings::model::Settings;
use crate::settings::sampling::SamplerSetting;
use crate::settings::{limits_check, project, table, tree};

/// Reads a file over the settings of the builder. The faults name the file.
pub(crate) fn read(builder: &mut Builder, path: &Path, lookup: Lookup<'_>) -> Vec<Fault> {
    let unreadable = |error: file::FileError| vec![error.fault("check the path, in code or in `OPENCENSUS_CONFIG`")];
    let read = file::read(path).map_err(unreadable).and_then(|value| read_tree(builder, value, lookup));
    let origin = path.display().to_string();
    read.err().into_iter().flatten().map(|fault| fault.of(&origin)).collect()
}

/// Reads the other settings of a tree even if some texts cannot be resolved.
fn read_tree(builder: &mut Builder, value: Value, lookup: Lookup<'_>) -> Checked<()> {
    let value = project::without_project(value, &builder.rows().collect::<Vec<_>>());
    let (value, mut faults) = Interpolation::new(lookup).with_calls().apply(value);
    let read = tree::read(builder, &value).err().unwrap_or_default();
    faults.extend(read.into_iter().filter(|fault| !fault.found().is_empty()));
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// Reads settings in the form of a settings file. References such as `${NAME}` are replaced from the process's
/// environment; no other variable is read, unless [`Settings::with_env`] follows.
///
/// The faults hold no secret. The error of the format around them may: the text of `toml`'s error contains the line in
/// which the settings begin, and its `Debug`, which a `main` that returns the error prints, contains the whole text.
/// [`Settings::from_file`] shows neither.
impl<'de> Deserialize<'de> for Settings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let mut builder = Builder::new(Self::default(), table::ALL);
        let read = read_tree(&mut builder, value, &of_process);
        let mut faults = read.err().unwrap_or_default();
        if faults.is_empty() {
            faults.extend(limits_check::check(&builder.settings.limits));
        }
        InvalidSettings::check(faults).map_err(D::Error::custom)?;
        Ok(builder.settings)
    }
}

/// Writes the settings that differ from the defaults, **including the connection string with its key**. It fails if a
/// custom sampler or a custom observer is set.
impl Serialize for Settings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if matches!(self.trace.sampler, SamplerSetting::Custom(_)) {
            return Err(S::Error::custom("a file cannot hold a custom sampler"));
        }
        if !self.trace.observers.is_empty() {
            return Err(S::Error::custom("a file cannot hold a custom observer"));
        }
        tree::write(self).serialize(serializer)
    }
}
