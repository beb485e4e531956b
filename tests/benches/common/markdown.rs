//! Tables in Markdown.

use std::fmt;

/// A table in Markdown, with a heading and a paragraph that explains what was measured and how.
pub(crate) struct Table {
    heading: String,
    method: String,
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(heading: &str, method: &str, columns: &[&str]) -> Self {
        let columns = columns.iter().map(|&column| column.to_owned()).collect();
        Self { heading: heading.to_owned(), method: method.to_owned(), columns, rows: Vec::new() }
    }

    /// Adds a row: one cell a column.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let cells: Vec<_> = cells.into_iter().collect();
        assert_eq!(cells.len(), self.columns.len(), "one cell a column");
        self.rows.push(cells);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n### {}\n\n{}\n", self.heading, self.method)?;
        writeln!(f, "| {} |", self.columns.join(" | "))?;
        writeln!(f, "|{}", " --- |".repeat(self.columns.len()))?;
        self.rows.iter().try_for_each(|row| writeln!(f, "| {} |", row.join(" | ")))
    }
}

/// A count with a number of digits that a reader compares easily; `-` if it was not measured.
pub(crate) fn number(count: Option<f64>) -> String {
    match count {
        None => "-".to_owned(),
        Some(count) if count.abs() >= 100.0 => format!("{count:.0}"),
        Some(count) if count.abs() >= 10.0 || count.fract() == 0.0 => format!("{count:.1}").replace(".0", ""),
        Some(count) => format!("{count:.2}"),
    }
}
