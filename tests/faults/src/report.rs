//! The table "What survives", and what violates its targets.

use std::fmt::Write as _;

/// One row of the table.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    fault: String,
    ours: String,
    anchors: [&'static str; 2],
    violations: Vec<String>,
}

/// An anchor has no figure for this fault.
pub(crate) const NOT_MEASURED: &str = "not measured";

impl Row {
    /// A row with the figures of OpenCensus and of the Azure Monitor exporter.
    pub(crate) fn new(fault: impl Into<String>, anchors: [&'static str; 2]) -> Self {
        Self { fault: fault.into(), ours: String::new(), anchors, violations: Vec::new() }
    }

    /// Sets this library's figure.
    pub(crate) fn ours(mut self, text: impl Into<String>) -> Self {
        self.ours = text.into();
        self
    }

    /// Notes a violation unless the target is met.
    pub(crate) fn target(mut self, is_met: bool, target: impl Into<String>) -> Self {
        if !is_met {
            self.violations.push(target.into());
        }
        self
    }

    /// One line for a reader who waits.
    pub(crate) fn line(&self) -> String {
        let verdict = if self.violations.is_empty() { "ok" } else { "VIOLATED" };
        format!("{verdict}: {}: {}", self.fault, self.ours)
    }
}

/// The rows as a Markdown table.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut text = "| fault | this library | OpenCensus for Python (azure 1.1.15) | \
                    Azure Monitor exporter for Python (1.0.0b58) |\n| --- | --- | --- | --- |\n"
        .to_owned();
    for Row { fault, ours, anchors, .. } in rows {
        let _ = writeln!(text, "| {fault} | {ours} | {} | {} |", anchors[0], anchors[1]);
    }
    text
}

/// The violated targets, one a line.
pub(crate) fn violations(rows: &[Row]) -> Vec<String> {
    let lines = |row: &Row| -> Vec<_> {
        row.violations.iter().map(|target| format!("{}: {} (target: {target})", row.fault, row.ours)).collect()
    };
    rows.iter().flat_map(lines).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_that_is_not_met_is_a_violation() {
        let row = |lost: u32| Row::new("kill", ["-", "-"]).ours(format!("{lost} lost")).target(lost == 0, "0 lost");
        assert_eq!(violations(&[row(0), row(2)]), ["kill: 2 lost (target: 0 lost)"]);
    }
}
