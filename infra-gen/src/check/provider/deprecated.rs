//! What a release deprecates and is used all the same, each with its reason.
//!
//! With such a release, `terraform plan` warns about each. Whatever else is deprecated breaks a rule.

/// A type, the names on the way to an argument of it, and why it stays.
type Line = (&'static str, &'static [&'static str], &'static str);

pub(super) const ACCEPTED: &[Line] = &[
    // https://github.com/hashicorp/terraform-provider-aws/issues/46197
    (
        "aws_dynamodb_table",
        &["global_secondary_index", "hash_key"],
        "`key_schema`, which releases of 6 ask for instead, is not in 5.100.0",
    ),
    (
        "aws_dynamodb_table",
        &["global_secondary_index", "range_key"],
        "`key_schema`, which releases of 6 ask for instead, is not in 5.100.0",
    ),
];

/// Why an argument is used although it is deprecated, if it may be.
pub(super) fn reason(tf_type: &str, path: &[&str]) -> Option<&'static str> {
    let line = ACCEPTED.iter().find(|(of, names, _)| *of == tf_type && *names == path);
    line.map(|(.., reason)| *reason)
}
