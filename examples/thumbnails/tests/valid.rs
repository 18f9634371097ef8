//! Checks that the example breaks no rule, and that the AWS provider accepts it.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::path::Path;

use fs_err as fs;
use infra_core::{check, generate, graph, model::backend::PROVIDER_VERSION, render, tree::Tree};
use serde_json::Value;
use terraform_cli::Terraform;
use thumbnails::{ROOT, thumbnails};

fn file(path: &str) -> Value {
    serde_json::from_str(&render::root(&thumbnails(), None)[path]).unwrap()
}

#[test]
fn it_breaks_no_rule() {
    let found = check::stack(&thumbnails());
    let listed: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert!(found.is_empty(), "{}", listed.join("\n"));
}

#[test]
fn the_committed_files_are_up_to_date() {
    let generated = generate::root(&thumbnails(), ROOT, None);
    let tree = Tree::owning(&format!("generated/{ROOT}"), generated.files).unwrap();
    let changes = tree.changes(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let diff: String = changes.iter().map(|it| it.diff()).collect();
    assert!(
        changes.is_empty(),
        "{diff}\nwrite them again: cargo run -p thumbnails -- examples/thumbnails"
    );
}

/// Takes about ten seconds: Terraform starts the provider.
#[test]
fn the_real_provider_takes_it() {
    let work = Path::new(env!("CARGO_TARGET_TMPDIR")).join("thumbnails");
    let _ = fs::remove_dir_all(&work);
    for (path, text) in render::root(&thumbnails(), None) {
        let target = work.join("root").join(path);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(target, text).unwrap();
    }
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("plugin-cache");
    let terraform = Terraform::find(PROVIDER_VERSION, &work)
        .and_then(|it| it.with_plugin_cache(&cache))
        .unwrap_or_else(|err| panic!("{err}"));
    let (root, data) = (work.join("root"), work.join("data"));
    let provider = terraform.start_provider(&data).unwrap_or_else(|err| panic!("{err}"));
    let provider = provider.expect("the provider is in the plugin cache");
    let terraform = terraform.with_provider(&provider);
    terraform.run(&root, &data, &["init", "-backend=false"]).unwrap_or_else(|err| panic!("{err}"));
    let said = terraform.output(&root, &data, &["validate", "-json"]).unwrap().stdout;
    let said: Value = serde_json::from_slice(&said).unwrap();
    let clean = said["valid"] == true && said["diagnostics"] == Value::Array(Vec::new());
    assert!(clean, "{said:#}");
}

#[test]
fn what_flows_where() {
    let picture = graph::mermaid(&graph::Graph::of(&thumbnails()));
    for arrow in [
        r#"bucket_originals -->|"ObjectCreated"| queue_uploads"#,
        r#"queue_uploads -->|"messages"| function_start"#,
        r#"function_start -->|"StartExecution"| state_machine_thumbnails"#,
        r#"state_machine_thumbnails -->|"invoke"| function_resize"#,
        r#"function_resize -->|"GetObject"| bucket_originals"#,
        r#"function_resize -->|"PutObject"| bucket_thumbnails"#,
        r#"alarms["1 alarm"]"#,
    ] {
        assert!(picture.contains(arrow), "{arrow} in {picture}");
    }
    assert_eq!(picture.matches("-->").count(), 8, "{picture}");
}

#[test]
fn s3_may_send_for_this_bucket_alone() {
    let main = file("modules/work/main.tf.json");
    let policy = &main["data"]["aws_iam_policy_document"]["uploads"]["statement"];
    let allowed: Vec<_> =
        policy.as_array().unwrap().iter().filter(|it| it["effect"] == "Allow").collect();
    assert_eq!(allowed.len(), 1);
    assert_eq!(allowed[0]["actions"], serde_json::json!(["sqs:SendMessage"]));
    let conditions = allowed[0]["condition"].to_string();
    assert!(conditions.contains("originals_bucket_arn") && conditions.contains("123456789012"));
    // S3 checks its permission when the notification is created, so the policy of the queue must exist before.
    let notification = &main["resource"]["aws_s3_bucket_notification"]["originals"];
    assert_eq!(notification["depends_on"], serde_json::json!(["aws_sqs_queue_policy.uploads"]));
}

#[test]
fn every_size_is_a_turn_of_a_map() {
    let machine = file("modules/work/thumbnails.asl.json");
    let each = &machine["States"]["EachSize"];
    assert_eq!((&each["Type"], &each["MaxConcurrency"]), (&"Map".into(), &4.into()));
    assert_eq!(each["ItemProcessor"]["StartAt"], "Resize");
}

/// The model contains nothing specific to DOFS, so the output does not mention DOFS.
#[test]
fn the_output_does_not_mention_dofs() {
    for (path, text) in render::root(&thumbnails(), None) {
        assert!(!text.to_lowercase().contains("dofs"), "{path}");
        assert!(!text.contains("order"), "{path}");
    }
}
