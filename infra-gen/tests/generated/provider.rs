//! The vendored schemas of the provider have the types in use, and what is accepted of them is used.

use std::collections::BTreeSet;

use infra_core::{
    check::provider::{deprecated, every_release, vendored},
    model::BlockKind,
    render,
};
use infra_gen::roots::{self, block_types, stacks};

#[test]
fn the_vendored_schemas_have_exactly_the_types_in_use() {
    for schema in vendored().iter().map(|(_, it)| it).chain([every_release()]) {
        let held: BTreeSet<_> = schema.types().map(|(kind, it)| (kind, it.to_owned())).collect();
        assert_eq!(held, block_types(), "run: cargo run -p infra-gen -- schema");
    }
}

/// A block that does not fit the common schema is checked with a compiled JSON Schema of each release, which takes far
/// longer. No block that is generated needs that.
#[test]
fn every_generated_block_fits_the_common_schema() {
    for stack in stacks() {
        for node in stack.nodes() {
            let fits = every_release().fits(node) && every_release().refers_well(node);
            assert!(fits, "{}", node.address());
        }
    }
}

#[test]
fn every_accepted_deprecation_is_used() {
    let used: Vec<_> = stacks().collect();
    for (tf_type, path, _) in deprecated::ACCEPTED {
        let (name, within) = path.split_last().unwrap();
        let mut nodes = used.iter().flat_map(|it| it.nodes());
        let uses = nodes.any(|node| {
            let body = render::block(node);
            let items = body[within[0]].as_array().cloned().unwrap_or_default();
            node.address().tf_type() == *tf_type && items.iter().any(|it| !it[*name].is_null())
        });
        assert!(uses, "{tf_type} {path:?}");
    }
}

/// The `region` of a bucket means another thing in releases of 6: nothing generated refers to it.
#[test]
fn nothing_refers_to_the_region_of_a_bucket() {
    let roots = [
        roots::environment(infra_gen::config::Environment::Prod),
        roots::cicd(),
        roots::bootstrap(),
    ];
    let texts: Vec<_> = roots.iter().flat_map(|it| it.files.values()).collect();
    let refers = |text: &str| {
        text.split("aws_s3_bucket.").skip(1).any(|it| {
            it.split(|it: char| !(it.is_ascii_alphanumeric() || it == '_' || it == '.'))
                .next()
                .is_some_and(|path| path.ends_with(".region"))
        })
    };
    assert!(refers("${aws_s3_bucket.state.region}") && !refers("${aws_s3_bucket.state.arn}"));
    assert!(texts.iter().any(|it| it.contains("aws_s3_bucket.")));
    assert!(texts.iter().all(|it| !refers(it)));
}

/// Terraform reads the written text, and the checks read the value.
#[test]
fn the_written_block_equals_the_checked_one() {
    let mut count = 0;
    for (root, stack) in roots::explained().iter() {
        let files = infra_core::render::root(stack, None);
        for node in stack.nodes().filter(|it| it.address().kind() == BlockKind::Resource) {
            let address = node.address();
            let file = format!("modules/{}/main.tf.json", address.module().as_str());
            let text: serde_json::Value = serde_json::from_str(&files[&file]).unwrap();
            let written = &text["resource"][address.tf_type()][address.name()];
            assert_eq!(*written, render::block(node), "{root} {address}");
            count += 1;
        }
    }
    assert!(count > 300, "{count}");
}
