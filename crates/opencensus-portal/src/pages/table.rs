//! Tables in regions that scroll sideways on narrow screens, with the keyboard too.

use maud::{Markup, html};

/// The title of a column.
pub(super) enum Column {
    Text(&'static str),
    /// Cells at the right edge.
    Number(&'static str),
}

use Column::{Number, Text};

/// A table in a region. `label`: what the region contains, for screen readers; `rows`: elements `tr`.
pub(super) fn table(label: &str, columns: impl IntoIterator<Item = Column>, rows: &Markup) -> Markup {
    let table = html! {
        table data-list {
            thead { tr { @for column in columns { (head(&column)) } } }
            tbody { (rows) }
        }
    };
    region(label, &table)
}

/// A region that scrolls sideways.
pub(super) fn region(label: &str, content: &Markup) -> Markup {
    html! { div.scroll tabindex="0" role="region" aria-label=(label) { (content) } }
}

fn head(column: &Column) -> Markup {
    match column {
        Text(title) => html! { th scope="col" { (title) } },
        Number(title) => html! { th.number scope="col" { (title) } },
    }
}
