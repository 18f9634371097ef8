//! Escapes literal text, so that Terraform does not read it as a template.

use std::borrow::Cow;

/// Escapes text so that Terraform evaluates it to the same text. `${` and `%{` begin a template sequence; `$${` and
/// `%%{` are their escapes.
///
/// <https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences-1>
///
/// Doubling each marker is correct behind another `$`, too: `$${` becomes `$$${`, which Terraform reads as the text
/// `$${`.
pub fn escape(text: &str) -> Cow<'_, str> {
    // Most text has nothing to escape.
    let bytes = text.as_bytes();
    let marked = |at: usize| at > 0 && matches!(bytes[at - 1], b'$' | b'%');
    if !memchr::memchr_iter(b'{', bytes).any(marked) {
        return Cow::Borrowed(text);
    }
    text.replace("${", "$${").replace("%{", "%%{").into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::escape;

    /// Reads a template as Terraform's scanner does: `None` where it holds a live sequence.
    ///
    /// After hcl's `scan_tokens.rl`: at each position `$${` and `%%{` are literals, `${` and `%{`
    /// begin a sequence, everything else is itself.
    fn read(template: &str) -> Option<String> {
        let (mut text, mut rest) = (String::new(), template);
        while let Some(first) = rest.chars().next() {
            if rest.starts_with("$${") || rest.starts_with("%%{") {
                text.push(first);
                text.push('{');
                rest = &rest[3..];
            } else if rest.starts_with("${") || rest.starts_with("%{") {
                return None;
            } else {
                text.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
        Some(text)
    }

    #[test]
    fn literals_stay_literals() {
        fn check(text: &str, escaped: &str) {
            assert_eq!(escape(text), escaped);
            assert_eq!(read(escaped).as_deref(), Some(text), "{escaped}");
        }
        check("plain", "plain");
        check("${aws_kms_key.x.arn}", "$${aws_kms_key.x.arn}");
        check("%{ if true }", "%%{ if true }");
        check("{% $states.input %}", "{% $states.input %}");
        check("$", "$");
        check("100%", "100%");
    }

    proptest! {
        #[test]
        fn any_text_survives(text in r"(\$|%|\{|\}|a|\PC){0,40}") {
            prop_assert_eq!(read(&escape(&text)), Some(text));
        }
    }
}
