//! Files that the review must not misread: names that Terraform ignores, keys that are repeated, links, and
//! what deploys from outside of `generated/`.

use std::{fs, path::Path};

use infra_review::cost::Orders;
use serde_json::json;

use super::{
    command::{git, review as run, stderr, stdout, write},
    today::{Tree, check, generated, lines, reviewed},
};

const TABLES: &str = "generated/prod/modules/dynamodb/main.tf.json";

const LOST: &str = "danger data-loss prod module.dynamodb.aws_dynamodb_table.failed_orders \
                    module.dynamodb.aws_dynamodb_table.orders";

/// <https://developer.hashicorp.com/terraform/language/files>
#[test]
fn a_file_that_terraform_ignores_makes_nothing() {
    for name in [".keep.tf.json", ".main.tf.json", "#main.tf.json#", "main.tf.json~"] {
        let path = format!("prod/modules/dynamodb/{name}");
        let unjudged = format!("warning unjudged prod modules/dynamodb/{name}");
        check(
            |tree| {
                let tables = tree.0.remove(TABLES).unwrap();
                tree.0.insert(format!("generated/{path}"), tables);
            },
            &[LOST, &unjudged],
        );
    }
}

/// Its name is hidden, and Terraform reads it all the same.
#[test]
fn a_lock_file_is_not_said_to_be_ignored() {
    let (before, mut after) = (Tree::today(), Tree::today());
    after.0.insert("generated/prod/.terraform.lock.hcl".to_owned(), "# another".to_owned());
    let review = infra_review::review(&before.0, &after.0, Orders::DEFAULT).unwrap();
    let text = review.text(false);
    assert!(text.contains(".terraform.lock.hcl") && !text.contains("ignores"), "{text}");
}

/// Terraform takes both. A parser that keeps the last shows what is harmless.
#[test]
fn a_repeated_key_is_not_readable() {
    let refused = |path: &str, from: &str, to: &str| {
        let (before, mut after) = (Tree::today(), Tree::today());
        let text = after.0.get_mut(path).unwrap();
        assert!(text.contains(from), "no {from} in {path}");
        *text = text.replacen(from, to, 1);
        let error =
            infra_review::review(&before.0, &after.0, Orders::DEFAULT).unwrap_err().to_string();
        assert!(error.contains(path) && error.contains("is repeated"), "{error}");
    };
    refused(TABLES, "\"resource\": {", "\"resource\": { \"aws_sqs_queue\": {} }, \"resource\": {");
    refused(TABLES, "\"aws_kms_key\": {", "\"aws_kms_key\": {}, \"aws_kms_key\": {");
    refused(
        "generated/prod/modules/stepfunctions/order.asl.json",
        "\"StartAt\":",
        "\"StartAt\": \"Stored\", \"StartAt\":",
    );
}

/// AWS reads a document in a text by a parser of its own.
#[test]
fn a_repeated_key_in_a_text_is_not_readable() {
    #[track_caller]
    fn refused(module: &str, address: &str, argument: &str, text: &str) {
        let before = Tree::today();
        let mut after = Tree(before.0.clone());
        after.block("prod", module, address, |it| it[argument] = text.into());
        for (base, head, side) in [(&before, &after, "head"), (&after, &before, "base")] {
            let error =
                infra_review::review(&base.0, &head.0, Orders::DEFAULT).unwrap_err().to_string();
            for words in [address, argument, side, "is repeated"] {
                assert!(error.contains(words), "{words:?} is not in: {error}");
            }
        }
    }
    let redrive = r#"{"deadLetterTargetArn":"a","maxReceiveCount":5,"maxReceiveCount":1}"#;
    refused("sqs", "aws_sqs_queue_redrive_policy.order_queue", "redrive_policy", redrive);
    let policy =
        r#"{"Statement":[{"Effect":"Deny","Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    refused("lambdas", "aws_iam_role.validator", "assume_role_policy", policy);
    let schema = r#" [{"a":{"b":1,"b":2}}]"#;
    refused("api_gateway", "aws_api_gateway_model.order_request", "schema", schema);
}

/// Reviews two folders with today's tree, the second one edited.
fn between_folders(edit: impl FnOnce(&Path)) -> String {
    let folder = tempfile::tempdir().unwrap();
    let sides = ["base", "head"].map(|it| folder.path().join(it));
    sides.iter().for_each(|it| write(it, &generated()));
    edit(&sides[1]);
    let output = run(folder.path(), &["--base", "base", "--head", "head"]);
    assert_eq!(stderr(&output), "");
    stdout(&output)
}

#[cfg(unix)]
#[test]
fn a_link_is_never_followed_and_never_silent() {
    use std::os::unix::fs::symlink;

    let told = between_folders(|head| {
        symlink("/etc", head.join("generated/prod/modules/more")).unwrap();
        symlink("../dev/main.tf.json", head.join("generated/prod/more.tf.json")).unwrap();
        symlink("prod", head.join("generated/production")).unwrap();
    });
    for path in ["prod/modules/more", "prod/more.tf.json", "production"] {
        assert!(told.contains(&format!("generated/{path} (link)")), "{path}\n{told}");
    }
    assert!(told.contains("unjudged"), "{told}");

    // The folders that hold everything: what a link leads to could be the other side.
    let told = between_folders(|head| {
        fs::rename(head.join("generated"), head.join("elsewhere")).unwrap();
        symlink("../base/generated", head.join("generated")).unwrap();
        symlink("elsewhere", head.join(".github")).unwrap();
    });
    for path in ["generated", ".github"] {
        assert!(told.contains(&format!("{path} (link)")), "{path}\n{told}");
    }

    // A link that was committed leads elsewhere today, and nothing in `generated/` shows it.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    write(path, &generated());
    write(path, &[("infra-gen/Cargo.toml".to_owned(), String::new())].into());
    symlink("../../elsewhere", path.join("generated/prod/modules/more")).unwrap();
    git(path, &["init", "-q", "-b", "main"]);
    git(path, &["add", "."]);
    git(path, &["commit", "-q", "-m", "one"]);
    let output = run(path, &["--base", "main", "--fail-on", "warning"]);
    assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
    assert!(stdout(&output).contains("generated/prod/modules/more (link)"), "{}", stdout(&output));
}

#[test]
fn what_builds_and_checks_is_read_from_both_sides() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    write(path, &generated());
    let more = ["infra-gen/Cargo.toml", "buildspec.yml", ".github/workflows/ci.yml"];
    write(path, &more.map(|it| (it.to_owned(), "a: 1\n".to_owned())).into());
    git(path, &["init", "-q", "-b", "main"]);
    git(path, &["add", "."]);
    git(path, &["commit", "-q", "-m", "one"]);
    let told = || {
        let output = run(path, &["--base", "main"]);
        assert_eq!(stderr(&output), "");
        stdout(&output)
    };
    assert_eq!(told(), "nothing changes in AWS\n");
    fs::write(path.join("buildspec.yml"), "a: 2\n").unwrap();
    fs::remove_file(path.join(".github/workflows/ci.yml")).unwrap();
    fs::write(path.join(".github/workflows/more.yml"), "a: 1\n").unwrap();
    let told = told();
    assert!(told.contains("delivery-loosened"), "{told}");
    for name in ["buildspec.yml", ".github/workflows/ci.yml", ".github/workflows/more.yml"] {
        assert!(told.contains(name), "{name}\n{told}");
    }
}

/// By their paths alone, whatever root they are in.
#[test]
fn a_changed_build_outside_of_the_roots_is_listed() {
    let with = |text: &str| {
        let mut tree = Tree::today();
        tree.0.insert("buildspec.yml".to_owned(), text.to_owned());
        tree
    };
    let expected = "warning delivery-loosened repository buildspec.yml";
    assert_eq!(lines(&reviewed(&with("a: 1"), &with("a: 2"))), [expected]);
}

/// Terraform reads each file with its extension, whatever the rest of the name is.
#[test]
fn a_name_like_a_state_hides_nothing() {
    let told = between_folders(|head| {
        let text = json!({ "resource": { "aws_instance": { "x": {} } } }).to_string();
        fs::write(head.join("generated/prod/a.tfstate.tf.json"), text).unwrap();
    });
    assert!(told.contains("aws_instance.x"), "{told}");
}
