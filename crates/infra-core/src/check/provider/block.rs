//! Checks blocks with the JSON Schema of their type, and describes the findings as violations.

use serde_json::Value;

use super::{
    Block, Checked, ProviderSchema,
    convert::{self, Shape},
    deprecated,
};
use crate::check::{
    Violation,
    json_schema::{Finding, Step, all, display},
};

/// The arguments that Terraform accepts in every block.
const META_ARGUMENTS: &[&str] = &["//", "count", "depends_on", "for_each", "lifecycle", "provider"];

impl ProviderSchema<'_> {
    pub(super) fn unknown_type(&self, it: &Checked<'_>) -> Violation {
        let known = self.types().filter(|(kind, _)| *kind == it.kind).map(|(_, name)| name);
        Violation::new(
            "provider/unknown-type",
            it.address,
            format!("the vendored schema of the provider has no type {}", it.tf_type),
            suggestion(it.tf_type, known).unwrap_or_else(|| {
                "run `cargo run -p infra-gen -- schema`; if the provider lacks the type, that command \
                 reports it"
                    .to_owned()
            }),
        )
    }
}

/// Every violation in these blocks of one type.
pub(super) fn judge(schema: &Block<'_>, tf_type: &str, blocks: &[&Checked<'_>]) -> Vec<Violation> {
    let bodies: Vec<_> = blocks.iter().map(|it| (it.address, plain(it.body, schema))).collect();
    let shape = bodies.iter().map(|(_, body)| Shape::of(body)).collect();
    let validator = convert::validator(schema, &shape)
        .expect("`convert` makes a valid JSON Schema: a test compiles it for every type");
    let findings = bodies.iter().flat_map(|(address, body)| {
        let found = all(&validator, body).into_iter();
        let found = found.map(|it| (names(&it), violation(address, schema, it)));
        let counts = found.filter(|(names, it)| {
            it.rule != DEPRECATED || deprecated::reason(tf_type, &text(names)).is_none()
        });
        counts.map(|(_, it)| it).collect::<Vec<_>>()
    });
    let of_the_type = blocks.iter().filter(|_| schema.deprecated).map(|it| {
        Violation::new(
            DEPRECATED,
            it.address,
            format!("the provider deprecates the type {tf_type}"),
            "use the replacement that the provider's documentation names",
        )
    });
    of_the_type.chain(findings).collect()
}

const DEPRECATED: &str = "provider/deprecated";

/// The field names in the path of a finding.
fn names(finding: &Finding) -> Vec<String> {
    let names = finding.path.iter().filter_map(|it| match it {
        Step::Field(name) => Some(name.clone()),
        Step::Item(_) => None,
    });
    names.collect()
}

fn text(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

/// The body in the form that the JSON Schema describes: without meta-arguments, comments and null values, and with
/// nested blocks always as lists.
pub(super) fn plain(body: &Value, block: &Block<'_>) -> Value {
    without(body, block, META_ARGUMENTS)
}

fn without(body: &Value, block: &Block<'_>, meta: &[&str]) -> Value {
    let Value::Object(fields) = body else { return body.clone() };
    // Terraform treats a known argument with null as absent.
    let known =
        |name: &str| block.attributes.contains_key(name) || block.block_types.contains_key(name);
    let fields = fields
        .iter()
        .filter(|(name, it)| !(meta.contains(&name.as_str()) || it.is_null() && known(name)));
    let fields = fields.map(|(name, value)| {
        let value = match (block.block_types.get(name.as_str()), value) {
            (Some(nested), Value::Array(items)) => {
                items.iter().map(|it| without(it, &nested.block, &["//"])).collect()
            }
            (Some(nested), Value::Object(_)) => {
                Value::Array(vec![without(value, &nested.block, &["//"])])
            }
            _ => value.clone(),
        };
        (name.clone(), value)
    });
    Value::Object(fields.collect())
}

fn violation(address: &str, block: &Block<'_>, finding: Finding) -> Violation {
    let path = display(&finding.path);
    let place = if path.is_empty() { address.to_owned() } else { format!("{address}.{path}") };
    let (rule, problem, fix) = match finding.keyword.as_str() {
        "additionalProperties" => unknown(block, &finding),
        "required" => ("provider/missing-argument", finding.problem, finding.fix),
        "minItems" | "maxItems" => (
            "provider/block-count",
            format!("the number of these blocks is wrong: {}", finding.problem),
            "read in the provider's documentation how many of these blocks are allowed".to_owned(),
        ),
        "format" => (
            "provider/wrong-type",
            format!("{}, but only a reference may be text here", finding.problem),
            "use the type that the provider requires: a number, a bool, a list or an object"
                .to_owned(),
        ),
        _ => ("provider/wrong-type", finding.problem, finding.fix),
    };
    Violation::new(rule, place, problem, fix)
}

/// Describes an argument that may not be set: unknown, deprecated or computed.
fn unknown(block: &Block<'_>, finding: &Finding) -> (&'static str, String, String) {
    let (name, within) = match finding.path.split_last() {
        Some((Step::Field(name), within)) => (name.as_str(), inner(block, within)),
        _ => ("", Some(block)),
    };
    let attribute = within.and_then(|it| it.attributes.get(name));
    let nested = within.and_then(|it| it.block_types.get(name));
    let deprecated = attribute.is_some_and(|it| it.deprecated) || nested.is_some();
    match attribute {
        // A known nested block is left out of the schema only if it is deprecated.
        _ if deprecated => (
            DEPRECATED,
            "the provider deprecates it, and `terraform validate` would warn".to_owned(),
            "use the replacement that the provider's documentation names".to_owned(),
        ),
        Some(_) => (
            "provider/computed-only",
            "the provider computes it, so it cannot be set".to_owned(),
            "remove it".to_owned(),
        ),
        None => {
            let attributes = within.into_iter().flat_map(|it| it.attributes.keys());
            let blocks = within.into_iter().flat_map(|it| it.block_types.keys());
            let names = attributes.chain(blocks).copied();
            // Terraform's own arguments are allowed only at the top of a block.
            let meta = if finding.path.len() == 1 { META_ARGUMENTS } else { &[] };
            (
                "provider/unknown-argument",
                "the provider has no such argument".to_owned(),
                suggestion(name, names.chain(meta.iter().copied()))
                    .unwrap_or_else(|| "remove it".to_owned()),
            )
        }
    }
}

/// The nested block at a path.
fn inner<'b, 's>(block: &'b Block<'s>, path: &[Step]) -> Option<&'b Block<'s>> {
    path.iter().try_fold(block, |block, step| match step {
        Step::Field(name) => block.block_types.get(name.as_str()).map(|it| &it.block),
        Step::Item(_) => Some(block),
    })
}

/// Suggests the most similar known name, if one is similar. Of two equally similar names, the first by the alphabet.
pub(super) fn suggestion<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<String> {
    let close = known.map(|it| (strsim::jaro_winkler(name, it), it));
    let best = close
        .filter(|(score, _)| *score > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))?;
    Some(format!("did you mean `{}`?", best.1))
}
