//! Checks that Terraform and OpenTofu both understand the generated files, from the version on that the roots require.
//!
//! The lists below have each word of the language in the generated files, with the first release of each product that
//! supports it. A word that is not on a list fails the test: look it up in both manuals, and add it.
//!
//! <https://developer.hashicorp.com/terraform/language> <https://opentofu.org/docs/language/>

use std::collections::BTreeSet;

use infra_core::model::backend::REQUIRED_TERRAFORM;
use infra_gen::{
    config::Environment,
    roots::{self, Generated},
};
use serde_json::{Map, Value, json};

/// A word, its place, and the first releases of Terraform and OpenTofu that support it. OpenTofu began with the
/// language of Terraform 1.5.
type Word = (&'static str, (u32, u32), (u32, u32));

const FORK: (u32, u32) = (1, 6);

/// Blocks of a file.
const BLOCKS: &[Word] = &[
    ("data", (1, 0), FORK),
    ("import", (1, 5), FORK),
    ("module", (1, 0), FORK),
    ("moved", (1, 1), FORK),
    ("output", (1, 0), FORK),
    ("provider", (1, 0), FORK),
    ("removed", (1, 7), (1, 7)),
    ("resource", (1, 0), FORK),
    ("terraform", (1, 0), FORK),
    ("variable", (1, 0), FORK),
];

/// The arguments of a block, as `block.argument`.
const ARGUMENTS: &[Word] = &[
    ("import.id", (1, 5), FORK),
    ("import.to", (1, 5), FORK),
    ("module.source", (1, 0), FORK),
    ("moved.from", (1, 1), FORK),
    ("moved.to", (1, 1), FORK),
    ("output.description", (1, 0), FORK),
    ("output.sensitive", (1, 0), FORK),
    ("output.value", (1, 0), FORK),
    ("removed.from", (1, 7), (1, 7)),
    // OpenTofu had none in the beginning: https://github.com/opentofu/opentofu/pull/2628
    ("removed.lifecycle", (1, 7), (1, 10)),
    ("removed.lifecycle.destroy", (1, 7), (1, 10)),
    ("resource.depends_on", (1, 0), FORK),
    ("resource.lifecycle", (1, 0), FORK),
    ("resource.lifecycle.create_before_destroy", (1, 0), FORK),
    ("terraform.backend", (1, 0), FORK),
    ("terraform.backend.s3.bucket", (1, 0), FORK),
    ("terraform.backend.s3.encrypt", (1, 0), FORK),
    ("terraform.backend.s3.key", (1, 0), FORK),
    ("terraform.backend.s3.region", (1, 0), FORK),
    // https://developer.hashicorp.com/terraform/language/v1.10.x/upgrade-guides
    // https://github.com/opentofu/opentofu/releases/tag/v1.10.0
    ("terraform.backend.s3.use_lockfile", (1, 10), (1, 10)),
    ("terraform.required_providers", (1, 0), FORK),
    ("terraform.required_version", (1, 0), FORK),
    ("variable.default", (1, 0), FORK),
    ("variable.description", (1, 0), FORK),
    ("variable.type", (1, 0), FORK),
];

/// Functions in expressions.
const FUNCTIONS: &[Word] = &[
    ("file", (1, 0), FORK),
    ("filebase64sha256", (1, 0), FORK),
    ("replace", (1, 0), FORK),
    ("templatefile", (1, 0), FORK),
];

/// The names before the dot in an expression, apart from types of resources.
const NAMES: &[Word] = &[
    ("data", (1, 0), FORK),
    ("module", (1, 0), FORK),
    ("path", (1, 0), FORK),
    ("var", (1, 0), FORK),
];

/// Arguments that Terraform takes in any resource, whatever its type.
const OF_THE_LANGUAGE: &[&str] = &[
    "connection",
    "count",
    "depends_on",
    "dynamic",
    "for_each",
    "lifecycle",
    "provider",
    "provisioner",
];

/// Everything in a file that is not on the lists, or came after the version that is asked for.
fn judge(file: &Value, asked: (u32, u32)) -> Vec<String> {
    let mut judge = Judge { asked, found: BTreeSet::new() };
    let none = Map::new();
    for (block, body) in file.as_object().unwrap_or(&none) {
        judge.word(BLOCKS, block);
        judge.block(block, body);
    }
    judge.expressions(file);
    judge.found.into_iter().collect()
}

struct Judge {
    asked: (u32, u32),
    found: BTreeSet<String>,
}

impl Judge {
    fn word(&mut self, list: &[Word], word: &str) {
        let said = match list.iter().find(|it| it.0 == word) {
            None => format!("{word} is not on the list of what both understand"),
            Some((_, terraform, tofu)) if *terraform.max(tofu) > self.asked => {
                format!("{word} came with Terraform {terraform:?} and OpenTofu {tofu:?}")
            }
            Some(_) => return,
        };
        self.found.insert(said);
    }

    /// The arguments of a block of the language. Those of resources are the provider's, except a few.
    fn block(&mut self, block: &str, body: &Value) {
        let items: Vec<&Value> = match (block, body) {
            (_, Value::Array(items)) => items.iter().collect(),
            ("resource" | "data", body) => values(body).flat_map(values).collect(),
            ("variable" | "output" | "module", body) => values(body).collect(),
            (_, body) => vec![body],
        };
        for (name, value) in items.into_iter().filter_map(Value::as_object).flatten() {
            if name == "//" {
                continue;
            }
            let path = format!("{block}.{name}");
            match block {
                // Its arguments are the provider's, and a module's are its variables.
                "provider" => (),
                "module" if name != "source" && !OF_THE_LANGUAGE.contains(&name.as_str()) => (),
                "resource" | "data" if !OF_THE_LANGUAGE.contains(&name.as_str()) => (),
                _ => self.word(ARGUMENTS, &path),
            }
            match path.as_str() {
                "resource.lifecycle" | "removed.lifecycle" => self.block(&path, value),
                "terraform.backend" => self.block("terraform.backend.s3", &value["s3"]),
                _ => (),
            }
        }
    }

    /// Collects the functions and names in the templates of every text.
    fn expressions(&mut self, value: &Value) {
        match value {
            Value::String(text) => templates(text).into_iter().for_each(|it| self.expression(it)),
            Value::Array(items) => items.iter().for_each(|it| self.expressions(it)),
            Value::Object(fields) => fields.values().for_each(|it| self.expressions(it)),
            _ => (),
        }
    }

    fn expression(&mut self, text: &str) {
        // Texts inside an expression name nothing.
        let bare: String = text.split('"').step_by(2).collect::<Vec<_>>().join(" ");
        let is_word = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | ':' | '-');
        let mut rest = bare.as_str();
        while let Some(start) = rest.find(|it: char| it.is_ascii_alphabetic()) {
            let word = &rest[start..];
            let end = word.find(|it| !is_word(it)).unwrap_or(word.len());
            let (word, behind) = word.split_at(end);
            let inner = rest[..start].ends_with('.');
            if behind.starts_with('(') {
                self.word(FUNCTIONS, word);
            } else if behind.starts_with('.') && !inner && !word.starts_with("aws_") {
                self.word(NAMES, word);
            }
            rest = behind;
        }
    }
}

fn values(of: &Value) -> impl Iterator<Item = &Value> {
    of.as_object().into_iter().flat_map(Map::values)
}

/// The content of `${…}` and `%{…}`. With the sign doubled, it is plain text.
fn templates(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for sign in ["${", "%{"] {
        for (at, _) in text.match_indices(sign) {
            if !text[..at].ends_with(&sign[..1]) {
                let inside = &text[at + 2..];
                let mut depth = 1;
                let end = inside.find(|it| {
                    depth += i32::from(it == '{') - i32::from(it == '}');
                    depth == 0
                });
                found.push(&inside[..end.unwrap_or(inside.len())]);
            }
        }
    }
    found
}

/// The version in `>= 1.10`, which both compare with their own.
fn asked() -> (u32, u32) {
    let version = REQUIRED_TERRAFORM.strip_prefix(">= ").unwrap();
    let (major, minor) = version.split_once('.').unwrap();
    (major.parse().unwrap(), minor.parse().unwrap())
}

#[test]
fn both_understand_everything_that_is_generated() {
    let bootstraps = roots::bootstraps().into_iter().map(|it| it.1);
    let roots = Environment::ALL.map(roots::environment).into_iter();
    let mut files = 0;
    for Generated { files: texts, .. } in roots.chain([roots::cicd()]).chain(bootstraps) {
        for (path, text) in texts.iter().filter(|(path, _)| path.ends_with(".json")) {
            // A document is not a file of the language, but `templatefile` reads it as a template.
            let file: Value = serde_json::from_str(text).unwrap();
            let file = if path.ends_with(".tf.json") { file } else { json!([file]) };
            assert_eq!(judge(&file, asked()), [""; 0], "{path}");
            files += 1;
        }
    }
    assert!(files > 100, "{files}");
}

#[test]
fn what_one_of_them_alone_understands_is_refused() {
    fn check(file: Value, words: &str) {
        let found = judge(&file, asked());
        assert!(found.len() == 1 && found[0].starts_with(words), "{file}: {found:?}");
    }
    let resource = |body: Value| json!({ "resource": { "aws_sqs_queue": { "it": body } } });
    assert_eq!(judge(&resource(json!({ "name": "${var.a}-$${b(c)}" })), asked()), [""; 0]);
    // Terraform's alone, or sooner.
    check(json!({ "ephemeral": {} }), "ephemeral is not");
    check(json!({ "action": {} }), "action is not");
    check(json!({ "variable": { "a": { "ephemeral": true } } }), "variable.ephemeral is not");
    check(resource(json!({ "name": "${ephemeralasnull(var.a)}" })), "ephemeralasnull is not");
    check(resource(json!({ "name": "${terraform.applying}" })), "terraform is not");
    check(resource(json!({ "lifecycle": { "action_trigger": {} } })), "resource.lifecycle.action");
    // OpenTofu's alone, or sooner.
    check(json!({ "language": {} }), "language is not");
    check(json!({ "terraform": { "encryption": {} } }), "terraform.encryption is not");
    check(resource(json!({ "lifecycle": { "enabled": true } })), "resource.lifecycle.enabled");
    check(resource(json!({ "name": "${cidrcontains(var.a, var.b)}" })), "cidrcontains is not");
    check(resource(json!({ "name": "%{ if base64gunzip(var.a) }b%{ endif }" })), "base64gunzip is");
    let backend = json!({ "bucket": "a", "lock_tags": {} });
    let backend = json!({ "terraform": { "backend": { "s3": backend } } });
    check(backend, "terraform.backend.s3.lock_tags is not");
    // In both tools, and not on the list: a person must decide.
    check(
        resource(json!({ "name": "${provider::aws::arn_parse(var.a)}" })),
        "provider::aws::arn_parse",
    );
    check(resource(json!({ "count": 2 })), "resource.count is not");
    // On the list, and not in what is asked for.
    let locked = json!({ "terraform": { "backend": { "s3": { "use_lockfile": true } } } });
    assert_eq!(judge(&locked, (1, 10)), [""; 0]);
    assert_eq!(judge(&locked, (1, 9)).len(), 1);
    let removed = json!({ "removed": [{ "from": "a.b", "lifecycle": { "destroy": true } }] });
    assert_eq!(judge(&removed, (1, 9)).len(), 2);
}
