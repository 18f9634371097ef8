//! The prose of Markdown: paragraphs, list items, headings and table cells. Code blocks are not prose.

use super::passage::Passage;

/// A line: its text, its number, and the column of its first character.
pub(super) type Line<'t> = (&'t str, usize, usize);

/// The passages of a document.
pub(super) fn document(text: &str) -> Vec<Passage> {
    passages(text.lines().enumerate().map(|(number, line)| (line, number + 1, 1)))
}

/// The passages of lines, such as those of a document or of a comment.
pub(super) fn passages<'t>(lines: impl IntoIterator<Item = Line<'t>>) -> Vec<Passage> {
    let mut found = Vec::new();
    let mut paragraph = Passage::default();
    let mut is_code = false;
    for (line, number, column) in lines {
        let text = line.trim_start();
        let is_fence = text.starts_with("```");
        is_code ^= is_fence;
        let (text, begins) = without_marker(text);
        if is_code || is_fence || text.is_empty() || begins {
            found.extend(std::mem::take(&mut paragraph).without_code());
        }
        if is_code || is_fence {
            continue;
        }
        let column = column + line[..line.len() - text.len()].chars().count();
        if line.trim_start().starts_with('|') {
            found.extend(cells(text, number, column));
        } else {
            paragraph.push_line(text, number, column);
        }
    }
    found.extend(paragraph.without_code());
    found
}

/// A line without the marker of a list item, heading or quote, and whether it begins a passage.
fn without_marker(line: &str) -> (&str, bool) {
    let number = line.trim_start_matches(|it: char| it.is_ascii_digit());
    let item = if number.len() < line.len() { number.strip_prefix(". ") } else { None };
    let item = item.or_else(|| line.strip_prefix("- ")).or_else(|| line.strip_prefix("* "));
    let heading = line.trim_start_matches('#');
    match item {
        Some(item) => (item.trim_start(), true),
        None if heading.len() < line.len() => (heading.trim_start(), true),
        None if line.starts_with("> ") => (&line[2..], false),
        None => (line, line.starts_with('|')),
    }
}

/// The cells of a line of a table.
fn cells(line: &str, number: usize, column: usize) -> Vec<Passage> {
    let mut found = Vec::new();
    let mut before = 0;
    for cell in line.split('|') {
        let begin = before + cell.len() - cell.trim_start().len();
        let mut passage = Passage::default();
        passage.push(cell.trim(), number, column + line[..begin].chars().count());
        found.extend(passage.without_code());
        before += cell.len() + 1;
    }
    found
}
