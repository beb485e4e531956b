//! Date formats whose result depends on the locale, as in C's.

use std::borrow::Cow;

/// The format with C's forms in place of the conversions that depend on the locale: Python's `strftime` writes dates in
/// the locale of the process, which is C's unless the program sets another one.
pub(crate) fn in_c_locale(format: &str) -> Cow<'_, str> {
    if !format.contains('%') {
        return Cow::Borrowed(format);
    }
    let mut out = String::with_capacity(format.len() + 16);
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut conversion = chars.next();
        let mut before = None;
        // Modifiers for the eras and digits of a locale; C's has none.
        if let Some(modifier @ ('E' | 'O')) = conversion {
            (before, conversion) = (Some(modifier), chars.next());
        }
        match conversion {
            Some('c') => out.push_str("%a %b %e %H:%M:%S %Y"),
            Some('x') => out.push_str("%m/%d/%y"),
            Some('X') => out.push_str("%H:%M:%S"),
            Some('r') => out.push_str("%I:%M:%S %p"),
            Some(other) => out.extend(['%', other]),
            None => {
                out.push('%');
                out.extend(before);
            }
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversions_of_the_locale_have_the_forms_of_c() {
        for (format, expected) in [
            ("%c", "%a %b %e %H:%M:%S %Y"),
            ("[%x %X]", "[%m/%d/%y %H:%M:%S]"),
            ("%Ec|%Od|%r", "%a %b %e %H:%M:%S %Y|%d|%I:%M:%S %p"),
            ("%%c %Y", "%%c %Y"),
            ("plain", "plain"),
            ("100%", "100%"),
        ] {
            assert_eq!(in_c_locale(format), expected);
        }
    }
}
