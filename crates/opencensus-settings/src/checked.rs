//! Checked values, and functions that collect the faults of several of them.

use crate::fault::Fault;

/// A valid value, or all of its faults. Their places are relative to the value.
pub type Checked<T> = Result<T, Vec<Fault>>;

/// Creates the result for a value with one fault, whose place is the value itself.
///
/// # Errors
///
/// Always.
pub fn fault<T>(found: impl Into<String>, remedy: impl Into<String>) -> Checked<T> {
    Err(vec![Fault::new(found, remedy)])
}

/// Collects all values, or the faults of all items.
///
/// # Errors
///
/// At least one item is invalid.
pub fn collect<T>(items: impl Iterator<Item = Checked<T>>) -> Checked<Vec<T>> {
    let (mut values, mut faults) = (Vec::new(), Vec::new());
    for item in items {
        match item {
            Ok(value) => values.push(value),
            Err(more) => faults.extend(more),
        }
    }
    if faults.is_empty() { Ok(values) } else { Err(faults) }
}

/// Collects the faults of all parts.
///
/// # Errors
///
/// At least one part is invalid.
pub fn all(parts: impl Iterator<Item = Checked<()>>) -> Checked<()> {
    collect(parts).map(|_| ())
}

/// Puts `key`, or an index such as `[2]`, in front of the place of every fault.
///
/// # Errors
///
/// `checked` has faults.
pub fn inside<T>(key: &str, checked: Checked<T>) -> Checked<T> {
    checked.map_err(|faults| faults.into_iter().map(|fault| fault.inside(key)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_of_all_items_are_collected() {
        let items = [Ok(1), inside("[1]", fault("`a`", "write 1")), inside("[2]", fault("`b`", "write 1"))];
        let places: Vec<_> =
            collect(items.into_iter()).unwrap_err().iter().map(|fault| fault.place().to_owned()).collect();
        assert_eq!(places, ["[1]", "[2]"]);
        assert!(all([Ok(()), Ok(())].into_iter()).is_ok());
    }
}
