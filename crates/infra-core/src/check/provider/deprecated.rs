//! The deprecated arguments that are used nevertheless, each with the reason.
//!
//! With a release that deprecates them, `terraform plan` prints warnings. Any other deprecated argument is a violation.

/// A type, the path of one of its arguments, and the reason why it is used.
pub type Line = (&'static str, &'static [&'static str], &'static str);

/// The deprecated arguments that may be used.
pub const ACCEPTED: &[Line] = &[
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

/// The reason why a deprecated argument is used, if it is allowed.
pub(super) fn reason(tf_type: &str, path: &[&str]) -> Option<&'static str> {
    let line = ACCEPTED.iter().find(|(of, names, _)| *of == tf_type && *names == path);
    line.map(|(.., reason)| *reason)
}
