//! A Terraform root in JSON syntax: the modules, and the wires between them.
//!
//! <https://developer.hashicorp.com/terraform/language/syntax/json>

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{
    json::{file, pretty, to_value},
    term::{Place, expression},
};
use crate::model::{
    BlockKind, ModuleName, Stack,
    backend::{Backend, REQUIRED_PROVIDER, REQUIRED_TERRAFORM},
    escape,
    expr::{Attribute, RootVariable, Term},
    stack::Node,
};

/// Every file of a root, by its path inside the root.
pub fn root(stack: &Stack, backend: Option<&Backend>) -> BTreeMap<String, String> {
    let modules = modules(stack);
    let mut files = BTreeMap::new();
    for (name, module) in &modules {
        let folder = format!("modules/{}", name.as_str());
        for (path, value) in module.files(*name) {
            files.insert(format!("{folder}/{path}"), pretty(&value));
        }
        for node in &module.nodes {
            let mut documents = Vec::new();
            node.body.documents(&mut documents);
            for document in documents {
                files.insert(format!("{folder}/{}", document.file), file(document));
            }
        }
    }
    files.extend(super::refactoring::files(stack));
    let mut put = |path: &str, value: Value| files.insert(path.to_owned(), pretty(&value));
    put("main.tf.json", calls(&modules));
    put("providers.tf.json", providers(stack));
    put("outputs.tf.json", outputs(stack));
    put("variables.tf.json", variables(&modules));
    if let Some(backend) = backend {
        put("backend.tf.json", state(backend));
    }
    files
}

/// One module: its blocks, what it takes and what it gives.
#[derive(Default)]
struct Module<'s> {
    nodes: Vec<&'s Node>,
    /// Attributes of other modules' blocks.
    takes: BTreeMap<&'s str, &'s Attribute>,
    root_variables: BTreeSet<&'s RootVariable>,
    /// Attributes that other modules or the root take.
    gives: BTreeMap<&'s str, &'s Attribute>,
}

fn modules(stack: &Stack) -> BTreeMap<ModuleName, Module<'_>> {
    let mut modules: BTreeMap<ModuleName, Module<'_>> = BTreeMap::new();
    for node in stack.nodes() {
        let here = node.address.module();
        let module = modules.entry(here).or_default();
        module.nodes.push(node);
        let mut given = Vec::new();
        node.body.terms(&mut |term| {
            let (mut attributes, mut variables) = (Vec::new(), Vec::new());
            term.attributes(&mut attributes);
            term.variables(&mut variables);
            module.root_variables.extend(variables);
            for attribute in attributes {
                if attribute.of().module() != here {
                    module.takes.insert(attribute.label(), attribute);
                    given.push(attribute);
                }
            }
        });
        for attribute in given {
            give(&mut modules, attribute);
        }
    }
    for (_, output) in stack.outputs() {
        let mut attributes = Vec::new();
        output.term.attributes(&mut attributes);
        attributes.into_iter().for_each(|it| give(&mut modules, it));
    }
    modules
}

fn give<'s>(modules: &mut BTreeMap<ModuleName, Module<'s>>, attribute: &'s Attribute) {
    let owner = modules.entry(attribute.of().module()).or_default();
    owner.gives.insert(attribute.label(), attribute);
}

impl Module<'_> {
    fn files(&self, name: ModuleName) -> [(&'static str, Value); 3] {
        let taken = self.takes.iter().map(|(label, attribute)| {
            let description = format!("`{}` of {}.", attribute.name(), attribute.of());
            ((*label).to_owned(), variable(&description))
        });
        let set =
            self.root_variables.iter().map(|it| (it.name().to_owned(), variable(it.description())));
        let variables: Map<_, _> = taken.chain(set).collect();
        let outputs: Map<_, _> = self
            .gives
            .iter()
            .map(|(label, attribute)| {
                let term = Term::Attribute((*attribute).clone());
                let value = format!("${{{}}}", expression(&term, Place::Module(name)));
                let description = format!("`{}` of {}.", attribute.name(), attribute.of().local());
                let secret = attribute.is_secret();
                ((*label).to_owned(), output(&value, &description, secret))
            })
            .collect();
        [
            ("main.tf.json", self.blocks()),
            ("variables.tf.json", section("variable", variables)),
            ("outputs.tf.json", section("output", outputs)),
        ]
    }

    fn blocks(&self) -> Value {
        let mut sections: BTreeMap<&str, BTreeMap<&str, Map<String, Value>>> = BTreeMap::new();
        for node in &self.nodes {
            let section = match node.address.kind() {
                BlockKind::Resource => "resource",
                BlockKind::Data => "data",
            };
            sections
                .entry(section)
                .or_default()
                .entry(node.address.tf_type())
                .or_default()
                .insert(node.address.name().to_owned(), block(node));
        }
        json!(sections)
    }
}

/// One block as Terraform reads it.
pub(crate) fn block(node: &Node) -> Value {
    let mut value = to_value(&node.body, Place::Module(node.address.module()));
    if let Value::Object(fields) = &mut value {
        fields.insert("//".to_owned(), node.doc.clone().into());
        if !node.depends_on.is_empty() {
            let all: Vec<_> = node.depends_on.iter().map(|it| it.local()).collect();
            fields.insert("depends_on".to_owned(), all.into());
        }
        if node.create_before_destroy {
            fields.insert("lifecycle".to_owned(), json!({ "create_before_destroy": true }));
        }
    }
    value
}

fn variable(description: &str) -> Value {
    json!({ "type": "string", "description": escape(description) })
}

fn output(value: &str, description: &str, secret: bool) -> Value {
    let mut output = json!({ "value": value, "description": description });
    if secret {
        output["sensitive"] = true.into();
    }
    output
}

/// An empty section is an empty file, since an empty `variable` block would be none.
fn section(name: &str, entries: Map<String, Value>) -> Value {
    if entries.is_empty() { json!({}) } else { json!({ name: entries }) }
}

fn calls(modules: &BTreeMap<ModuleName, Module<'_>>) -> Value {
    let calls: Map<_, _> = modules
        .iter()
        .map(|(name, module)| {
            let mut call = Map::new();
            call.insert("source".to_owned(), format!("./modules/{}", name.as_str()).into());
            for (label, attribute) in &module.takes {
                let term = Term::Attribute((*attribute).clone());
                let value = format!("${{{}}}", expression(&term, Place::Root));
                call.insert((*label).to_owned(), value.into());
            }
            for it in &module.root_variables {
                call.insert(it.name().to_owned(), format!("${{var.{}}}", it.name()).into());
            }
            (name.as_str().to_owned(), call.into())
        })
        .collect();
    section("module", calls)
}

fn variables(modules: &BTreeMap<ModuleName, Module<'_>>) -> Value {
    let all: BTreeSet<_> = modules.values().flat_map(|it| it.root_variables.iter()).collect();
    let variables = all.into_iter().map(|it| {
        let mut variable = variable(it.description());
        variable["default"] = it.default().into();
        (it.name().to_owned(), variable)
    });
    section("variable", variables.collect())
}

fn outputs(stack: &Stack) -> Value {
    let outputs = stack.outputs().map(|(name, output)| {
        let value = format!("${{{}}}", expression(&output.term, Place::Root));
        let mut attributes = Vec::new();
        output.term.attributes(&mut attributes);
        let secret = attributes.iter().any(|it| it.is_secret());
        (name.to_owned(), self::output(&value, &escape(output.description), secret))
    });
    section("output", outputs.collect())
}

fn providers(stack: &Stack) -> Value {
    let scope = stack.scope();
    let accounts: Vec<_> = scope.accounts.iter().map(|it| it.as_str()).collect();
    json!({
        "terraform": {
            "required_version": REQUIRED_TERRAFORM,
            "required_providers": {
                "aws": { "source": "hashicorp/aws", "version": REQUIRED_PROVIDER.to_string() },
            },
        },
        "provider": {
            "aws": {
                "//": "No other account than this: a wrong profile changes nothing.",
                "region": scope.region.as_str(),
                "allowed_account_ids": accounts,
                "default_tags": { "tags": scope.tags },
            },
        },
    })
}

fn state(backend: &Backend) -> Value {
    json!({
        "terraform": {
            "backend": {
                "s3": {
                    "bucket": backend.bucket,
                    "key": backend.key,
                    "region": backend.region,
                    "encrypt": true,
                    "use_lockfile": true,
                },
            },
        },
    })
}
