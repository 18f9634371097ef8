//! Compares the limits of a topology with the quotas of the account: an API must not accept more requests than the
//! services behind it take, and reserved concurrency must leave the account its unreserved share.
//!
//! Cells are checked one by one, because each may get an account of its own.

use serde_json::Value;

use super::{
    Violation, asl,
    policy::{Block, Blocks},
};
use crate::{
    model::{
        Stack,
        quotas::{
            API_RATE, Bucket, CONCURRENCY, QuotaCode, START_EXECUTION_REFILL, START_EXECUTION_SIZE,
            STATE_TRANSITION_REFILL, STATE_TRANSITION_SIZE, UNRESERVED_CONCURRENCY,
        },
        stack::Node,
    },
    render,
};

/// Every quota that the blocks of a part exceed.
pub(super) fn check(
    stack: &Stack,
    blocks: &Blocks<'_>,
    pairs: &[(&Node, &Block<'_>)],
) -> Vec<Violation> {
    let mut found: Vec<_> = reserved(stack, blocks).into_iter().collect();
    let limits: Vec<_> = blocks.each(SETTINGS).map(|it| Limit::of(blocks, it)).collect();
    let all = |methods: fn(&Limit<'_>) -> u32| {
        // Other environments have the same methods.
        let others = times(stack.taken().requests, limits.iter().map(methods).max().unwrap_or(1));
        limits.iter().fold(others, |all, it| sum(all, times(it.each, methods(it))))
    };
    let (requests, changes) = (all(|it| it.methods), all(|it| it.changing));
    for it in &limits {
        let of = |methods, requests| Over {
            settings: it.settings,
            own: times(it.each, methods),
            methods,
            requests,
        };
        let gateway = of(it.methods, requests);
        found.extend(gateway.of("API Gateway", stack.quotas().api, 1, [API_RATE; 2]));
        for machine in machines(blocks, it.settings) {
            found.extend(of(it.changing, changes).of_machine(stack, machine, pairs));
        }
    }
    found
}

const FUNCTION: &str = "aws_lambda_function";
const SETTINGS: &str = "aws_api_gateway_method_settings";

/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html>
fn reserved(stack: &Stack, blocks: &Blocks<'_>) -> Option<Violation> {
    let of = |it: &Block<'_>| it.body["reserved_concurrent_executions"].as_u64().unwrap_or(0);
    let largest = blocks.each(FUNCTION).max_by_key(|it| of(it))?;
    let others = u64::from(stack.taken().concurrency);
    let all: u64 = others + blocks.each(FUNCTION).map(of).sum::<u64>();
    let (quota, kept) = (u64::from(stack.quotas().concurrency), u64::from(UNRESERVED_CONCURRENCY));
    (all > others && all + kept > quota).then(|| {
        Violation::new(
            "limit/reserved-concurrency",
            format!("{}.reserved_concurrent_executions", largest.address),
            format!(
                "the functions of this account reserve {all} of its {quota} concurrent executions, \
                 but {kept} must stay for functions without a reservation"
            ),
            format!(
                "reserve at most {} in total, or let AWS raise the quota {CONCURRENCY} to {} and enter it in \
                 infra-gen/src/config.rs",
                quota.saturating_sub(kept),
                all + kept
            ),
        )
    })
}

/// The requests that the APIs accept in a second, for methods that may change something.
pub(super) fn rate(blocks: &Blocks<'_>) -> u32 {
    let limits = blocks.each(SETTINGS).map(|it| Limit::of(blocks, it));
    limits.map(|it| times(it.each, it.changing).refill).fold(0, u32::saturating_add)
}

/// The limits of a stage. API Gateway applies them to each method separately.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html>
struct Limit<'b> {
    settings: &'b Block<'b>,
    /// The limits of one method.
    each: Bucket,
    /// The number of methods, at least one: an imported API has its methods in a document that is not read here.
    methods: u32,
    /// The number of methods that may change something: all except the safe methods of HTTP, and at least one, because a
    /// safe method may change something, too, in an API that is not known.
    /// <https://www.rfc-editor.org/rfc/rfc9110#section-9.2.1>
    changing: u32,
}

const SAFE: [&str; 3] = ["GET", "HEAD", "OPTIONS"];

impl<'b> Limit<'b> {
    fn of(blocks: &'b Blocks<'b>, settings: &'b Block<'b>) -> Self {
        let number = |name: &str| {
            let number = settings.body["settings"][0][name].as_u64().unwrap_or(u64::from(u32::MAX));
            u32::try_from(number).unwrap_or(u32::MAX)
        };
        let api = |it: &Block<'_>| {
            let found = blocks.mentioned(it, &it.body["rest_api_id"]);
            found.first().map(|it| it.address.to_owned())
        };
        let own = api(settings);
        let (mut methods, mut changing) = (0, 0);
        for method in blocks.each("aws_api_gateway_method").filter(|it| api(it) == own) {
            methods += 1;
            let name = method.body["http_method"].as_str();
            changing += u32::from(!name.is_some_and(|it| SAFE.contains(&it)));
        }
        let each = Bucket {
            size: number("throttling_burst_limit"),
            refill: number("throttling_rate_limit"),
        };
        Limit { settings, each, methods: methods.max(1), changing: changing.max(1) }
    }
}

fn sum(a: Bucket, b: Bucket) -> Bucket {
    Bucket { size: a.size.saturating_add(b.size), refill: a.refill.saturating_add(b.refill) }
}

fn times(bucket: Bucket, times: u32) -> Bucket {
    Bucket { size: bucket.size.saturating_mul(times), refill: bucket.refill.saturating_mul(times) }
}

/// The limits of one API, and of all APIs of the account together.
struct Over<'b> {
    settings: &'b Block<'b>,
    /// The limits of all its counted methods together.
    own: Bucket,
    /// The number of its counted methods.
    methods: u32,
    /// The limits of all APIs of the account together.
    requests: Bucket,
}

impl Over<'_> {
    fn of_machine(
        &self,
        stack: &Stack,
        machine: &Block<'_>,
        pairs: &[(&Node, &Block<'_>)],
    ) -> Vec<Violation> {
        let quotas = stack.quotas();
        let starts = "StartExecution of Step Functions";
        let codes = [START_EXECUTION_SIZE, START_EXECUTION_REFILL];
        let mut found = Vec::from_iter(self.of(starts, quotas.start_execution, 1, codes));
        let node = pairs.iter().find(|(_, it)| it.address == machine.address).map(|(node, _)| node);
        let mut documents = Vec::new();
        if let Some(node) = node {
            node.body.documents(&mut documents);
        }
        for document in documents {
            let codes = [STATE_TRANSITION_SIZE, STATE_TRANSITION_REFILL];
            match asl::most_transitions(&render::document(document)) {
                Some(states) => {
                    let moves = format!("the {states} states of {}", machine.address);
                    found.extend(self.of(&moves, quotas.state_transition, states, codes));
                }
                None => found.push(Violation::new(
                    "limit/api-rate",
                    self.settings.address,
                    format!(
                        "it starts {}, which may enter any number of states, because it has a loop, or a Map over \
                         a list whose length is known only during an execution",
                        machine.address
                    ),
                    "start the state machine from a queue, which limits how many executions run at once",
                )),
            }
        }
        found
    }

    /// A violation if the APIs accept more requests than the service `what` takes, where each request makes `each` calls
    /// of the service.
    fn of(&self, what: &str, quota: Bucket, each: u64, codes: [QuotaCode; 2]) -> Option<Violation> {
        let times = |number: u32| u64::from(number).saturating_mul(each);
        let (size, refill) = (times(self.requests.size), times(self.requests.refill));
        if size <= u64::from(quota.size) && refill <= u64::from(quota.refill) {
            return None;
        }
        // The share that remains for this API.
        let left = |all: u32, own: u32, quota: u32| {
            let left = (u64::from(quota) / each.max(1)).saturating_sub(u64::from(all - own));
            left / u64::from(self.methods.max(1))
        };
        let rate = left(self.requests.refill, self.own.refill, quota.refill);
        let burst = left(self.requests.size, self.own.size, quota.size);
        let mut codes: Vec<_> = codes.map(|it| it.to_string()).into();
        codes.dedup();
        Some(Violation::new(
            "limit/api-rate",
            self.settings.address,
            format!(
                "the APIs of this account accept {} requests a second and a burst of {}, which is {refill} \
                 and {size} for {what}; the account's quotas are {} and {}, so AWS would throttle accepted requests",
                self.requests.refill, self.requests.size, quota.refill, quota.size
            ),
            format!(
                "lower the rate limit to {rate} and the burst limit to {burst}, or let AWS raise {} to {refill} and \
                 {size} and enter them in infra-gen/src/config.rs",
                codes.join(" and ")
            ),
        ))
    }
}

/// The state machines that functions behind an API may start.
fn machines<'b>(blocks: &'b Blocks<'_>, settings: &Block<'_>) -> Vec<&'b Block<'b>> {
    let apis = addresses(blocks.mentioned(settings, &settings.body["rest_api_id"]));
    let policies = blocks.each("aws_iam_role_policy");
    let policies: Vec<_> =
        policies.map(|it| (addresses(blocks.mentioned(it, &it.body["role"])), it)).collect();
    let mut found: Vec<&Block<'_>> = Vec::new();
    for integration in blocks.each("aws_api_gateway_integration") {
        if addresses(blocks.mentioned(integration, &integration.body["rest_api_id"])) != apis {
            continue;
        }
        for function in functions(blocks, integration) {
            let roles = addresses(blocks.mentioned(function, &function.body["role"]));
            for (_, policy) in policies.iter().filter(|(it, _)| *it == roles) {
                found.extend(started(blocks, policy));
            }
        }
    }
    found.sort_by_key(|it| it.address);
    found.dedup_by_key(|it| it.address);
    found
}

fn addresses<'b>(blocks: Vec<&'b Block<'b>>) -> Vec<&'b str> {
    blocks.into_iter().map(|it| it.address).collect()
}

/// The function that an integration invokes, directly or through an alias.
fn functions<'b>(blocks: &'b Blocks<'_>, integration: &Block<'_>) -> Vec<&'b Block<'b>> {
    let called = blocks.mentioned(integration, &integration.body["uri"]);
    let behind = called.into_iter().flat_map(|it| match it.tf_type {
        FUNCTION => vec![it],
        _ => blocks.mentioned(it, &it.body["function_name"]),
    });
    behind.collect()
}

fn started<'b>(blocks: &'b Blocks<'_>, policy: &Block<'_>) -> Vec<&'b Block<'b>> {
    let documents = blocks.mentioned(policy, &policy.body["policy"]);
    let mut found = Vec::new();
    for document in documents {
        for statement in document.body["statement"].as_array().into_iter().flatten() {
            let actions = statement["actions"].as_array().into_iter().flatten();
            let mut actions = actions.filter_map(Value::as_str);
            if statement["effect"] == "Allow" && actions.any(|it| it == "states:StartExecution") {
                found.extend(blocks.mentioned(document, &statement["resources"]));
            }
        }
    }
    found.retain(|it| it.tf_type == "aws_sfn_state_machine");
    found
}
