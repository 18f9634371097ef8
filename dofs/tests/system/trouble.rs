//! Functions that are killed or stopped during a batch. It calls some services without an SDK client.

use std::collections::{BTreeMap, BTreeSet};

use contracts::domain::OrderStatus;
use rustix::process::{Pid, Signal, kill_process};

use crate::{
    http::send,
    support::{Local, eventually, measured, order, scenario},
};

/// Returns a signature, from which the emulator reads the account and the service.
pub(crate) fn signature(local: &Local, service: &str) -> String {
    let running = &local.up.running;
    format!(
        "AWS4-HMAC-SHA256 Credential={}/20260101/{}/{service}/aws4_request, SignedHeaders=host, \
         Signature=none",
        running.account, running.region
    )
}

/// Calls a service with AWS's Query protocol.
pub(crate) async fn query(local: &Local, service: &str, fields: &[(&str, &str)]) -> String {
    let escaped = |text: &str| {
        text.bytes()
            .map(|it| match it {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
                    char::from(it).to_string()
                }
                it => format!("%{it:02X}"),
            })
            .collect::<String>()
    };
    let body: Vec<String> =
        fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
    let headers = vec![
        ("Authorization", signature(local, service)),
        ("Content-Type", "application/x-www-form-urlencoded".to_owned()),
    ];
    let endpoint = format!("{}/", local.up.running.endpoint);
    let (status, _, text) = send("POST", endpoint, headers, body.join("&").into_bytes()).await;
    assert_eq!(status, 200, "{fields:?}: {text}");
    text
}

/// Calls a function.
pub(crate) async fn invoke(local: &Local, function: &str, event: &str) {
    let url = format!("{}/2015-03-31/functions/{function}/invocations", local.up.running.endpoint);
    let headers = vec![
        ("Authorization", signature(local, "lambda")),
        ("X-Amz-Invocation-Type", "RequestResponse".to_owned()),
    ];
    let (status, headers, text) = send("POST", url, headers, event.as_bytes().to_vec()).await;
    let raised = headers.iter().any(|(name, _)| name == "x-amz-function-error");
    assert!(status == 200 && !raised, "{function}: {status} {text}");
}

/// Returns the processes that run a function for the emulator.
fn running(local: &Local, function: &str) -> BTreeSet<i32> {
    let endpoint = local.up.running.endpoint.as_ref();
    let mut found = processes::all().unwrap();
    found.retain(|it| {
        it.has_variable("AWS_LAMBDA_FUNCTION_NAME", function.as_ref())
            && it.has_variable("AWS_ENDPOINT_URL", endpoint)
    });
    found.into_iter().map(|it| i32::try_from(it.id).unwrap()).collect()
}

/// Places orders, kills and stops fulfill_order while it works on them, and checks that all of them are decided. It is one
/// scenario, because the messages of a failed batch return only after three minutes.
#[test]
fn functions_that_are_killed_or_hang_lose_no_order() {
    scenario(|local| async move {
        let function = "dofs-dev-fulfill-order";
        let mut orders = Vec::new();
        let mut hit = BTreeMap::new();
        for _ in 0..60 {
            orders.push(local.place(order(1, 7.0), None).await);
            for pid in running(local, function) {
                let signal = if hit.len() % 2 == 0 { Signal::KILL } else { Signal::STOP };
                if hit.len() < 6 && !hit.contains_key(&pid) {
                    let _ = kill_process(Pid::from_raw(pid).unwrap(), signal);
                    hit.insert(pid, signal);
                }
            }
        }
        assert!(hit.len() > 1, "no two processes of {function} were seen");
        for id in &orders {
            let view = local.ended(id).await;
            assert_eq!(local.failure(id).await.is_some(), view.status == OrderStatus::Failed);
        }
        measured(&format!(
            "{} functions killed or stopped: {} orders ended",
            hit.len(),
            orders.len()
        ));
        // The stopped processes have timed out by then.
        eventually("the end of what was hit", || async {
            let left = running(local, function);
            hit.keys().all(|it| !left.contains(it)).then_some(())
        })
        .await;
    });
}
