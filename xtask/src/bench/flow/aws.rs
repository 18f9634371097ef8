//! Calls the emulated AWS: to read the stored orders, and to change settings of Terraform.

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use ureq::{Agent, http::Request};

use crate::bench::system::Running;

/// The emulated AWS of a system.
pub(super) struct Aws<'a> {
    running: &'a Running,
    agent: Agent,
}

/// A service: its name in signatures, and the prefix of its operations.
#[derive(Debug, Clone, Copy)]
pub(super) struct Service {
    name: &'static str,
    target: &'static str,
    version: &'static str,
}

pub(super) const DYNAMODB: Service =
    Service { name: "dynamodb", target: "DynamoDB_20120810", version: "1.0" };
pub(super) const STATES: Service =
    Service { name: "states", target: "AWSStepFunctions", version: "1.0" };

impl<'a> Aws<'a> {
    pub(super) fn of(running: &'a Running) -> Self {
        let agent = Agent::config_builder().http_status_as_error(false).build();
        Aws { running, agent: agent.into() }
    }

    /// Calls an operation of a service with the JSON protocol.
    pub(super) fn call(
        &self,
        service: Service,
        operation: &str,
        body: &Value,
    ) -> anyhow::Result<Value> {
        let request = Request::post(&self.running.endpoint)
            .header("X-Amz-Target", format!("{}.{operation}", service.target))
            .header("Content-Type", format!("application/x-amz-json-{}", service.version));
        self.send(service.name, request, Some(body)).with_context(|| operation.to_owned())
    }

    /// Returns the URL of the only event source mapping.
    pub(super) fn event_source(&self) -> anyhow::Result<String> {
        const MAPPINGS: &str = "/2015-03-31/event-source-mappings";
        let url = format!("{}{MAPPINGS}", self.running.endpoint);
        let all = self.send("lambda", Request::get(url), None)?;
        let id = all["EventSourceMappings"][0]["UUID"].as_str();
        Ok(format!("{MAPPINGS}/{}", id.context("no queue feeds a function")?))
    }

    /// Changes an event source.
    pub(super) fn put(&self, path: &str, body: &Value) -> anyhow::Result<()> {
        let request = Request::put(format!("{}{path}", self.running.endpoint));
        self.send("lambda", request, Some(body)).map(drop)
    }

    /// Changes settings of the API's stage.
    pub(super) fn patch_stage(&self, settings: &[(&str, &str)]) -> anyhow::Result<()> {
        let path = self.running.api_url.strip_suffix("/_user_request_");
        let path = path.and_then(|it| it.rsplit_once('/'));
        let (api, stage) = path.context("the API's URL has another form than expected")?;
        let replace =
            |&(path, value): &(&str, &str)| json!({"op": "replace", "path": path, "value": value});
        let body = json!({"patchOperations": settings.iter().map(replace).collect::<Vec<_>>()});
        let request = Request::patch(format!("{api}/stages/{stage}"));
        self.send("apigateway", request, Some(&body)).map(drop)
    }

    fn send(
        &self,
        service: &str,
        request: ureq::http::request::Builder,
        body: Option<&Value>,
    ) -> anyhow::Result<Value> {
        let Running { account, region, .. } = self.running;
        let signed = format!(
            "AWS4-HMAC-SHA256 Credential={account}/20260101/{region}/{service}/aws4_request, SignedHeaders=host, \
             Signature=none"
        );
        let body = body.map(Value::to_string).unwrap_or_default();
        let mut answer = self.agent.run(request.header("Authorization", signed).body(body)?)?;
        let said = answer.body_mut().with_config().limit(1 << 28).read_to_string()?;
        ensure!(answer.status().is_success(), "{service} answers {}: {said}", answer.status());
        serde_json::from_str(&said)
            .with_context(|| format!("{service} did not answer with JSON: {said}"))
    }
}
