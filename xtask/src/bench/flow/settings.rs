//! The settings of generated/dev that limit the rate of orders. They are removed one after another while the system
//! runs.

use serde_json::json;

use super::aws::Aws;

/// A setting, and the call to the emulated AWS that removes the limit.
pub(super) struct Setting {
    /// The change that this setting makes, on top of those before.
    pub(super) name: &'static str,
    pub(super) change: fn(&Aws<'_>) -> anyhow::Result<()>,
}

/// The settings, in the order in which they are removed. None is restored. The emulator obeys these two, but neither a
/// function's memory nor a batch window.
pub(super) const SETTINGS: [Setting; 2] = [
    Setting { name: "and no limit of the API", change: unthrottled },
    Setting { name: "and 50 batches in parallel instead of 2", change: in_parallel },
];

fn unthrottled(aws: &Aws<'_>) -> anyhow::Result<()> {
    let limits = ["rateLimit", "burstLimit"].map(|it| format!("/*/*/throttling/{it}"));
    aws.patch_stage(&limits.each_ref().map(|it| (it.as_str(), "10000")))
}

fn in_parallel(aws: &Aws<'_>) -> anyhow::Result<()> {
    let source = aws.event_source()?;
    aws.put(&source, &json!({"ScalingConfig": {"MaximumConcurrency": 50}}))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::Value;

    /// Checks that the names above are true, and that dev has a limit that can be removed.
    #[test]
    fn dev_has_these_settings() {
        let modules = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../generated/dev/modules"));
        let read = |module: &str| -> Value {
            let path = modules.join(module).join("main.tf.json");
            serde_json::from_slice(&fs_err::read(path).unwrap()).unwrap()
        };
        let of = |file: &Value, kind: &str| {
            let named = file["resource"][kind].as_object().unwrap();
            assert_eq!(named.len(), 1, "{kind}");
            named.values().next().cloned().unwrap()
        };
        let source = of(&read("lambdas"), "aws_lambda_event_source_mapping");
        assert_eq!(source["scaling_config"][0]["maximum_concurrency"], 2);
        let settings = of(&read("api_gateway"), "aws_api_gateway_method_settings");
        assert_eq!(settings["method_path"], "*/*");
        assert!(settings["settings"][0]["throttling_rate_limit"].as_u64().unwrap() < 100);
    }
}
