//! Settings in a file: TOML or JSON of one shape.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Error as _, Serialize, Serializer};

use crate::settings::draft::Draft;
use crate::settings::environment::{self, Lookup};
use crate::settings::interpolation::interpolate;
use crate::settings::node::Node;
use crate::settings::{InvalidSettings, SamplerSetting, Settings, tree};
use opencensus_settings::checked::fault;
use opencensus_settings::{Checked, Fault};

/// Largest file that is read, in bytes.
const MAX_SIZE: u64 = 1 << 20;

/// Reads a file over what the draft holds already. The faults name the file.
pub(crate) fn read(draft: &mut Draft, path: &Path, lookup: Lookup<'_>) -> Vec<Fault> {
    let read = parse(path).and_then(|node| read_tree(draft, node, lookup));
    let origin = path.display().to_string();
    read.err().into_iter().flatten().map(|fault| fault.of(&origin)).collect()
}

/// Texts that cannot be filled in keep nothing else from being read.
fn read_tree(draft: &mut Draft, node: Node, lookup: Lookup<'_>) -> Checked<()> {
    let (node, mut faults) = interpolate(node, lookup);
    let read = tree::read(draft, &node).err().unwrap_or_default();
    faults.extend(read.into_iter().filter(|fault| !fault.found().is_empty()));
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

fn parse(path: &Path) -> Checked<Node> {
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let parse = match &*extension {
        "toml" => parse_toml,
        "json" => parse_json,
        _ => return fault("a file that is neither TOML nor JSON", "name it `….toml` or `….json`"),
    };
    let text = read_text(path)?;
    parse(text.strip_prefix('\u{feff}').unwrap_or(&text))
}

fn read_text(path: &Path) -> Checked<String> {
    let remedy = "check the path, in code or in `OPENCENSUS_CONFIG`";
    let unreadable = |error: std::io::Error| vec![Fault::new(format!("no readable file ({error})"), remedy)];
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(MAX_SIZE + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_SIZE {
        return fault(format!("a file of more than {MAX_SIZE} bytes"), "settings need fewer");
    }
    String::from_utf8(bytes).or_else(|_| fault("a file that is not UTF-8", "save it as UTF-8"))
}

/// A parser's own message would show the line, with whatever secret is in it.
pub(crate) fn parse_toml(text: &str) -> Checked<Node> {
    toml::from_str(text).map_err(|error: toml::de::Error| {
        let start = error.span().map_or(0, |span| span.start).min(text.len());
        let before = &text.as_bytes()[..start];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
        syntax(line, column, error.message(), "TOML")
    })
}

pub(crate) fn parse_json(text: &str) -> Checked<Node> {
    serde_json::from_str(text).map_err(|error: serde_json::Error| {
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default();
        syntax(error.line(), error.column(), message, "JSON")
    })
}

/// The parsers' messages name what they expect, and nothing of the text.
fn syntax(line: usize, column: usize, message: &str, format: &str) -> Vec<Fault> {
    let found = format!("no {format} at line {line}, column {column} ({message})");
    vec![Fault::new(found, format!("correct the {format} there"))]
}

/// As a file has them, `${NAME}` from the process's environment included; no other variable is looked
/// at.
///
/// The faults hold no secret. The format's own message around them may: `toml`'s shows the line in
/// which the settings begin. [`Settings::from_file`] does not.
impl<'de> Deserialize<'de> for Settings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let node = Node::deserialize(deserializer)?;
        let mut draft = Draft::new(Self::default());
        let read = read_tree(&mut draft, node, &environment::of_process);
        InvalidSettings::check(read.err().unwrap_or_default()).map_err(D::Error::custom)?;
        Ok(draft.settings)
    }
}

/// What differs from the defaults, as a file has it: **the connection string with its key included**.
/// A sampler or an observer of one's own is an error.
impl Serialize for Settings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if matches!(self.sampler, SamplerSetting::Custom(_)) {
            return Err(S::Error::custom("a sampler of one's own has no form in a file"));
        }
        if !self.observers.is_empty() {
            return Err(S::Error::custom("an observer of one's own has no form in a file"));
        }
        tree::write(self).serialize(serializer)
    }
}
