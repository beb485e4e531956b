//! Cuts the text of a search into words.

/// A word of a search: a free text, or a key with its values, optionally excluded by `-`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Word {
    /// Its first byte in the text of the search.
    pub(super) start: usize,
    /// The byte after its last one.
    pub(super) end: usize,
    pub(super) excluded: bool,
    pub(super) key: Option<Part>,
    /// The values of the key, or one free text. It is not empty unless there is a fault.
    pub(super) values: Vec<Part>,
    /// Why the word cannot be read.
    pub(super) fault: Option<&'static str>,
}

/// A key, a value or a free text.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Part {
    pub(super) text: String,
    /// Whether quotation marks surround it: then each character stands for itself.
    pub(super) quoted: bool,
}

/// The words of a text, in its order.
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut reader = Reader { text, at: 0 };
    let mut words = Vec::new();
    loop {
        reader.skip_while(char::is_whitespace);
        if reader.at == text.len() {
            return words;
        }
        words.push(reader.word());
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn word(&mut self) -> Word {
        let mut word = Word { start: self.at, ..Word::default() };
        word.excluded = self.skip('-');
        if let Err(fault) = self.content(&mut word) {
            word.fault = Some(fault);
            self.skip_while(|c| !c.is_whitespace());
        }
        word.end = self.at;
        word
    }

    fn content(&mut self, word: &mut Word) -> Result<(), &'static str> {
        let first = match self.rest().chars().next() {
            Some('"') => self.quoted()?,
            Some(c) if !c.is_whitespace() => match self.bare_key() {
                Some(key) => key,
                None => self.bare(false),
            },
            _ => return Err("a word is expected after `-`, such as `-path`"),
        };
        if !self.skip(':') {
            word.values.push(first);
            return Ok(());
        }
        word.key = Some(first);
        loop {
            let value = match self.rest().chars().next() {
                Some('"') => self.quoted()?,
                Some(c) if c != ',' && !c.is_whitespace() => self.bare(true),
                _ if word.values.is_empty() => {
                    return Err("a value is expected after the colon; quotation marks make it a text to search for");
                }
                _ => return Err("a value is expected after the comma"),
            };
            word.values.push(value);
            if !self.skip(',') {
                return Ok(());
            }
        }
    }

    /// Reads a key before a colon. A colon does not end a key in `shop::Error`, `http://shop` and `12:30`.
    fn bare_key(&mut self) -> Option<Part> {
        let (key, value) = self.rest().split_once(':')?;
        let is_key = |c: char| c.is_alphanumeric() || "_.-@$/".contains(c);
        let starts = key.chars().next().is_some_and(|first| first.is_alphabetic() || "_@$".contains(first));
        if !starts || !key.chars().all(is_key) || value.starts_with(':') || value.starts_with("//") {
            return None;
        }
        let key = key.to_owned();
        self.at += key.len();
        Some(Part { text: key, quoted: false })
    }

    /// Reads to the next space, or to the next comma of a list.
    fn bare(&mut self, in_list: bool) -> Part {
        let start = self.at;
        self.skip_while(|c| !(c.is_whitespace() || in_list && c == ','));
        Part { text: self.text[start..self.at].to_owned(), quoted: false }
    }

    /// Reads a text in quotation marks, in which `\"` and `\\` stand for `"` and `\`.
    fn quoted(&mut self) -> Result<Part, &'static str> {
        let mut text = String::new();
        let mut characters = self.rest().char_indices().skip(1);
        while let Some((at, c)) = characters.next() {
            match c {
                '"' => {
                    self.at += at + 1;
                    return Ok(Part { text, quoted: true });
                }
                '\\' => match characters.next() {
                    Some((_, escaped @ ('"' | '\\'))) => text.push(escaped),
                    Some((_, other)) => text.extend(['\\', other]),
                    None => {}
                },
                c => text.push(c),
            }
        }
        self.at = self.text.len();
        Err("the quotation mark has no end")
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn skip(&mut self, c: char) -> bool {
        let skips = self.rest().starts_with(c);
        self.at += if skips { c.len_utf8() } else { 0 };
        skips
    }

    fn skip_while(&mut self, skips: impl Fn(char) -> bool) {
        self.at += self.rest().find(|c| !skips(c)).unwrap_or(self.rest().len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each word as `-key=value|value`, with quotation marks where the text has them.
    fn shown(text: &str) -> Vec<String> {
        let part = |part: &Part| if part.quoted { format!("\"{}\"", part.text) } else { part.text.clone() };
        let word = |word: Word| {
            let values: Vec<_> = word.values.iter().map(part).collect();
            let key = word.key.as_ref().map_or(String::new(), |key| format!("{}=", part(key)));
            let fault = if word.fault.is_some() { "!" } else { "" };
            format!("{}{key}{}{fault}", if word.excluded { "-" } else { "" }, values.join("|"))
        };
        words(text).into_iter().map(word).collect()
    }

    #[test]
    fn texts_are_cut_into_words() {
        for (text, expected) in [
            ("", vec![]),
            ("  oak\tchair ", vec!["oak", "chair"]),
            ("status:500,503 -role:shop", vec!["status=500|503", "-role=shop"]),
            (
                r#"op:"GET /x","GET /y" "out of stock" -"a b""#,
                vec![r#"op="GET /x"|"GET /y""#, r#""out of stock""#, r#"-"a b""#],
            ),
            (r#""the key":"a \"b\" \\ \c""#, vec![r#""the key"="a "b" \ \c""#]),
            (
                "shop::Error http://shop:80/a 12:30 -::x a:b:c",
                vec!["shop::Error", "http://shop:80/a", "12:30", "-::x", "a=b:c"],
            ),
            ("5\" a\"b\"", vec!["5\"", "a\"b\""]),
            ("--x -", vec!["--x", "-!"]),
            ("status: a:1,, b:,1 c", vec!["status=!", "a=1!", "b=!", "c"]),
            ("key:\"open", vec!["key=!"]),
            ("a \"open b", vec!["a", "!"]),
            ("\"a\"b", vec!["\"a\"", "b"]),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn words_know_their_place() {
        let text = "é -k:\"a b\"  x:";
        let places: Vec<_> = words(text).iter().map(|word| &text[word.start..word.end]).collect();
        assert_eq!(places, ["é", "-k:\"a b\"", "x:"]);
    }
}
