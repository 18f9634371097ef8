//! Reads the generated files of an environment as JSON.

use std::collections::BTreeMap;

use infra_gen::{config::Environment, roots};
use serde_json::Value;

pub(crate) struct Root {
    files: BTreeMap<String, Value>,
}

impl Root {
    pub(crate) fn of(environment: Environment) -> Self {
        Root::from(roots::environment(environment).files)
    }

    pub(crate) fn bootstrap() -> Self {
        Root::from(roots::bootstrap().files)
    }

    /// A file, by the end of its path.
    #[track_caller]
    pub(crate) fn file(&self, end: &str) -> &Value {
        let found = self.files.iter().find(|(path, _)| path.ends_with(end));
        found.map(|(_, file)| file).unwrap_or_else(|| panic!("no file {end} is generated"))
    }

    /// Every resource of a type, by `module.name`.
    pub(crate) fn resources(&self, tf_type: &str) -> BTreeMap<String, &Value> {
        let mut all = BTreeMap::new();
        for (path, file) in &self.files {
            let Some(module) = path.strip_suffix("/main.tf.json") else { continue };
            let module = module.rsplit('/').next().unwrap_or(module);
            let Some(resources) = file["resource"][tf_type].as_object() else { continue };
            all.extend(resources.iter().map(|(name, it)| (format!("{module}.{name}"), it)));
        }
        all
    }

    #[track_caller]
    pub(crate) fn resource(&self, tf_type: &str, name: &str) -> &Value {
        let found = self.resources(tf_type);
        found.get(name).unwrap_or_else(|| panic!("no {tf_type} {name} is generated"))
    }

    /// Every policy document, by `module.name`.
    pub(crate) fn policies(&self) -> BTreeMap<String, &Value> {
        let mut all = BTreeMap::new();
        for (path, file) in &self.files {
            let Some(module) = path.strip_suffix("/main.tf.json") else { continue };
            let module = module.rsplit('/').next().unwrap_or(module);
            let policies = file["data"]["aws_iam_policy_document"].as_object();
            all.extend(
                policies.into_iter().flatten().map(|(name, it)| (format!("{module}.{name}"), it)),
            );
        }
        all
    }
}

impl From<BTreeMap<String, String>> for Root {
    fn from(files: BTreeMap<String, String>) -> Self {
        let json = |(path, text): (String, String)| {
            let value = serde_json::from_str(&text).unwrap_or_else(|err| panic!("{path}: {err}"));
            (path, value)
        };
        let is_json = |(path, _): &(String, String)| path.ends_with(".json");
        Root { files: files.into_iter().filter(is_json).map(json).collect() }
    }
}

/// A document inside a string.
pub(crate) fn inner(text: &Value) -> Value {
    serde_json::from_str(text.as_str().unwrap()).unwrap()
}
