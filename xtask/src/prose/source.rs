//! The prose of source code: comments, text literals that are sentences, and names of tests.

use super::{
    markdown::{self, Line},
    passage::Passage,
};

/// How a language writes comments and text literals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Rust,
    JavaScript,
    Python,
    Toml,
    /// Languages of which only comments are read, from `#` to the end of the line: shell, requirements of pip.
    Hash,
}

/// A part of a source, found by its first characters.
enum Part {
    Comment {
        marker: usize,
        end: usize,
    },
    Literal {
        begin: usize,
        end: usize,
        is_raw: bool,
    },
    /// Code, up to this offset.
    Code(usize),
}

/// Reads a source from its begin to its end.
struct Reader<'t> {
    text: &'t str,
    /// The offset where each line begins.
    lines: Vec<usize>,
    found: Vec<Passage>,
    /// The line comments that follow each other.
    comments: Vec<Line<'t>>,
}

/// The passages of a source.
pub(super) fn passages(text: &str, language: Language) -> Vec<Passage> {
    let begins = text.match_indices('\n').map(|(at, _)| at + 1);
    let lines = std::iter::once(0).chain(begins).collect();
    let mut reader = Reader { text, lines, found: Vec::new(), comments: Vec::new() };
    let mut at = 0;
    while at < text.len() {
        at = match part(text, at, language) {
            Part::Comment { marker, end } => {
                reader.comment(at, marker, end);
                end
            }
            Part::Literal { begin, end, is_raw } => {
                reader.literal(begin, end, is_raw);
                // The closing quotes are as long as the opening ones: `"`, `"#`, `"""`.
                end + if text[at..begin].starts_with(['"', '\'', '`']) { begin - at } else { 1 }
            }
            Part::Code(end) => {
                if language == Language::Rust {
                    reader.name(at, end);
                }
                end
            }
        };
    }
    reader.end_of_comments();
    // The comments are found after the literals between them.
    reader.found.sort_by_key(|it| it.position(0));
    reader.found
}

/// The part that begins at an offset.
fn part(text: &str, at: usize, language: Language) -> Part {
    let rest = &text[at..];
    let end_of_line = at + rest.find('\n').unwrap_or(rest.len());
    let is_hash = !matches!(language, Language::Rust | Language::JavaScript);
    if is_hash && rest.starts_with('#') && text[..at].ends_with(['\n', ' ']) | (at == 0) {
        return Part::Comment { marker: 1, end: end_of_line };
    }
    if !is_hash && rest.starts_with("//") {
        let marker = if rest.starts_with("///") || rest.starts_with("//!") { 3 } else { 2 };
        return Part::Comment { marker, end: end_of_line };
    }
    if !is_hash && rest.starts_with("/*") {
        let end = rest.find("*/").map_or(text.len(), |it| at + it + 2);
        return Part::Code(end);
    }
    if language == Language::Hash {
        return Part::Code(after(text, at, |it| it != '#'));
    }
    if language == Language::Rust
        && let Some(part) = raw_literal(text, at)
    {
        return part;
    }
    if language == Language::Python
        && let Some(quotes) = ["\"\"\"", "'''"].into_iter().find(|it| rest.starts_with(it))
    {
        let begin = at + quotes.len();
        let end = text[begin..].find(quotes).map_or(text.len(), |it| begin + it);
        return Part::Literal { begin, end, is_raw: true };
    }
    let quote = rest.chars().next().unwrap_or(' ');
    match quote {
        '"' => literal(text, at, quote),
        '\'' if language == Language::Rust => Part::Code(character(text, at)),
        '\'' | '`' if language != Language::Rust => literal(text, at, quote),
        it if it.is_alphanumeric() || it == '_' => {
            Part::Code(after(text, at, |it| it.is_alphanumeric() || it == '_'))
        }
        it => Part::Code(at + it.len_utf8()),
    }
}

/// The offset after the characters of a kind. At least one is passed over.
fn after(text: &str, at: usize, is_kind: impl Fn(char) -> bool) -> usize {
    let mut characters = text[at..].char_indices().skip(1);
    at + characters.find(|it| !is_kind(it.1)).map_or(text.len() - at, |it| it.0)
}

fn literal(text: &str, at: usize, quote: char) -> Part {
    let begin = at + 1;
    let mut is_escaped = false;
    for (offset, it) in text[begin..].char_indices() {
        match it {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            _ if it == quote => {
                return Part::Literal { begin, end: begin + offset, is_raw: false };
            }
            _ => (),
        }
    }
    Part::Literal { begin, end: text.len(), is_raw: false }
}

/// A raw literal, such as `r"…"` and `br#"…"#`.
fn raw_literal(text: &str, at: usize) -> Option<Part> {
    let rest = &text[at..];
    let is_in_name = text[..at].ends_with(|it: char| it.is_alphanumeric() || it == '_');
    let hashes = ["r", "br", "cr"].into_iter().find_map(|it| {
        let rest = rest.strip_prefix(it)?;
        let number = rest.len() - rest.trim_start_matches('#').len();
        rest[number..].starts_with('"').then_some((it.len(), number))
    });
    let (prefix, hashes) = hashes.filter(|_| !is_in_name)?;
    let begin = at + prefix + hashes + 1;
    let quotes = format!("\"{}", "#".repeat(hashes));
    let end = text[begin..].find(&quotes).map_or(text.len(), |it| begin + it);
    Some(Part::Literal { begin, end, is_raw: true })
}

/// The offset after a character literal or a lifetime of Rust.
fn character(text: &str, at: usize) -> usize {
    let rest = &text[at + 1..];
    let mut characters = rest.char_indices();
    match (characters.next(), characters.next()) {
        (Some((_, '\\')), Some((next, _))) => {
            // The character after the backslash may be a quote.
            let begin = at + 1 + after(rest, next, |_| false);
            text[begin..].find('\'').map_or(text.len(), |it| begin + it + 1)
        }
        (Some(_), Some((end, '\''))) => at + 1 + end + 1,
        _ => at + 1,
    }
}

impl<'t> Reader<'t> {
    /// The line and the column of an offset, from 1.
    fn position(&self, at: usize) -> (usize, usize) {
        let line = self.lines.partition_point(|it| *it <= at);
        (line, self.text[self.lines[line - 1]..at].chars().count() + 1)
    }

    fn comment(&mut self, at: usize, marker: usize, end: usize) {
        let (line, column) = self.position(at);
        let before = &self.text[self.lines[line - 1]..at];
        let follows = self.comments.last().is_some_and(|it| it.1 + 1 == line);
        if !follows || !before.trim().is_empty() {
            self.end_of_comments();
        }
        self.comments.push((&self.text[at + marker..end], line, column + marker));
    }

    fn end_of_comments(&mut self) {
        let comments = std::mem::take(&mut self.comments);
        self.found.extend(markdown::passages(comments));
    }

    /// Adds the lines of a literal with more than one word. A single word and JSON are data.
    fn literal(&mut self, begin: usize, end: usize, is_raw: bool) {
        let text = &self.text[begin..end];
        let is_json = ["{\"", "[{", "\""].iter().any(|it| text.trim_start().starts_with(it));
        if !text.contains(' ') || is_json {
            return;
        }
        let mut passage = Passage::default();
        let mut part = begin;
        let mut at = begin;
        while at < end {
            let rest = &self.text[at..end];
            // A line break of the text ends a passage. A line break of the source only continues it.
            let (length, ends) = match rest {
                _ if rest.starts_with('\n') => (1, true),
                _ if is_raw || !rest.starts_with('\\') => {
                    at = after(self.text, at, |it| it != '\\' && it != '\n').min(end);
                    continue;
                }
                _ if rest.starts_with("\\\n") => (rest.len() - rest[1..].trim_start().len(), false),
                _ if rest.starts_with("\\n") => (2, true),
                _ => (1 + rest[1..].chars().next().map_or(0, char::len_utf8), false),
            };
            self.add(&mut passage, part, at);
            if ends {
                self.found.extend(std::mem::take(&mut passage).without_code());
            }
            at = (at + length).min(end);
            part = at;
        }
        self.add(&mut passage, part, end);
        self.found.extend(passage.without_code());
    }

    fn add(&self, passage: &mut Passage, begin: usize, end: usize) {
        if begin < end {
            let (line, column) = self.position(begin);
            passage.push(&self.text[begin..end], line, column);
        }
    }

    /// Adds the name of a function if it is a sentence, such as the name of a test.
    fn name(&mut self, begin: usize, end: usize) {
        let name = &self.text[begin..end];
        if name.matches('_').count() >= 3 && self.text[..begin].ends_with("fn ") {
            let (line, column) = self.position(begin);
            let mut passage = Passage::default();
            passage.push(&name.replace('_', " "), line, column);
            self.found.push(passage);
        }
    }
}
