//! Writes JSON text: sorted keys, one value in a line, and a newline at the end.
//!
//! This does not use serde_json's writer, because the order of its maps depends on a feature that any crate in the
//! build may enable.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fmt::{self, Write as _},
    io,
};

use serde::{Serialize, Serializer, ser::SerializeMap as _};
use serde_json::Value;

/// The text that `write` writes, and a newline.
pub(super) fn text(write: impl FnOnce(&mut String)) -> String {
    with_room(|out| {
        write(out);
        out.push('\n');
    })
}

/// The text that `write` writes, in a `String` of exactly its size. It grows in a buffer that each thread keeps,
/// because threads wait for each other in the allocator.
fn with_room(write: impl FnOnce(&mut String)) -> String {
    thread_local! {
        static ROOM: RefCell<String> = const { RefCell::new(String::new()) };
    }
    let mut room = ROOM.take();
    write(&mut room);
    let text = room.as_str().to_owned();
    room.clear();
    ROOM.set(room);
    text
}

/// An object or a list that is being written. The caller adds the entries in sorted order, and ends it.
#[must_use]
pub(super) struct Nest<'o> {
    out: &'o mut String,
    /// The indentation of its entries. `None` for text on one line.
    inside: Option<usize>,
    close: &'static str,
    empty: bool,
}

impl<'o> Nest<'o> {
    /// Begins an object. `depth` is the indentation of its first line, or `None` for text on one line.
    pub(super) fn object(depth: Option<usize>, out: &'o mut String) -> Self {
        out.push('{');
        Nest { out, inside: depth.map(|it| it + 1), close: "}", empty: true }
    }

    /// Begins a list. `depth` is as for an object.
    pub(super) fn list(depth: Option<usize>, out: &'o mut String) -> Self {
        out.push('[');
        Nest { out, inside: depth.map(|it| it + 1), close: "]", empty: true }
    }

    /// The depth of its entries.
    pub(super) fn inside(&self) -> Option<usize> {
        self.inside
    }

    /// Begins the next item, and returns the writer for it.
    pub(super) fn item(&mut self) -> &mut String {
        if !self.empty {
            self.out.push(',');
        }
        self.empty = false;
        new_line(self.inside, self.out);
        self.out
    }

    /// Begins the next field, and returns the writer for its value.
    pub(super) fn field(&mut self, name: &str) -> &mut String {
        string(&[name], self.item());
        self.colon()
    }

    /// Returns the writer for the value of a field whose name was written as an item.
    pub(super) fn colon(&mut self) -> &mut String {
        self.out.push_str(if self.inside.is_some() { ": " } else { ":" });
        self.out
    }

    /// Ends it.
    pub(super) fn end(self) {
        if !self.empty {
            new_line(self.inside.map(|it| it - 1), self.out);
        }
        self.out.push_str(self.close);
    }
}

fn new_line(depth: Option<usize>, out: &mut String) {
    const SPACES: &str = "                                ";
    if let Some(depth) = depth {
        out.push('\n');
        let mut spaces = 2 * depth;
        while spaces > 0 {
            let some = spaces.min(SPACES.len());
            out.push_str(&SPACES[..some]);
            spaces -= some;
        }
    }
}

/// Writes text in pieces as a JSON string. Most text needs no escapes.
pub(super) fn string(pieces: &[&str], out: &mut String) {
    if pieces.iter().all(|it| is_itself(it.as_bytes())) {
        out.push('"');
        out.extend(pieces.iter().copied());
        out.push('"');
    } else {
        out.push_str(&one_line(&pieces.concat()));
    }
}

/// Whether a text needs no escapes in JSON: it has no control character, quote or backslash. It checks eight bytes at a
/// time, because it is called for every text of every file.
fn is_itself(text: &[u8]) -> bool {
    let (words, rest) = text.as_chunks::<8>();
    let mut last = [b' '; 8];
    last[..rest.len()].copy_from_slice(rest);
    words.iter().chain([&last]).all(|it| {
        const ONES: u64 = u64::from_ne_bytes([1; 8]);
        const HIGHS: u64 = u64::from_ne_bytes([0x80; 8]);
        let word = u64::from_ne_bytes(*it);
        // The subtraction sets the highest bit of each byte below the bound, if it was not set before. The borrow may
        // set it in the next byte, too, but then the answer is already known.
        let below = |word: u64, bound: u8| word.wrapping_sub(ONES * u64::from(bound)) & !word;
        let is = |byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
        (below(word, b' ') | is(b'"') | is(b'\\')) & HIGHS == 0
    })
}

/// A value as serde_json writes it on one line.
fn one_line(text: &str) -> String {
    serde_json::to_string(text).expect("text can be written")
}

pub(super) fn push(out: &mut String, it: impl fmt::Display) {
    write!(out, "{it}").expect("a string takes whatever is written to it");
}

/// Writes a value with sorted keys, whatever the order of serde_json's map.
struct Sorted<'v>(&'v Value);

impl Serialize for Sorted<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Array(items) => out.collect_seq(items.iter().map(Sorted)),
            Value::Object(fields) => {
                let sorted: BTreeMap<_, _> = fields.iter().collect();
                let mut map = out.serialize_map(Some(sorted.len()))?;
                for (key, it) in sorted {
                    map.serialize_entry(key, &Sorted(it))?;
                }
                map.end()
            }
            scalar => scalar.serialize(out),
        }
    }
}

/// A value as text, sorted.
pub(crate) fn sorted(value: &Value) -> String {
    let mut text = serde_json::to_string_pretty(&Sorted(value))
        .expect("values can be written, and memory takes them");
    text.push('\n');
    text
}

/// A value as text like [`sorted`], but objects and lists that fit on one line are on one line.
pub(crate) fn compact(value: &Value) -> String {
    text(|out| write_short(value, 0, out))
}

/// The longest line.
const LINE: usize = 100;

fn write_short(value: &Value, depth: usize, out: &mut String) {
    // A scalar is on one line, whatever its length.
    let most = if is_nested(value) { LINE.saturating_sub(2 * depth) } else { usize::MAX };
    if let Some(line) = spaced(value, most) {
        out.push_str(&line);
        return;
    }
    match value {
        Value::Array(items) => {
            let mut list = Nest::list(Some(depth), out);
            items.iter().for_each(|it| write_short(it, depth + 1, list.item()));
            list.end();
        }
        Value::Object(fields) => {
            let sorted: BTreeMap<_, _> = fields.iter().collect();
            let mut object = Nest::object(Some(depth), out);
            for (key, it) in sorted {
                write_short(it, depth + 1, object.field(key));
            }
            object.end();
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}

fn is_nested(value: &Value) -> bool {
    matches!(value, Value::Array(_) | Value::Object(_))
}

/// A value on one line with sorted keys, and a space after each colon. `None` if the line has more bytes than `most`: then
/// the rest of the value is not visited.
fn spaced(value: &Value, most: usize) -> Option<String> {
    struct Spaced;

    struct Bounded {
        line: Vec<u8>,
        most: usize,
    }

    impl io::Write for Bounded {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.line.len() + bytes.len() > self.most {
                return Err(io::ErrorKind::WriteZero.into());
            }
            self.line.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl serde_json::ser::Formatter for Spaced {
        fn begin_object_value<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
            out.write_all(b": ")
        }
    }

    let mut out = Bounded { line: Vec::new(), most };
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, Spaced);
    // A value can be written, so the line is too long if this fails.
    Sorted(value).serialize(&mut serializer).ok()?;
    Some(String::from_utf8(out.line).expect("serde_json writes UTF-8"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_string_is_what_serde_json_writes(pieces in prop::collection::vec(r#"(["\\]|[\x00-\x1f]|[ -~]|\PC){0,20}"#, 0..4)) {
            let mut out = String::new();
            string(&pieces.iter().map(String::as_str).collect::<Vec<_>>(), &mut out);
            prop_assert_eq!(out, one_line(&pieces.concat()));
        }
    }

    #[test]
    fn whatever_letter_stands_wherever_is_seen() {
        for letter in 0..128_u8 {
            for at in 0..17 {
                let mut text = "a".repeat(17);
                text.replace_range(at..=at, char::from(letter).encode_utf8(&mut [0; 4]));
                let mut out = String::new();
                string(&[&text], &mut out);
                assert_eq!(out, one_line(&text), "{letter:#x} at {at}");
            }
        }
    }

    #[test]
    fn lines_are_indented_by_their_depth() {
        fn check(depth: usize, expected: &str) {
            let mut out = String::new();
            new_line(Some(depth), &mut out);
            assert_eq!(out, format!("\n{expected}"));
        }
        check(0, "");
        check(2, "    ");
        check(40, &" ".repeat(80));
    }
}
