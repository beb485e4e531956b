//! Names of loggers.

use std::borrow::Cow;

use crate::dialect::Dialect;

/// The name of the root in the tree; no other logger has it.
pub(crate) const ROOT: &str = "";
/// The name that the root shows.
pub(crate) const ROOT_SHOWN: &str = "root";
/// The first part of the names of Django's loggers, and of this project's loggers.
const DJANGO: &str = "django";
const OURS: &str = "opencensus";

/// The name in the tree: `::` becomes `.`, `root` the root's name, and, unless the dialect is Python's, the name of a
/// Django logger that of this project's logger.
pub(crate) fn canonical(name: &str, dialect: Dialect) -> Cow<'_, str> {
    let name: Cow<'_, str> = match name {
        ROOT_SHOWN => ROOT.into(),
        name if name.contains("::") => name.replace("::", ".").into(),
        name => name.into(),
    };
    let below_django = name.strip_prefix(DJANGO).filter(|rest| rest.is_empty() || rest.starts_with('.'));
    match below_django {
        Some(rest) if dialect == Dialect::Native => format!("{OURS}{rest}").into(),
        _ => name,
    }
}
