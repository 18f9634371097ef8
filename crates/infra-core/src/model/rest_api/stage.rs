//! The deployment and the stage that serves it.

use std::{collections::BTreeSet, fmt::Write as _};

use sha2::{Digest, Sha256};

use super::{Module, Parts};
use crate::model::{
    expr::{Body, Term},
    limits::{BurstLimit, LogRetention, RateLimit},
    stack::{Meta, attribute},
};

/// The format of the access log. It has no bodies and no headers, so no data of customers.
///
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html>
const ACCESS_LOG: &[(&str, &str)] = &[
    ("error", "$context.error.responseType"),
    ("httpMethod", "$context.httpMethod"),
    ("integrationLatency", "$context.integrationLatency"),
    ("ip", "$context.identity.sourceIp"),
    ("requestId", "$context.requestId"),
    ("requestTime", "$context.requestTime"),
    ("resourcePath", "$context.resourcePath"),
    ("responseLatency", "$context.responseLatency"),
    ("responseLength", "$context.responseLength"),
    ("status", "$context.status"),
    ("traceId", "$context.xrayTraceId"),
];

impl Module<'_> {
    #[track_caller]
    pub(super) fn add_stage(
        &mut self,
        parts: &Parts,
        stage: &'static str,
        rate: RateLimit,
        burst: BurstLimit,
        retention: LogRetention,
    ) {
        let name = parts.name;
        // A deployment never changes: Terraform replaces it when any part of the API changes, and creates the new one
        // before it destroys the old one.
        let definition = Body::map([("definition", self.fingerprint(&parts.deployed).into())]);
        let body = Body::map([("rest_api_id", parts.id()), ("triggers", definition)]);
        let meta = Meta { depends_on: parts.deployed.clone(), create_before_destroy: true };
        let doc = "A snapshot of the API. The trigger is a hash of all that the API is made of.";
        let deployment = self.push("aws_api_gateway_deployment", name, doc, body, meta);

        let group = self.log_group(
            name,
            format!("/aws/apigateway/{}", self.aws_name(name)),
            retention,
            "The access log: one line for each request.".to_owned(),
        );
        let format = Body::map(ACCESS_LOG.iter().map(|(key, it)| (*key, Body::from(*it)))).json();
        let body = Body::map([
            ("rest_api_id", parts.id()),
            ("deployment_id", attribute(&deployment, "deployment", "id").into()),
            ("stage_name", stage.into()),
            ("xray_tracing_enabled", true.into()),
            (
                "access_log_settings",
                Body::List(vec![Body::map([
                    ("destination_arn", group.attribute("arn").into()),
                    ("format", format),
                ])]),
            ),
        ]);
        let doc = "Serves the newest deployment.";
        self.push("aws_api_gateway_stage", name, doc, body, Meta::default());

        let settings = Body::map([
            ("metrics_enabled", true.into()),
            ("logging_level", "ERROR".into()),
            ("data_trace_enabled", false.into()),
            ("throttling_rate_limit", rate.into()),
            ("throttling_burst_limit", burst.into()),
        ]);
        let body = Body::map([
            ("rest_api_id", parts.id()),
            ("stage_name", parts.api.stage("stage_name").into()),
            ("method_path", "*/*".into()),
            ("settings", Body::List(vec![settings])),
        ]);
        let doc = "Throttling, metrics and the error log of every route.";
        self.push("aws_api_gateway_method_settings", name, doc, body, Meta::default());
    }

    /// A hash of the bodies of the blocks, including references: an id changes only together with the resource that has
    /// it.
    fn fingerprint(&self, parts: &BTreeSet<crate::model::Address>) -> String {
        let mut all = String::with_capacity(BYTES_OF_AN_API);
        for address in parts {
            // Every part was added above, so the block exists.
            let Some(node) = self.stack.node(address) else { continue };
            all.push_str(address.as_str());
            digest(&node.body, &mut all);
        }
        Sha256::digest(all).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The usual size of the blocks of an API as text.
const BYTES_OF_AN_API: usize = 32 * 1024;

/// Adds a value, with its kind and length before it, so that different bodies have different texts.
fn feed(all: &mut String, kind: &str, pieces: &[&str]) {
    let length: usize = pieces.iter().map(|it| it.len()).sum();
    begin(all, kind, length);
    all.extend(pieces.iter().copied());
}

/// Adds a count, like [`feed`]. The number is not formatted as text, because an API has hundreds of lists and objects.
fn count(all: &mut String, kind: &str, how_many: usize) {
    let digits = how_many.checked_ilog10().unwrap_or(0) as usize + 1;
    begin(all, kind, digits);
    number(all, how_many);
}

fn begin(all: &mut String, kind: &str, length: usize) {
    all.push_str(kind);
    all.push(' ');
    number(all, length);
    all.push(' ');
}

fn number(all: &mut String, it: usize) {
    write!(all, "{it}").expect("a string takes whatever is written to it");
}

fn digest(body: &Body, all: &mut String) {
    match body {
        Body::Text(it) => feed(all, "text", &[it]),
        Body::Number(it) => feed(all, "number", &[&it.to_string()]),
        Body::Bool(it) => feed(all, "bool", &[if *it { "true" } else { "false" }]),
        Body::Term(it) => digest_term(&it.0, all),
        Body::List(items) => {
            count(all, "list", items.len());
            items.iter().for_each(|it| digest(it, all));
        }
        Body::Map(fields) => {
            count(all, "map", fields.iter().len());
            for (key, it) in fields.iter() {
                feed(all, "key", &[key]);
                digest(it, all);
            }
        }
        Body::Json(inner) => {
            feed(all, "json", &[]);
            digest(inner, all);
        }
        Body::File(document) => {
            feed(all, "file", &[&document.file]);
            digest(&document.body, all);
        }
    }
}

fn digest_term(term: &Term, all: &mut String) {
    let terms: &[Term] = match term {
        Term::Attribute(it) => {
            feed(all, "attribute", &[it.of().as_str(), ".", it.name()]);
            &[]
        }
        Term::Variable(it) => {
            feed(all, "variable", &[it.name()]);
            &[]
        }
        Term::Text(it) => {
            feed(all, "text", &[it]);
            &[]
        }
        Term::File(it) => {
            feed(all, "file", &[it]);
            &[]
        }
        Term::Concat(terms) => {
            count(all, "concat", terms.len());
            terms
        }
        Term::Call(function, terms) => {
            feed(all, "call", &[function, " ", &terms.len().to_string()]);
            terms
        }
    };
    terms.iter().for_each(|it| digest_term(it, all));
}
