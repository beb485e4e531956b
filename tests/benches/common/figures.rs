//! A file of counted figures that is committed beside its benchmark.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::{fmt, fs, io};

use serde_json::{Map, Value, json};

/// What a case costs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figure {
    pub(crate) instructions: f64,
    pub(crate) allocations: f64,
}

impl Figure {
    /// The cost above another case.
    pub(crate) fn above(self, other: Self) -> Self {
        Self { instructions: self.instructions - other.instructions, allocations: self.allocations - other.allocations }
    }

    fn parse(value: &Value) -> Option<Self> {
        Some(Self { instructions: value["instructions"].as_f64()?, allocations: value["allocations"].as_f64()? })
    }
}

/// What the counts depend on beside the code. Valgrind runs the variants of memcpy and of searches that the processor's
/// vector instructions allow, so these count too.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Tools {
    rustc: String,
    libc: String,
    processor: String,
}

impl Tools {
    pub(crate) fn present() -> Self {
        Self {
            rustc: first_line("rustc", &["--version"]),
            libc: first_line("getconf", &["GNU_LIBC_VERSION"]),
            processor: format!("{}{}", std::env::consts::ARCH, if has_avx2() { " with AVX2" } else { "" }),
        }
    }
}

impl fmt::Display for Tools {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}, {}", self.rustc, self.libc, self.processor)
    }
}

fn first_line(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().ok().filter(|output| output.status.success());
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    text.lines().next().map_or_else(|| format!("unknown ({program})"), str::to_owned)
}

fn has_avx2() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("avx2");
    #[cfg(not(target_arch = "x86_64"))]
    false
}

/// The figures of all cases, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures {
    pub(crate) tools: Tools,
    pub(crate) cases: BTreeMap<String, Figure>,
}

impl Figures {
    /// Reads a file that [`write`](Self::write) wrote.
    pub(crate) fn read(path: &Path) -> io::Result<Self> {
        let value: Value = serde_json::from_str(&fs::read_to_string(path)?)?;
        let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        let tools = Tools { rustc: text("rustc"), libc: text("libc"), processor: text("processor") };
        let cases = value["cases"].as_object().into_iter().flatten();
        let cases = cases.filter_map(|(name, value)| Some((name.clone(), Figure::parse(value)?))).collect();
        Ok(Self { tools, cases })
    }

    /// Writes one line a case, so that a change of one case is a change of one line.
    pub(crate) fn write(&self, path: &Path) -> io::Result<()> {
        let quoted = |text: &str| Value::from(text).to_string();
        let lines = self.cases.iter().map(|(name, figure)| format!("    {}: {}", quoted(name), line(*figure)));
        let lines: Vec<_> = lines.collect();
        let Tools { rustc, libc, processor } = &self.tools;
        let head = [("rustc", rustc), ("libc", libc), ("processor", processor)];
        let head: String = head.iter().map(|(key, text)| format!("  \"{key}\": {},\n", quoted(text))).collect();
        fs::write(path, format!("{{\n{head}  \"cases\": {{\n{}\n  }}\n}}\n", lines.join(",\n")))
    }
}

fn line(figure: Figure) -> Value {
    // Two digits of an allocation: a table that grows now and then is a fraction of a request.
    let allocations = (figure.allocations * 100.0).round() / 100.0 + 0.0;
    Value::Object(Map::from_iter([
        ("instructions".to_owned(), json!(figure.instructions.round() as i64)),
        ("allocations".to_owned(), json!(allocations)),
    ]))
}
