//! The formats of items.

use std::str::FromStr;

use serde_json::value::RawValue;

use crate::command::tail::escape::escape_json;
use crate::command::tail::paint::Paint;
use crate::command::tail::{human, logfmt};
use crate::store::Item;

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Format {
    #[default]
    Human,
    Json,
    Logfmt,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "human" => Ok(Self::Human),
            "json" => Ok(Self::Json),
            "logfmt" => Ok(Self::Logfmt),
            other => Err(format!("`{other}` is none of the formats human, json, logfmt")),
        }
    }
}

impl Format {
    /// The lines of an item, from its JSON in the API.
    pub(super) fn format(self, json: &RawValue, item: &Item, paint: Paint) -> String {
        match self {
            Self::Human => human::format(item, paint),
            Self::Json => escape_json(json.get()).into_owned(),
            Self::Logfmt => logfmt::format(item),
        }
    }
}
