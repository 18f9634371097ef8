//! Answers of a server cannot control the terminal.

use serde_json::json;

use crate::{dofs, ran, stranger::Stranger};

/// Escape sequences that clear the screen, hide text, use 8-bit controls, and reverse a line.
const HOSTILE: &str = "\u{1b}[2J\u{1b}[8mhidden\u{9b}31m\u{202e}txt.exe\rover";

#[track_caller]
fn check(args: &[&str], status: u16, body: &str) {
    let server = Stranger::that_answers(status, body);
    let url = server.url();
    let urls = ["--api-url", &url, "--endpoint-url", &url];
    for format in ["text", "json"] {
        let args = [args, &urls, &["--format", format]].concat();
        let (code, stdout, stderr) = ran(&mut dofs(&args));
        assert_ne!(code, Some(101), "{stderr}");
        let told = format!("{stdout}{stderr}");
        let raw = |it: char| it.is_control() && it != '\n' && it != '\t' || it == '\u{202e}';
        assert!(!told.contains(raw), "{args:?}: {told:?}");
        let shown = told.contains("u001b[2J") || told.contains("u{1b}[2J");
        assert!(shown, "{args:?} shows it, but harmless: {told}");
        if format == "json" && !stdout.is_empty() {
            serde_json::from_str::<serde_json::Value>(&stdout).unwrap();
        }
    }
}

#[test]
fn an_order_that_is_refused() {
    let problem = json!({ "pointer": HOSTILE, "message": HOSTILE });
    let error =
        json!({ "error": HOSTILE, "message": HOSTILE, "problems": [problem], "requestId": "1" });
    check(&["order"], 400, &error.to_string());
    check(&["order"], 502, HOSTILE);
    check(&["order"], 202, HOSTILE);
    check(&["order", "--count", "2", "--rate", "100"], 400, &error.to_string());
    check(&["load", "--count", "2", "--rate", "100"], 400, &error.to_string());
}

#[test]
fn records_of_a_table() {
    let id = "0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3";
    let text = |it: &str| json!({ "S": it });
    let at = text("2025-07-20T13:06:28.324Z");
    let item = json!({
        "order_id": text(id), "status": text("FAILED"), "customer_id": text(HOSTILE),
        "product_id": text(HOSTILE), "quantity": { "N": "1" }, "price": { "N": "1" },
        "created_at": at, "updated_at": at, "failure_reason": text(HOSTILE), "validation_status": text("VALID"), "round": { "N": "0" },
    });
    let found = json!({ "Items": [item], "Responses": { "dofs-dev-orders": [item] } });
    check(&["orders", "--status", "failed"], 200, &found.to_string());
    let error = json!({ "__type": "ValidationException", "message": HOSTILE });
    for args in [&["orders", "--status", "failed"][..], &["status", id], &["redrive", "--dry-run"]]
    {
        check(args, 400, &error.to_string());
    }
}
