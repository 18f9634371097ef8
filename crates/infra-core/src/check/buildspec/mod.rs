//! Checks build specifications: that CodeBuild accepts the YAML, and that it reads the values that were written.

pub(super) mod located;
#[cfg(test)]
mod tests;

use serde_json::Value;

use self::located::Located;
use super::{
    Violation,
    json_schema::{Schema, Step, display},
};
use crate::render::buildspec::BuildSpec;

static SCHEMA: Schema = Schema::new(include_str!("../../../schemas/codebuild-buildspec-0.2.json"));

/// Every violation in the build spec `text`, which is in the file `path`.
pub fn check(path: &str, text: &str) -> Vec<Violation> {
    let located = match Located::parse(text) {
        Ok(located) => located,
        Err(error) => {
            let address = format!("{path}:{}", error.line);
            let fix = "correct the template: the file must be YAML without duplicate keys";
            return vec![Violation::new("buildspec/yaml", address, error.problem, fix)];
        }
    };
    let findings = SCHEMA.findings(&located.value).into_iter().map(|finding| {
        let subject = match display(&finding.path) {
            field if field.is_empty() => "the file".to_owned(),
            field => format!("`{field}`"),
        };
        let address = address(path, &located, &finding.path);
        Violation::new(
            "buildspec/schema",
            address,
            format!("{subject} {}", finding.problem),
            finding.fix,
        )
    });
    // In the order of the file.
    let mut violations: Vec<_> = findings.collect();
    violations.sort_by_cached_key(|it| (line(&it.address), it.clone()));
    violations
}

/// Every field in which the build spec `text`, read by a YAML parser, differs from the `spec` that it was rendered from.
///
/// [`check`] reports text that does not parse.
pub fn check_round_trip(path: &str, text: &str, spec: &BuildSpec) -> Vec<Violation> {
    let Ok(located) = Located::parse(text) else { return Vec::new() };
    let meant = serde_json::to_value(spec).expect("every map of a build spec has text for keys");
    let mut differences = Vec::new();
    differ(&meant, &located.value, &mut Vec::new(), &mut differences);
    let told = differences.into_iter().map(|field| {
        Violation::new(
            "buildspec/round-trip",
            address(path, &located, &field),
            format!(
                "a YAML parser reads another value of `{}` than the one that was written",
                display(&field)
            ),
            "correct the quoting in crates/infra-core/src/render/buildspec/yaml.rs",
        )
    });
    told.collect()
}

/// `buildspec.yml:12 phases.build.commands[0]`
fn address(path: &str, located: &Located, field: &[Step]) -> String {
    let address = format!("{path}:{} {}", located.line(field), display(field));
    address.trim_end().to_owned()
}

fn line(address: &str) -> Option<u64> {
    let (_, rest) = address.split_once(':')?;
    rest.split(' ').next()?.parse().ok()
}

/// Collects the fields in which two values differ: the outermost field if a whole part is missing, otherwise the
/// innermost one.
fn differ(meant: &Value, read: &Value, path: &mut Vec<Step>, differences: &mut Vec<Vec<Step>>) {
    match (meant, read) {
        (Value::Object(meant), Value::Object(read)) => {
            let surplus = read.keys().filter(|it| !meant.contains_key(*it));
            for name in meant.keys().chain(surplus) {
                path.push(Step::Field(name.clone()));
                match (meant.get(name), read.get(name)) {
                    (Some(meant), Some(read)) => differ(meant, read, path, differences),
                    _ => differences.push(path.clone()),
                }
                path.pop();
            }
        }
        (Value::Array(meant), Value::Array(read)) if meant.len() == read.len() => {
            for (at, (meant, read)) in meant.iter().zip(read).enumerate() {
                path.push(Step::Item(at));
                differ(meant, read, path, differences);
                path.pop();
            }
        }
        _ if meant == read => (),
        _ => differences.push(path.clone()),
    }
}
