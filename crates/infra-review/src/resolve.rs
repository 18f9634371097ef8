//! Follows references through variables and outputs to the resources that they name.

use serde_json::Value;

/// Rewrites every reference inside `${…}` of a text by `lookup`, which gets a whole traversal
/// (`var.orders_table_arn`) and returns its replacement, if there is one.
pub(super) fn text(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        if before.ends_with('$') {
            // `$${` is an escape, and does not begin an expression.
            out.push_str("${");
            rest = &from[2..];
            continue;
        }
        let end = closing(&from[2..]);
        let (inner, after) = from[2..].split_at(end);
        out.push_str("${");
        out.push_str(&expression(inner, lookup));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The end of the expression: the first `}` that is outside quotes and does not close an inner `{`.
fn closing(text: &str) -> usize {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '{' if !quoted => depth += 1,
            '}' if !quoted && depth == 0 => return at,
            '}' if !quoted => depth -= 1,
            _ => (),
        }
    }
    text.len()
}

fn expression(inner: &str, lookup: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(letter) = rest.chars().next() {
        if letter == '"' {
            let end = 1 + rest[1..].find('"').map_or(rest.len() - 1, |it| it + 1);
            let quoted = &rest[..end];
            out.push_str(&text(quoted, lookup));
            rest = &rest[end..];
        } else if is_traversal(letter) {
            let end = rest.find(|it| !is_traversal(it)).unwrap_or(rest.len());
            let word = &rest[..end];
            match lookup(word) {
                Some(other) => out.push_str(&other),
                None => out.push_str(word),
            }
            rest = &rest[end..];
        } else {
            out.push(letter);
            rest = &rest[letter.len_utf8()..];
        }
    }
    out
}

fn is_traversal(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.')
}

/// The inside of a text that is nothing but `${…}`; another text as a quoted literal.
pub(super) fn as_expression(text: &str) -> String {
    whole(text).map_or_else(|| format!("{text:?}"), str::to_owned)
}

/// The inside of a text that is nothing but `${…}`.
fn whole(text: &str) -> Option<&str> {
    let inner = text.strip_prefix("${")?.strip_suffix('}')?;
    (closing(&text[2..]) == inner.len()).then_some(inner)
}

/// Simplifies a text that is nothing but `${…}`: `${(x)}` becomes `${x}`, and `${5}` becomes 5.
pub(super) fn plain(text: String) -> Value {
    let Some(mut inner) = whole(&text) else { return Value::String(text) };
    while let Some(it) = inner.trim().strip_prefix('(').and_then(|it| it.strip_suffix(')'))
        && is_one(it)
    {
        inner = it.trim();
    }
    match serde_json::from_str(inner) {
        Ok(it @ (Value::Number(_) | Value::Bool(_))) => it,
        Ok(Value::String(it)) if !it.contains("${") && !it.contains("%{") => Value::String(it),
        _ => Value::String(format!("${{{inner}}}")),
    }
}

/// Whether the parentheses in an expression are balanced.
fn is_one(inner: &str) -> bool {
    let (mut depth, mut quoted, mut escaped) = (0_i32, false, false);
    for letter in inner.chars() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted && depth == 0 => return false,
            ')' if !quoted => depth -= 1,
            _ => (),
        }
    }
    depth == 0
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn redundant_parentheses_and_expressions_of_literals_are_removed() {
        fn check(given: &str, expected: Value) {
            assert_eq!(plain(given.to_owned()), expected, "{given}");
        }
        check("${(var.a)}", json!("${var.a}"));
        check("${( (var.a) )}", json!("${var.a}"));
        check("${(a) + (b)}", json!("${(a) + (b)}"));
        check("${5}", json!(5));
        check("${(true)}", json!(true));
        check("${\"a\"}", json!("a"));
        check("${\"${var.a}\"}", json!("${\"${var.a}\"}"));
        check("${\"(\"}", json!("("));
        check("${1 + 4}", json!("${1 + 4}"));
        check("${var.a}/${var.b}", json!("${var.a}/${var.b}"));
        check("(a)", json!("(a)"));
    }

    #[test]
    fn only_references_inside_of_expressions_are_rewritten() {
        fn check(given: &str, expected: &str) {
            let lookup = |it: &str| match it {
                "var.table" => Some("module.db.aws_dynamodb_table.t.arn".to_owned()),
                "var.name" => Some("\"plain\"".to_owned()),
                _ => None,
            };
            assert_eq!(text(given, &lookup), expected);
        }
        check("var.table", "var.table");
        check("${var.table}", "${module.db.aws_dynamodb_table.t.arn}");
        check("$${var.table}", "$${var.table}");
        check(
            "a ${var.table}/b ${var.name}",
            "a ${module.db.aws_dynamodb_table.t.arn}/b ${\"plain\"}",
        );
        check(
            "${replace(var.table, \"var.table\", \"}\")}:*",
            "${replace(module.db.aws_dynamodb_table.t.arn, \"var.table\", \"}\")}:*",
        );
        check(
            "${f({ a = var.table, b = var.tables })}",
            "${f({ a = module.db.aws_dynamodb_table.t.arn, b = var.tables })}",
        );
        check("${var.table", "${module.db.aws_dynamodb_table.t.arn");
    }

    #[test]
    fn a_template_becomes_a_quoted_literal_and_a_whole_expression_does_not() {
        assert_eq!(as_expression("${var.a}"), "var.a");
        assert_eq!(as_expression("${var.a}-${var.b}"), "\"${var.a}-${var.b}\"");
        assert_eq!(as_expression("plain"), "\"plain\"");
    }
}
