//! Reads the fields of a small table.

use crate::fault::Fault;
use crate::redact;
use crate::value::Value;

/// The key of an entry as the file spells it, and its value. `None` if the table has no such entry.
pub type Field<'a> = Option<(&'a str, &'a Value)>;

/// Reads the entries of a table, in the order of the known names. Letter case does not count. Unknown and repeated
/// names are faults with this remedy.
#[must_use]
pub fn fields<'a, const N: usize>(
    entries: &'a [(String, Value)],
    known: [&str; N],
    remedy: &str,
) -> ([Field<'a>; N], Vec<Fault>) {
    let (mut found, mut faults) = ([None; N], Vec::new());
    for (key, value) in entries {
        let slot = known.iter().position(|name| key.eq_ignore_ascii_case(name)).map(|at| &mut found[at]);
        let what = match slot {
            Some(slot @ None) => {
                *slot = Some((key.as_str(), value));
                continue;
            }
            Some(_) => "a second value",
            None => "an unknown key",
        };
        faults.push(Fault::new(what, remedy).inside(&redact::key(key)));
    }
    (found, faults)
}
