//! Findings of the review that the plan does not confirm, each with the reason.

use super::compare::Problem;

/// Type, argument and reason. The review reads the files and the provider's schema, and not the resources in AWS.
pub(super) const ACCEPTED: &[(&str, &str, &str)] = &[
    (
        "aws_cloudwatch_metric_alarm",
        "actions_enabled",
        "the default is written out: the schema that Terraform prints has no defaults",
    ),
    (
        "aws_cloudwatch_metric_alarm",
        "tags_all",
        "the provider computes it from the tags, so a value in the files changes nothing: the review has no rule for it, and asks to read \
         the plan",
    ),
    (
        "aws_lambda_function",
        "ephemeral_storage",
        "what AWS has is written out: the schema that Terraform prints does not say which blocks the provider fills in",
    ),
    (
        "aws_lambda_function",
        "tracing_config",
        "a block that is removed keeps its value in AWS: the schema does not show that for blocks. The finding is about the arguments that \
         the files request",
    ),
];

/// Returns the row that accepts a difference at a block: the review has only this argument as the reason for a change.
pub(super) fn row(problem: Problem, address: &str, lines: &[String]) -> Option<usize> {
    let is_about = |line: &String, argument: &str| {
        let path = line.split_once(": ").map_or(line.as_str(), |it| it.0);
        path.split('.').next() == Some(argument)
    };
    let is_row = |(tf_type, argument, _): &(&str, &str, &str)| {
        address.contains(&format!(".{tf_type}."))
            && !lines.is_empty()
            && lines.iter().all(|line| is_about(line, argument))
    };
    ACCEPTED.iter().position(is_row).filter(|_| problem == Problem::Invented)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_named_argument_is_accepted() {
        #[track_caller]
        fn check(problem: Problem, address: &str, lines: &[&str], expected: Option<usize>) {
            let lines: Vec<String> = lines.iter().map(|it| (*it).to_owned()).collect();
            assert_eq!(row(problem, address, &lines), expected, "{address} {lines:?}");
        }
        let alarm = "module.m.aws_cloudwatch_metric_alarm.a";
        let enabled = "actions_enabled: + true";
        check(Problem::Invented, alarm, &[enabled], Some(0));
        check(Problem::Missed, alarm, &[enabled], None);
        check(Problem::Invented, alarm, &[enabled, "threshold: 1 → 2"], None);
        check(Problem::Invented, alarm, &[], None);
        check(Problem::Invented, alarm, &["actions_enabled_by: + true"], None);
        let function = "module.m.aws_lambda_function.a";
        check(Problem::Invented, function, &["ephemeral_storage.size: + 512"], Some(2));
        check(Problem::Invented, "module.m.aws_sqs_queue.a", &[enabled], None);
    }
}
