//! Names of loggers.

use std::borrow::Cow;

use crate::dialect::Dialect;

/// The name of the root in the tree; no other logger has it.
pub(crate) const ROOT: &str = "";
/// The name of the root in records and configurations.
pub(crate) const ROOT_DISPLAY: &str = "root";
/// The first part of the names of Django's loggers, and of their equivalents in this project.
const DJANGO: &str = "django";
const OPENCENSUS: &str = "opencensus";

/// A logger's name in the tree: `::` becomes `.`, and `root` becomes [`ROOT`]. Unless the dialect is Python's, `django`
/// and the names below it become `opencensus` and the names below that.
pub(crate) fn canonical(name: &str, dialect: Dialect) -> Cow<'_, str> {
    let name: Cow<'_, str> = match name {
        ROOT_DISPLAY => ROOT.into(),
        name if name.contains("::") => name.replace("::", ".").into(),
        name => name.into(),
    };
    let below_django = name.strip_prefix(DJANGO).filter(|rest| rest.is_empty() || rest.starts_with('.'));
    match below_django {
        Some(rest) if dialect == Dialect::Native => format!("{OPENCENSUS}{rest}").into(),
        _ => name,
    }
}
