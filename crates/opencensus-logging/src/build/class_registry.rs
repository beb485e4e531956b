//! All classes that configurations can name.

use std::sync::Arc;

use opencensus_settings::Checked;

use crate::build::arguments::{Arguments, BuiltInClasses};
use crate::build::class_table::ClassTable;
use crate::filters::Filter;
use crate::formatters::Formatter;
use crate::handlers::Handler;

/// All classes of handlers, filters and formatters that configurations can name.
pub(crate) struct ClassRegistry {
    pub(crate) handlers: ClassTable<Box<dyn Handler>>,
    pub(crate) filters: ClassTable<Arc<dyn Filter>>,
    pub(crate) formatters: ClassTable<Arc<dyn Formatter>>,
}

impl Default for ClassRegistry {
    fn default() -> Self {
        Self {
            handlers: ClassTable::new("handler"),
            filters: ClassTable::new("filter"),
            formatters: ClassTable::new("formatter"),
        }
    }
}

impl ClassRegistry {
    /// Whether the program has added a class.
    pub(crate) fn has_custom(&self) -> bool {
        self.handlers.has_custom() || self.filters.has_custom() || self.formatters.has_custom()
    }
}

impl BuiltInClasses for ClassRegistry {
    fn handler(&self, class: &str, arguments: &mut Arguments<'_>) -> Checked<Box<dyn Handler>> {
        self.handlers.build_built_in(class, arguments)
    }

    fn filter(&self, class: &str, arguments: &mut Arguments<'_>) -> Checked<Arc<dyn Filter>> {
        self.filters.build_built_in(class, arguments)
    }

    fn formatter(&self, class: &str, arguments: &mut Arguments<'_>) -> Checked<Arc<dyn Formatter>> {
        self.formatters.build_built_in(class, arguments)
    }
}
