//! The running API and its OpenAPI document, compared by schemathesis: it sends valid and invalid requests that it makes from
//! the document, and compares each answer with the document.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
    time::Instant,
};

use fs_err as fs;
use local_aws::Tools;
use serde_json::{Value, json};

use crate::support::{Local, measured, scenario};

/// The checks that compare an answer with the document, or with the request. `positive_data_acceptance` is not among them: the
/// API refuses `2.0` as a whole number, and prices of more than 15 digits, and JSON Schema cannot express either. The others
/// are for APIs that answer 405 to an unknown method, as API Gateway does not, or that delete resources.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance,negative_data_rejection,\
    ensure_resource_availability";

/// API Gateway has no route for the methods that the document does not name.
const CONFIGURATION: &str = "[phases.coverage]\nunexpected-methods = []\n";

/// The document of the deployed environment.
fn document() -> Value {
    let file = "../generated/dev/modules/api_gateway/orders.openapi.json";
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

/// Runs schemathesis with a document. Every run sends the same requests.
fn run(local: &Local, name: &str, document: &Value, arguments: &[&str]) -> Output {
    let tools = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("tools");
    let tools = Tools::http(&tools).unwrap_or_else(|err| panic!("{err}"));
    let folder: PathBuf = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("contract-{name}"));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("openapi.json"), document.to_string()).unwrap();
    fs::write(folder.join("schemathesis.toml"), CONFIGURATION).unwrap();
    let mut command = Command::new(tools.program("schemathesis"));
    command.args(["run", "openapi.json", "--url", local.system.api.url(), "--checks", CHECKS]);
    command.args(["--seed", "1", "--generation-database", "none", "--no-color"]);
    command.args(["--no-shrink", "--workers", "1", "--request-timeout", "60", "--warnings", "off"]);
    // CPython 3.11 cannot parse source code on several threads at once, as Hypothesis does. So there is one worker.
    // It reads the configuration from the folder that it runs in.
    command.args(arguments).current_dir(&folder).output().unwrap()
}

fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|it| String::from_utf8_lossy(it).into_owned()).concat()
}

#[test]
fn the_api_answers_as_its_document_says() {
    scenario(|local| async move {
        let begin = Instant::now();
        let output = run(local, "good", &document(), &["--max-examples", "5"]);
        let said = said(&output);
        assert!(output.status.success(), "{said}");
        let cases = said.lines().find(|it| it.contains("generated")).unwrap_or_default().trim();
        let took = begin.elapsed().as_secs_f64();
        measured(&format!("the API by schemathesis: {cases}, in {took:.1} s"));
    });
}

/// Each fault is a difference between the API and the document, in which the API is right.
#[test]
fn schemathesis_finds_an_answer_that_the_document_does_not_have() {
    scenario(|local| async move {
        let check = |name: &str, change: fn(&mut Value), words: &str| {
            let mut document = document();
            change(&mut document);
            let few = ["--max-examples", "3", "--phases", "fuzzing,stateful", "--mode", "positive"];
            let output = run(local, name, &document, &few);
            let said = said(&output);
            assert!(!output.status.success() && said.contains(words), "{name}: {said}");
        };
        check(
            "status",
            |it| {
                let all = it["paths"]["/order"]["post"]["responses"].as_object_mut().unwrap();
                assert!(all.remove("202").is_some());
            },
            "Undocumented status code",
        );
        check(
            "body",
            |it| it["components"]["schemas"]["OrderAnswer"]["required"] = json!(["colour"]),
            "Response violates schema",
        );
        check(
            "header",
            |it| {
                let headers = &mut it["paths"]["/order"]["post"]["responses"]["202"]["headers"];
                headers["X-Colour"] = json!({ "required": true, "schema": { "type": "string" } });
            },
            "Missing required response headers",
        );
    });
}
