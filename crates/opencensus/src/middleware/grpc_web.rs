//! Finds the trailers in the body of a gRPC-Web response ([the protocol]).
//!
//! [the protocol]: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md

/// Longest trailers that are read, in bytes.
const MAX_TRAILERS: usize = 8192;
/// Marks a frame of trailers.
const TRAILERS: u8 = 0x80;
/// Marks a compressed frame.
const COMPRESSED: u8 = 1;

/// Reads a body part by part. Each frame has a byte of flags, four bytes with its length, and its content. Trailers
/// are lines as in HTTP/1.1.
#[derive(Debug)]
pub(crate) struct WebTrailers {
    // `None`: the body is binary.
    base64: Option<Base64>,
    header: [u8; 5],
    header_length: usize,
    // Bytes of the current frame that follow.
    remaining: u32,
    is_in_trailers: bool,
    trailers: Vec<u8>,
}

/// The trailers of a gRPC-Web response.
#[derive(Debug)]
pub(crate) struct Trailers(Vec<u8>);

impl WebTrailers {
    /// `is_text`: whether the body is in base64.
    pub(crate) fn new(is_text: bool) -> Self {
        Self {
            base64: is_text.then(Base64::default),
            header: [0; 5],
            header_length: 0,
            remaining: 0,
            is_in_trailers: false,
            trailers: Vec::new(),
        }
    }

    /// Reads the next part of the body.
    pub(crate) fn read(&mut self, data: &[u8]) {
        match &mut self.base64 {
            Some(base64) => {
                let decoded = base64.decode(data);
                self.read_frames(&decoded);
            }
            None => self.read_frames(data),
        }
    }

    fn read_frames(&mut self, mut data: &[u8]) {
        while !data.is_empty() {
            if self.remaining == 0 {
                self.read_header(&mut data);
                continue;
            }
            let length = data.len().min(usize::try_from(self.remaining).unwrap_or(usize::MAX));
            let (content, rest) = data.split_at(length);
            if self.is_in_trailers {
                let room = MAX_TRAILERS.saturating_sub(self.trailers.len());
                self.trailers.extend_from_slice(&content[..room.min(length)]);
            }
            self.remaining -= u32::try_from(length).unwrap_or(self.remaining);
            data = rest;
        }
    }

    fn read_header(&mut self, data: &mut &[u8]) {
        let Some((&first, rest)) = data.split_first() else { return };
        self.header[self.header_length] = first;
        self.header_length += 1;
        *data = rest;
        if self.header_length == self.header.len() {
            let [flags, length @ ..] = self.header;
            self.is_in_trailers = flags & TRAILERS != 0 && flags & COMPRESSED == 0;
            self.remaining = u32::from_be_bytes(length);
            self.header_length = 0;
        }
    }

    /// The trailers that were read.
    pub(crate) fn into_trailers(self) -> Trailers {
        Trailers(self.trailers)
    }
}

impl Trailers {
    /// The value of the trailer with this name in lower case.
    pub(crate) fn get(&self, name: &str) -> Option<&[u8]> {
        let lines = self.0.split(|byte| *byte == b'\n');
        let mut pairs = lines.filter_map(|line| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            Some((&line[..colon], line[colon + 1..].trim_ascii()))
        });
        pairs.find(|(other, _)| other.trim_ascii().eq_ignore_ascii_case(name.as_bytes())).map(|(_, value)| value)
    }
}

/// Decodes base64 part by part. Each frame may be padded, in the middle of the body.
#[derive(Debug, Default)]
struct Base64 {
    bits: u32,
    digits: u8,
}

impl Base64 {
    fn decode(&mut self, text: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
        for byte in text {
            let Some(value) = digit(*byte) else {
                if *byte == b'=' {
                    *self = Self::default();
                }
                continue;
            };
            self.bits = self.bits << 6 | u32::from(value);
            self.digits += 1;
            // The first digit completes no byte; each other one does.
            if self.digits > 1 {
                let unused = 6 - 2 * (self.digits - 1);
                bytes.push((self.bits >> unused) as u8);
            }
            if self.digits == 4 {
                *self = Self::default();
            }
        }
        bytes
    }
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A message of three bytes, and trailers.
    const BODY: &[u8] = b"\0\0\0\0\x03abc\x80\0\0\0\x27grpc-status:13\r\ngrpc-message: no%20\r\n\r\n";
    /// The same, each frame encoded by itself.
    const TEXT: &[u8] = b"AAAAAANhYmM=gAAAACdncnBjLXN0YXR1czoxMw0KZ3JwYy1tZXNzYWdlOiBubyUyMA0KDQo=";

    fn read(body: &[u8], is_text: bool, part: usize) -> Trailers {
        let mut web = WebTrailers::new(is_text);
        body.chunks(part).for_each(|part| web.read(part));
        web.into_trailers()
    }

    #[test]
    fn trailers_are_found_however_the_body_is_divided() {
        for (body, is_text) in [(BODY, false), (TEXT, true)] {
            for part in 1..=body.len() {
                let trailers = read(body, is_text, part);
                assert_eq!(trailers.get("grpc-status"), Some(&b"13"[..]), "{is_text} {part}");
                assert_eq!(trailers.get("grpc-message"), Some(&b"no%20"[..]));
                assert_eq!(trailers.get("grpc"), None);
            }
        }
    }

    #[test]
    fn endless_trailers_are_cut_and_messages_are_not_kept() {
        let mut body = b"\0\0\x01\0\0".to_vec();
        body.extend_from_slice(&[7; 0x1_0000]);
        body.extend_from_slice(b"\x80\xFF\xFF\xFF\xFF");
        body.extend_from_slice(&[b'a'; 100_000]);
        let mut web = WebTrailers::new(false);
        web.read(&body);
        assert_eq!(web.trailers.len(), MAX_TRAILERS);
    }

    #[test]
    fn any_bytes_are_read_without_a_panic() {
        for seed in 0..500u32 {
            let bytes: Vec<_> = (0..64u32).map(|n| (seed.wrapping_mul(2_654_435_761) ^ (n * n * seed)) as u8).collect();
            read(&bytes, seed % 2 == 0, 7);
        }
    }
}
