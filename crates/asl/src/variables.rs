//! The part of Terraform's `templatefile` that the documents use: `${name}`, and the escapes `$${` and `%%{`.
//!
//! <https://developer.hashicorp.com/terraform/language/expressions/strings>

use std::collections::BTreeMap;

use crate::problem::Report;

/// Returns the text with its variables replaced. As in Terraform, the values are inserted into the raw text, and are
/// not escaped for JSON.
pub(crate) fn substitute(
    text: &str,
    variables: &BTreeMap<String, String>,
    report: &mut Report,
) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['$', '%']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("$${") {
            out.push_str("${");
            rest = after;
        } else if let Some(after) = rest.strip_prefix("%%{") {
            out.push_str("%{");
            rest = after;
        } else if let Some(after) = rest.strip_prefix("${") {
            let Some((name, after)) = after.split_once('}') else {
                report.add(format!("`${{` has no `}}`: {}", first_line(after)));
                break;
            };
            match variables.get(name.trim()) {
                Some(value) => out.push_str(value),
                None => report.add(format!("there is no value for `${{{name}}}`")),
            }
            rest = after;
        } else if rest.starts_with("%{") {
            report.add(format!("template directives are not supported: {}", first_line(rest)));
            break;
        } else {
            // Both `$` and `%` are one byte long.
            out.push_str(&rest[..1]);
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_filled_in() {
        check("plain", "plain", "");
        check("a ${name} b ${ name }", "a X b X", "");
        check("$${name} %%{ if }", "${name} %{ if }", "");
        check("$$${name}", "$${name}", "");
        check("{% $states.input %} 5% $", "{% $states.input %} 5% $", "");
        check("ünï ${name}ö", "ünï Xö", "");
        check(
            "${other} ${file(1)}",
            " ",
            "there is no value for `${other}`|there is no value for `${file(1)}`",
        );
        check("a ${name", "a ${name", "`${` has no `}`: name");
        check("%{ if x }", "%{ if x }", "template directives are not supported: %{ if x }");
    }

    fn check(text: &str, expected: &str, problems: &str) {
        let variables = BTreeMap::from([("name".to_owned(), "X".to_owned())]);
        let mut report = Report::default();
        assert_eq!(substitute(text, &variables, &mut report), expected, "{text}");
        let told = match report.finish(None::<()>) {
            Err(told) => told.all().iter().map(|it| it.text.clone()).collect::<Vec<_>>().join("|"),
            Ok(()) => String::new(),
        };
        assert_eq!(told, problems, "{text}");
    }
}
