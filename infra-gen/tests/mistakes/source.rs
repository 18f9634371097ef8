//! A source file with its syntax tree, and edits of its text.

use std::ops::Range;

use anyhow::Context as _;
use proc_macro2::Span;
use syn::spanned::Spanned;

/// A file of a topology.
pub(super) struct Source {
    /// Its path from the workspace.
    pub(super) path: String,
    pub(super) text: String,
    pub(super) tree: syn::File,
}

/// A change of a text: the bytes that go, and the text in their place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Edit {
    start: usize,
    end: usize,
    text: String,
}

impl Source {
    /// Parses a file.
    ///
    /// # Errors
    ///
    /// If it is not Rust.
    pub(super) fn parse(path: &str, text: String) -> anyhow::Result<Self> {
        let tree = syn::parse_file(&text).with_context(|| format!("{path} is not Rust"))?;
        Ok(Source { path: path.to_owned(), text, tree })
    }

    /// The text of a part of the tree.
    pub(super) fn of(&self, part: &impl Spanned) -> &str {
        &self.text[range(part.span())]
    }

    /// The number of the line that a byte is in, from 1, and the line without surrounding spaces.
    pub(super) fn line(&self, at: usize) -> (usize, &str) {
        let before = &self.text[..at];
        let number = before.matches('\n').count() + 1;
        (number, self.text.lines().nth(number - 1).unwrap_or_default().trim())
    }

    /// The text with these changes, which do not overlap.
    pub(super) fn edited(&self, edits: &[Edit]) -> String {
        let mut edits: Vec<&Edit> = edits.iter().collect();
        edits.sort();
        let mut text = String::with_capacity(self.text.len());
        let mut at = 0;
        for edit in edits {
            text.push_str(&self.text[at..edit.start]);
            text.push_str(&edit.text);
            at = edit.end;
        }
        text.push_str(&self.text[at..]);
        text
    }
}

impl Edit {
    pub(super) fn replace(part: &impl Spanned, text: impl Into<String>) -> Self {
        Edit::at(range(part.span()), text)
    }

    pub(super) fn at(range: Range<usize>, text: impl Into<String>) -> Self {
        Edit { start: range.start, end: range.end, text: text.into() }
    }

    pub(super) fn start(&self) -> usize {
        self.start
    }
}

/// The bytes of a span. Spans of a parsed text are known, because `proc-macro2` is built with `span-locations`.
pub(super) fn range(span: Span) -> Range<usize> {
    span.byte_range()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_apply_from_left_to_right() {
        let source = Source::parse("a.rs", "fn a() { b(1, 2) }\n".to_owned()).unwrap();
        let edits = [Edit::at(14..15, "y"), Edit::at(11..12, "x")];
        assert_eq!(source.edited(&edits), "fn a() { b(x, y) }\n");
        assert_eq!(source.line(11), (1, "fn a() { b(1, 2) }"));
    }

    #[test]
    fn a_part_has_its_text() {
        let text = "// a comment with an ä\nconst A: u32 = 17;\n";
        let source = Source::parse("a.rs", text.to_owned()).unwrap();
        let syn::Item::Const(item) = &source.tree.items[0] else { panic!("not a constant") };
        assert_eq!(source.of(&*item.expr), "17");
    }
}
