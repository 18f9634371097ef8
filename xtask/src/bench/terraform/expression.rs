//! Finds and replaces references in Terraform's expressions.

use anyhow::{Context as _, bail};

/// Returns the replacement of a reference, and how many of its parts it replaces. `None` if the reference stays.
pub(super) type Replace<'a> = dyn Fn(&[&str]) -> anyhow::Result<Option<(String, usize)>> + 'a;

/// A text with the references of its expressions replaced. Text outside of `${…}` is not an expression.
pub(super) fn rewrite(text: &str, replace: &Replace<'_>) -> anyhow::Result<String> {
    let (mut written, mut rest) = (String::new(), text);
    while let Some(at) = rest.find("${") {
        let (before, from) = rest.split_at(at);
        written.push_str(before);
        let end =
            end(from).with_context(|| format!("{text:?} has an expression without an end"))?;
        let (expression, after) = from.split_at(end);
        match before.ends_with('$') {
            // `$${` is the text `${`.
            true => written.push_str(expression),
            false => inside(expression, replace, &mut written)?,
        }
        rest = after;
    }
    written.push_str(rest);
    Ok(written)
}

/// Returns the end of the expression that this text begins with.
fn end(from: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, letter) in from.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 1 => return Some(at + 1),
            '}' => depth -= 1,
            _ => (),
        }
    }
    None
}

/// Replaces names such as `a.b.c`, also in texts within the expression. No text of ours has the form of a
/// reference.
fn inside(expression: &str, replace: &Replace<'_>, written: &mut String) -> anyhow::Result<()> {
    let is_part = |it: char| it.is_ascii_alphanumeric() || "_-.".contains(it);
    let mut rest = expression;
    while let Some(at) = rest.find(is_part) {
        let (before, from) = rest.split_at(at);
        written.push_str(before);
        let (reference, after) = from.split_at(from.find(|it| !is_part(it)).unwrap_or(from.len()));
        let parts: Vec<&str> = reference.split('.').collect();
        match replace(&parts)? {
            Some((_, used)) if used > parts.len() => bail!("{reference} has no {used} parts"),
            Some((replaced, used)) => {
                written.push_str(&replaced);
                for part in &parts[used..] {
                    written.push('.');
                    written.push_str(part);
                }
            }
            None => written.push_str(reference),
        }
        rest = after;
    }
    written.push_str(rest);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_replaced_in_expressions_alone() {
        #[track_caller]
        fn check(text: &str, expected: &str) {
            let replace = |parts: &[&str]| {
                Ok(match parts {
                    ["var", name, ..] => Some((format!("module.a.{name}"), 2)),
                    _ => None,
                })
            };
            assert_eq!(rewrite(text, &replace).unwrap(), expected);
        }
        check("var.x", "var.x");
        check("${var.x}", "${module.a.x}");
        check("${var.x.arn}:*/${var.y}", "${module.a.x.arn}:*/${module.a.y}");
        check("$${var.x}", "$${var.x}");
        check(
            r#"${filebase64sha256("${var.x}/a.zip")}"#,
            r#"${filebase64sha256("${module.a.x}/a.zip")}"#,
        );
        check(
            "${f(\"p\", { a = var.x, b = var.y })} var.z",
            "${f(\"p\", { a = module.a.x, b = module.a.y })} var.z",
        );
        check("${other.x}", "${other.x}");
    }

    #[test]
    fn an_expression_that_cannot_be_read_is_refused() {
        let none = |_: &[&str]| Ok(None);
        let err = rewrite("${var.x", &none).unwrap_err().to_string();
        assert!(err.contains("without an end"), "{err}");
        let more = |_: &[&str]| Ok(Some((String::new(), 3)));
        let err = rewrite("${var.x}", &more).unwrap_err().to_string();
        assert!(err.contains("var.x has no 3 parts"), "{err}");
    }
}
