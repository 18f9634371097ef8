//! A passage of prose, and where each of its characters is in its file.

/// Sentences that belong together: a paragraph, a table cell, a message, or a test name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Passage {
    /// The text, without markers of comments. A line break is a space, and inline code is underscores.
    pub(super) text: String,
    /// The beginning of each part of the text: the offset in the text, the line and the column, from 1. Within a part, one
    /// character is one column.
    parts: Vec<(usize, usize, usize)>,
}

impl Passage {
    /// Appends a text that is in one line of the file.
    pub(super) fn push(&mut self, text: &str, line: usize, column: usize) {
        self.parts.push((self.text.len(), line, column));
        self.text.push_str(text);
    }

    /// Appends a line of a paragraph, after a space.
    pub(super) fn push_line(&mut self, text: &str, line: usize, column: usize) {
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        self.push(text, line, column);
    }

    /// The line and the column of an offset in the text.
    pub(super) fn position(&self, offset: usize) -> (usize, usize) {
        let after = self.parts.partition_point(|it| it.0 <= offset);
        let Some(&(begin, line, column)) = self.parts.get(after.saturating_sub(1)) else {
            return (1, 1);
        };
        (line, column + self.text[begin..offset].chars().count())
    }

    /// Replaces inline code in backticks and placeholders in braces with underscores, and returns the passage if words
    /// are left.
    pub(super) fn without_code(mut self) -> Option<Self> {
        let mut text = String::with_capacity(self.text.len());
        let mut rest = self.text.as_str();
        while let Some(begin) = rest.find(['`', '{']) {
            let code = &rest[begin..];
            let is_script = rest[..begin].ends_with('$');
            let length = inline_code(code).or_else(|| placeholder(code, is_script));
            text.push_str(&rest[..begin]);
            match length {
                // As many bytes as the code has, so that the offsets of the parts stay right.
                Some(length) => text.extend(std::iter::repeat_n('_', length)),
                None => text.push_str(&code[..1]),
            }
            rest = &code[length.unwrap_or(1)..];
        }
        text.push_str(rest);
        self.text = text;
        self.text.contains(char::is_alphabetic).then_some(self)
    }
}

/// The length of inline code at the beginning of a text, with its backticks.
fn inline_code(text: &str) -> Option<usize> {
    let ticks = text.len() - text.trim_start_matches('`').len();
    let end = text[ticks..].find(&text[..ticks]).filter(|_| ticks > 0)?;
    Some(end + 2 * ticks)
}

/// The length of a placeholder such as `{name:?}` at the beginning of a text. Only one after a dollar sign, as in
/// JavaScript, may have spaces.
fn placeholder(text: &str, is_script: bool) -> Option<usize> {
    let end = text.find('}').filter(|_| text.starts_with('{'))?;
    (is_script || !text[..end].contains(char::is_whitespace)).then_some(end + 1)
}
