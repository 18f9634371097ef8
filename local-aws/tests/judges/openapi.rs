//! The OpenAPI documents, judged by openapi-spec-validator: the meta-schema of OpenAPI 3.1, operation ids and parameters of
//! paths.

use std::path::Path;

use local_aws::Tools;
use serde::Deserialize;

use crate::generated;

#[derive(Debug, Deserialize)]
struct Said {
    documents: usize,
    findings: Vec<String>,
}

fn ask(folder: &Path) -> Said {
    let tools = Tools::http(&generated::tools_folder()).unwrap_or_else(|err| panic!("{err}"));
    generated::ask(&tools, "openapi.py", folder).unwrap_or_else(|err| panic!("{err}"))
}

#[test]
fn every_openapi_document_is_valid() {
    let said = ask(&generated::committed());
    assert_eq!(said.findings, [""; 0]);
    assert_eq!(said.documents, 3);
}

#[test]
fn a_fault_in_an_openapi_document_is_found() {
    const FILE: &str = "dev/modules/api_gateway/orders.openapi.json";
    for (number, (from, to, words)) in [
        (r#""openapi": "3.1.0""#, r#""openapi": 3.1"#, "3.1 is not"),
        (r#""in": "path""#, r#""in": "body""#, "body"),
        (r#""operationId": "placeOrder""#, r#""operationId": "readOrder""#, "not unique"),
        (r#""format": "int64""#, r#""format": 64"#, "64 is not"),
        (r#""/order/{orderId}": {"#, r#""/order/{id}": {"#, "'id'"),
    ]
    .into_iter()
    .enumerate()
    {
        let folder = generated::with(&format!("judges-openapi-{number}"), [(FILE, from, to)]);
        let findings = ask(&folder).findings.join("\n");
        assert!(findings.contains(words), "{from}: {findings}");
    }
}
