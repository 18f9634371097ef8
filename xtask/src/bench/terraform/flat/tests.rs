use super::*;

fn generated(environment: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../generated")).join(environment)
}

fn flat(environment: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    write(&generated(environment), folder.path()).unwrap();
    serde_json::from_slice(&fs::read(folder.path().join(MAIN)).unwrap()).unwrap()
}

#[test]
fn every_block_is_there_once_and_no_module_is_left() {
    fn check(environment: &str) {
        let wires = Root::read(&generated(environment)).unwrap().wires();
        assert_eq!(wires.modules, 6);
        assert!(wires.variables > 20 && wires.outputs > 20 && wires.blocks > 100, "{wires:?}");
        let count = |value: &Value| members(value).map(|it| members(it.1).count()).sum::<usize>();
        let flat = flat(environment);
        assert_eq!(count(&flat["data"]) + count(&flat["resource"]), wires.blocks, "{environment}");
        let text = flat.to_string();
        assert!(flat.get("module").is_none() && flat.get("removed").is_none(), "{environment}");
        // A comment may end with the word.
        let rest = text.replace("path.module", "");
        let after = |it: usize| rest[it..].chars().nth("module.".len());
        let wires = rest.match_indices("module.");
        let wires = wires.filter(|it| after(it.0).is_some_and(|it| it.is_ascii_alphanumeric()));
        assert_eq!(wires.count(), 0, "{environment}");
        // The root's own variable stays.
        let variables =
            text.match_indices("var.").filter(|it| !text[it.0..].starts_with("var.package_dir"));
        assert_eq!(variables.count(), 0, "{environment}");
    }
    ["dev", "prod"].into_iter().for_each(check);
}

#[test]
fn references_name_the_block_itself() {
    #[track_caller]
    fn check(flat: &Value, block: &[&str], expected: &str) {
        let found = block.iter().fold(flat, |value, key| match key.parse::<usize>() {
            Ok(at) => &value[at],
            Err(_) => &value[*key],
        });
        assert_eq!(found.as_str(), Some(expected), "{block:?}");
    }
    let flat = flat("dev");
    let redrive = ["resource", "aws_sqs_queue_redrive_policy", "sqs__order_queue", "queue_url"];
    check(&flat, &redrive, "${aws_sqs_queue.sqs__order_queue.id}");
    let integration = ["resource", "aws_api_gateway_integration", "api_gateway__post_order", "uri"];
    check(&flat, &integration, "${aws_lambda_alias.lambdas__api_handler.invoke_arn}");
    let policy = ["resource", "aws_sqs_queue_policy", "sqs__order_queue", "policy"];
    check(&flat, &policy, "${data.aws_iam_policy_document.sqs__order_queue.json}");
    let machine = &flat["resource"]["aws_sfn_state_machine"]["stepfunctions__order"]["definition"];
    let machine = machine.as_str().unwrap();
    assert!(
        machine.contains(r#"templatefile("${"${path.module}/stepfunctions"}/order.asl.json""#),
        "{machine}"
    );
    assert!(
        machine.contains("orders_table_name = aws_dynamodb_table.dynamodb__orders.name"),
        "{machine}"
    );
    let after = ["resource", "aws_sfn_state_machine", "stepfunctions__order", "depends_on", "0"];
    check(&flat, &after, "aws_iam_role_policy.stepfunctions__order");
    check(
        &flat,
        &["output", "api_url", "value"],
        "${aws_api_gateway_stage.api_gateway__orders.invoke_url}",
    );
}

#[test]
fn a_root_that_cannot_be_one_module_is_refused() {
    #[track_caller]
    fn check(given: &Value, used: &str, expected: &str) {
        let folder = tempfile::tempdir().unwrap();
        let module = folder.path().join("modules/a");
        fs::create_dir_all(&module).unwrap();
        let call = json!({"module": {"a": {"source": "./modules/a", "given": given}}});
        fs::write(folder.path().join(MAIN), call.to_string()).unwrap();
        let block = json!({"resource": {"aws_sqs_queue": {"q": {"name": used}}}});
        fs::write(module.join(MAIN), block.to_string()).unwrap();
        let to = tempfile::tempdir().unwrap();
        let err = write(folder.path(), to.path()).unwrap_err().to_string();
        assert!(err.contains(expected), "{err}");
    }
    check(&json!("${var.a}-${var.b}"), "${var.given}", "not one expression");
    check(&json!(7), "${var.given}", "not a text");
    check(&json!("${var.a}"), "${var.other}", "a gets no argument other");
    check(&json!("${module.b.c}"), "${var.given}", "no module b");
}

#[test]
fn an_address_has_the_name_of_its_module() {
    assert_eq!(address("sqs", "aws_sqs_queue.q"), "aws_sqs_queue.sqs__q");
    assert_eq!(address("sqs", "data.aws_x.p"), "data.aws_x.sqs__p");
}
