//! Writes text as a YAML scalar: plain if that is safe, as a literal block if it has line breaks or quotes, and
//! otherwise in double quotes.
//!
//! CodeBuild does not document its version of YAML, so a word that only one of 1.1 and 1.2 reads as text is quoted.

use std::fmt::Write;

use tera::{Kwargs, State, TeraResult};

/// The template filter `yaml`. With `indent`, text of several lines may become a block with this indentation.
pub(in crate::render) fn filter(text: &str, kwargs: Kwargs, _: &State) -> TeraResult<String> {
    let indent = kwargs.get::<usize>("indent")?;
    Ok(scalar(text, indent))
}

fn scalar(text: &str, indent: Option<usize>) -> String {
    match indent {
        _ if is_plain(text) => text.to_owned(),
        Some(indent) if is_block(text) => block(text, indent),
        _ => quoted(text),
    }
}

/// Words that some version of YAML does not read as text.
const WORDS: [&str; 9] = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"];

/// Whether text can be a plain scalar, without quotes. This is stricter than YAML.
fn is_plain(text: &str) -> bool {
    // No number, date or indicator of YAML begins with a letter, `/` or `./`.
    let begins = text.starts_with(|it: char| it.is_ascii_alphabetic() || it == '/')
        || text.starts_with("./");
    let safe = |it: char| it.is_ascii_alphanumeric() || " _-./=+@,*$&|;()<>!~^%".contains(it);
    let word = WORDS.iter().any(|it| text.eq_ignore_ascii_case(it));
    begins && text.chars().all(safe) && !text.ends_with(' ') && !word
}

/// Whether a literal block preserves a text: it has only printable characters, and no line begins or ends with spaces,
/// which could be read as indentation or be cut off.
fn is_block(text: &str) -> bool {
    let body = text.strip_suffix('\n').unwrap_or(text);
    let line = |it: &str| {
        it.chars().all(is_printable) && !it.ends_with(' ') && !it.starts_with('\u{feff}')
    };
    body.contains(['\n', '"', '\\'])
        && body.split('\n').all(line)
        && !body.starts_with([' ', '\n'])
        && !body.ends_with('\n')
}

fn block(text: &str, indent: usize) -> String {
    let (body, mut yaml) = match text.strip_suffix('\n') {
        Some(body) => (body, "|".to_owned()),
        None => (text, "|-".to_owned()),
    };
    for line in body.split('\n') {
        yaml.push('\n');
        if !line.is_empty() {
            yaml.extend(std::iter::repeat_n(' ', indent));
            yaml.push_str(line);
        }
    }
    yaml
}

/// Text in double quotes with JSON's escapes, and with escapes for characters that YAML forbids or reads as a line
/// break.
fn quoted(text: &str) -> String {
    let mut yaml = String::from("\"");
    for char in text.chars() {
        let code = u32::from(char);
        let written = match char {
            '"' => yaml.write_str("\\\""),
            '\\' => yaml.write_str("\\\\"),
            '\n' => yaml.write_str("\\n"),
            '\t' => yaml.write_str("\\t"),
            _ if is_printable(char) => yaml.write_char(char),
            _ if code <= 0xffff => write!(yaml, "\\u{code:04x}"),
            _ => write!(yaml, "\\U{code:08x}"),
        };
        written.expect("a String takes any text");
    }
    yaml.push('"');
    yaml
}

/// Whether every YAML parser accepts a character unescaped. The others are control characters, line breaks other than
/// `\n`, byte order marks, and characters beyond the basic multilingual plane, which some parsers refuse.
fn is_printable(char: char) -> bool {
    matches!(char, ' '..='~' | '\u{a0}'..='\u{2027}' | '\u{202a}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

#[cfg(test)]
mod tests {
    use super::scalar;

    #[test]
    fn text_is_quoted_where_it_must_be() {
        fn check(text: &str, expected: &str) {
            assert_eq!(scalar(text, Some(2)), expected);
        }
        check("cargo run -p infra-gen -- --check", "cargo run -p infra-gen -- --check");
        check("generated/**/*", "generated/**/*");
        check("/root/.cargo", "/root/.cargo");
        check("./x", "./x");
        check("", r#""""#);
        check("no", r#""no""#);
        check("Null", r#""Null""#);
        check("1.0", r#""1.0""#);
        check("a: b", r#""a: b""#);
        check("a # b", r#""a # b""#);
        check("a ", r#""a ""#);
        check(" a", r#"" a""#);
        check("**/*", r#""**/*""#);
        check("- a", r#""- a""#);
        check("{{ x }}", r#""{{ x }}""#);
        check("a\tb\\", r#""a\tb\\""#);
        check("\u{7f}\u{85}\u{2028}\u{feff}é", r#""\u007f\u0085\u2028\ufeffé""#);
        check("😀", r#""\U0001f600""#);
    }

    #[test]
    fn lines_become_a_block_where_it_gives_them_back() {
        fn check(text: &str, expected: &str) {
            assert_eq!(scalar(text, Some(2)), expected);
        }
        check("a: b\n# c", "|-\n  a: b\n  # c");
        check("say \"it's\"", "|-\n  say \"it's\"");
        check("if x\n  y\n\nfi\n", "|\n  if x\n    y\n\n  fi");
        check("a\n\n", r#""a\n\n""#);
        check(" a\nb", r#"" a\nb""#);
        check("a \nb", r#""a \nb""#);
        check("a\tb\nc", r#""a\tb\nc""#);
        assert_eq!(scalar("a\nb", None), r#""a\nb""#);
    }
}
