//! Defines the macro for rows that read and write one field of the settings. The path of such a row is the path of its
//! field.

/// `section.name`, or the name alone.
macro_rules! path {
    ($name:ident) => {
        stringify!($name)
    };
    ($section:ident . $name:ident) => {
        concat!(stringify!($section), ".", stringify!($name))
    };
}

/// `row!(field, aliases, variables, setter, reader, writer)`; `optional` if the field is an `Option`, `words` if its
/// values are those of a list.
macro_rules! row {
    (optional $($field:ident).+, $aliases:expr, $variables:expr, $setter:expr, $read:expr, $write:expr) => {
        row!(
            $($field).+, $aliases, $variables, $setter,
            |value| ($read)(value).map(Some),
            |value: &Option<_>| value.as_ref().and_then($write)
        )
    };
    (words $($field:ident).+, $aliases:expr, $variables:expr, $setter:expr, $words:expr) => {
        row!(
            $($field).+, $aliases, $variables, $setter,
            |value| opencensus_settings::read::choice(value, $words),
            |value| $crate::settings::table::write::word(value, $words)
        )
    };
    ($($field:ident).+, $aliases:expr, $variables:expr, $setter:expr, $read:expr, $write:expr) => {
        $crate::settings::builder::Row {
            path: path!($($field).+),
            aliases: &$aliases,
            variables: &$variables,
            setter: $setter,
            read: |builder, value| {
                builder.settings.$($field).+ = ($read)(value)?;
                Ok(())
            },
            write: |settings| {
                let value = &settings.$($field).+;
                if *value == $crate::settings::model::Settings::default().$($field).+ { None } else { ($write)(value) }
            },
        }
    };
}
