//! Scans a JSONata expression for strings, regular expressions and brackets. It does not parse: an expression that passes
//! may still be invalid.
//!
//! <https://docs.jsonata.org/>

/// The result of scanning an expression.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Scanned<'e> {
    /// The first fault.
    pub(super) fault: Option<String>,
    /// The fields of `$states` that the expression reads, with repeats.
    pub(super) states: Vec<&'e str>,
}

/// Scans an expression without its `{%` and `%}`.
pub(super) fn scan(expression: &str) -> Scanned<'_> {
    let mut scanner = Scanner { rest: expression, open: Vec::new(), operand: false };
    let mut states = Vec::new();
    loop {
        match scanner.next(&mut states) {
            Ok(true) => (),
            Ok(false) => return Scanned { fault: scanner.left_open(), states },
            Err(fault) => return Scanned { fault: Some(fault), states },
        }
    }
}

struct Scanner<'a> {
    rest: &'a str,
    /// The brackets that are open, innermost last.
    open: Vec<char>,
    /// Whether the last token was a value: then a `/` divides. Otherwise it begins a regular expression.
    operand: bool,
}

impl<'a> Scanner<'a> {
    /// Takes one token. Returns `false` at the end.
    fn next(&mut self, states: &mut Vec<&'a str>) -> Result<bool, String> {
        let Some(first) = self.rest.chars().next() else { return Ok(false) };
        match first {
            '"' | '\'' => self.quoted(first)?,
            '`' => self.quoted('`')?,
            '(' | '[' | '{' => {
                self.open.push(first);
                self.take(1, false);
            }
            ')' | ']' | '}' => {
                let opener = self.open.pop();
                if opener.map(closer) != Some(first) {
                    return Err(match opener {
                        Some(opener) => format!("`{opener}` is closed by `{first}`"),
                        None => format!("`{first}` closes nothing"),
                    });
                }
                self.take(1, true);
            }
            '/' if self.rest.starts_with("/*") => self.comment()?,
            '/' if !self.operand => self.pattern()?,
            '%' if self.rest.starts_with("%}") => {
                return Err("`%}` inside of the expression ends it there".to_owned());
            }
            '$' | '_' => self.word(states),
            _ if first.is_alphanumeric() => self.word(states),
            _ => {
                // White space changes nothing. Any other character is an operator.
                let operand = self.operand && first.is_whitespace();
                self.take(first.len_utf8(), operand);
            }
        }
        Ok(true)
    }

    fn take(&mut self, bytes: usize, operand: bool) -> &'a str {
        let (taken, rest) = self.rest.split_at(bytes);
        (self.rest, self.operand) = (rest, operand);
        taken
    }

    /// Takes a string, or a name in backticks, in which a backslash escapes nothing.
    fn quoted(&mut self, quote: char) -> Result<(), String> {
        let mut escaped = false;
        for (at, char) in self.rest.char_indices().skip(1) {
            match char {
                _ if escaped => escaped = false,
                '\\' if quote != '`' => escaped = true,
                _ if char == quote => {
                    self.take(at + 1, true);
                    return Ok(());
                }
                _ => (),
            }
        }
        Err(format!("a {quote} has no end"))
    }

    fn comment(&mut self) -> Result<(), String> {
        let end = self.rest.find("*/").ok_or("a comment has no end")?;
        self.take(end + 2, self.operand);
        Ok(())
    }

    /// Takes a regular expression, which ends at a `/` outside of its brackets.
    fn pattern(&mut self) -> Result<(), String> {
        let (mut depth, mut escaped) = (0_u32, false);
        for (at, char) in self.rest.char_indices().skip(1) {
            match char {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth = depth.saturating_sub(1),
                '/' if depth == 0 => {
                    self.take(at + 1, true);
                    return Ok(());
                }
                _ => (),
            }
        }
        Err("a regular expression has no end".to_owned())
    }

    /// Takes a name, a number, a variable or an operator that is a word.
    fn word(&mut self, states: &mut Vec<&'a str>) {
        let word = self.take(name_length(self.rest), true);
        if matches!(word, "and" | "or" | "in") {
            self.operand = false;
        }
        if word == "$states" {
            let field = self.rest.trim_start().strip_prefix('.').unwrap_or_default().trim_start();
            states.push(&field[..name_length(field)]);
        }
    }

    fn left_open(&self) -> Option<String> {
        self.open.last().map(|opener| format!("`{opener}` is not closed"))
    }
}

/// The length of the name at the beginning of `text`, which may begin with `$` or `$$`.
fn name_length(text: &str) -> usize {
    let end = |it: char| !(it.is_alphanumeric() || it == '_' || it == '$');
    text.find(end).unwrap_or(text.len())
}

fn closer(opener: char) -> char {
    match opener {
        '(' => ')',
        '[' => ']',
        _ => '}',
    }
}

#[cfg(test)]
mod tests {
    use super::scan;

    #[test]
    fn faults_are_found_outside_text() {
        fn check(expression: &str, fault: Option<&str>) {
            assert_eq!(scan(expression).fault.as_deref(), fault, "{expression}");
        }
        check(" $states.input.a + (1 / 2) ", None);
        check("'it\\'s (' & \")\"", None);
        check("`a ( b` / 2", None);
        check("$match(a, /(b[/]c)\\//i) and d in /e/", None);
        check("/* ( */ 1", None);
        check("{'a': [1, (2)]}", None);
        check("a[b", Some("`[` is not closed"));
        check("a]", Some("`]` closes nothing"));
        check("(a]", Some("`(` is closed by `]`"));
        check("'a", Some("a ' has no end"));
        check("`a", Some("a ` has no end"));
        check("/a", Some("a regular expression has no end"));
        check("1 /* a", Some("a comment has no end"));
        check("a %} b", Some("`%}` inside of the expression ends it there"));
        check("7 % 2", None);
    }

    #[test]
    fn states_are_found_outside_text() {
        fn check(expression: &str, states: &[&str]) {
            assert_eq!(scan(expression).states, states, "{expression}");
        }
        check("$states.input.result", &["input"]);
        check("$states.result and $states . errorOutput", &["result", "errorOutput"]);
        check("'$states.result' & `$states.result` & $mystates.result", &[]);
        check("$states", &[""]);
    }
}
