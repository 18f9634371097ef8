//! Writes the parameters, texts and state machine of `generated/dev` for both peers. The resources of each peer are
//! written by hand in the style of its framework.

use std::path::Path;

use anyhow::{Context as _, ensure};
use fs_err as fs;
use serde_json::{Map, Value, json};

/// The prefix of names in dev. A peer that writes many copies replaces it.
const PREFIX: &str = "dofs-dev";

/// Reads the facts of `generated/dev` that the peers need.
pub(super) fn of_dev(root: &Path) -> anyhow::Result<Value> {
    let dev = root.join("generated/dev");
    let read = |path: &str| -> anyhow::Result<Value> {
        let path = dev.join(path);
        serde_json::from_slice(&fs::read(&path)?)
            .with_context(|| format!("{} is not JSON", path.display()))
    };
    let blocks = |module: &str| -> anyhow::Result<Value> {
        Ok(read(&format!("modules/{module}/main.tf.json"))?["resource"].take())
    };
    let (lambdas, sqs) = (blocks("lambdas")?, blocks("sqs")?);
    let (gateway, monitoring) = (blocks("api_gateway")?, blocks("monitoring")?);
    let provider = read("providers.tf.json")?;
    let provider = at(&provider, "/provider/aws")?;
    let tags = at(provider, "/default_tags/tags")?;
    let mut all = json!({
        "account": at(provider, "/allowed_account_ids/0")?,
        "region": at(provider, "/region")?,
        "environment": at(tags, "/Environment")?,
        "tags": tags,
        "boundary": at(&lambdas, "/aws_iam_role/validator/permissions_boundary")?,
        "logDays": at(&lambdas, "/aws_cloudwatch_log_group/validator/retention_in_days")?,
        "functions": functions(&lambdas)?,
        "queues": queues(&sqs)?,
        "schedule": schedule(&lambdas)?,
        "key": key(&monitoring)?,
        "api": api(&gateway)?,
        "machine": read("modules/stepfunctions/order.asl.json")?.to_string(),
        "alarms": alarms(&monitoring)?,
        "dashboard": dashboard(&read("modules/monitoring/dashboard.json")?)?,
    });
    without_nulls(&mut all);
    Ok(all)
}

/// In TypeScript, a missing value is not null.
fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(all) => {
            all.retain(|_, it| !it.is_null());
            all.values_mut().for_each(without_nulls);
        }
        Value::Array(all) => all.iter_mut().for_each(without_nulls),
        _ => (),
    }
}

/// Returns the value at a JSON pointer. A missing value is an error, so that no resource is left out.
fn at<'a>(value: &'a Value, pointer: &str) -> anyhow::Result<&'a Value> {
    value.pointer(pointer).with_context(|| {
        format!(
            "generated/dev has nothing at {pointer}, which the peers read\n  fix: name its place in \
             xtask/src/bench/peers/topology.rs"
        )
    })
}

fn text<'a>(value: &'a Value, pointer: &str) -> anyhow::Result<&'a str> {
    at(value, pointer)?.as_str().with_context(|| format!("{pointer} is not a text"))
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// JSON that is in a text.
fn inner(value: &Value, pointer: &str) -> anyhow::Result<Value> {
    serde_json::from_str(text(value, pointer)?).with_context(|| format!("{pointer} is not JSON"))
}

fn functions(lambdas: &Value) -> anyhow::Result<Value> {
    let mut all = Map::new();
    for (name, function) in members(at(lambdas, "/aws_lambda_function")?) {
        let facts = json!({
            "description": at(function, "/description")?,
            "memory": at(function, "/memory_size")?,
            "timeout": at(function, "/timeout")?,
        });
        all.insert(name.clone(), facts);
    }
    Ok(Value::Object(all))
}

fn queues(sqs: &Value) -> anyhow::Result<Value> {
    let (queue, dead) =
        (at(sqs, "/aws_sqs_queue/order_queue")?, at(sqs, "/aws_sqs_queue/order_dlq")?);
    let redrive = inner(sqs, "/aws_sqs_queue_redrive_policy/order_queue/redrive_policy")?;
    Ok(json!({
        "visibility": at(queue, "/visibility_timeout_seconds")?,
        "wait": at(queue, "/receive_wait_time_seconds")?,
        "retention": at(queue, "/message_retention_seconds")?,
        "deadRetention": at(dead, "/message_retention_seconds")?,
        "attempts": at(&redrive, "/maxReceiveCount")?,
    }))
}

fn schedule(lambdas: &Value) -> anyhow::Result<Value> {
    let schedule = at(lambdas, "/aws_scheduler_schedule/reconcile_schedule")?;
    let retry = at(schedule, "/target/0/retry_policy/0")?;
    Ok(json!({
        "description": at(schedule, "/description")?,
        "every": at(schedule, "/schedule_expression")?,
        "retry": {
            "age": at(retry, "/maximum_event_age_in_seconds")?,
            "attempts": at(retry, "/maximum_retry_attempts")?,
        },
    }))
}

fn key(monitoring: &Value) -> anyhow::Result<Value> {
    let key = at(monitoring, "/aws_kms_key/alarms")?;
    let policy = inner(key, "/policy")?;
    let actions = |sid: &str| {
        let statements = policy["Statement"].as_array().into_iter().flatten();
        let found = statements.clone().find(|it| it["Sid"] == sid).map(|it| &it["Action"]);
        found.with_context(|| format!("the key's policy has no statement {sid}"))
    };
    Ok(json!({
        "description": at(key, "/description")?,
        "deletionDays": at(key, "/deletion_window_in_days")?,
        "adminActions": actions("AccountKeepsTheKeyThroughIam")?,
        "useActions": actions("UsedThroughItsServiceAlone")?,
        "publishActions": actions("AlarmsMayPublish")?,
    }))
}

fn api(gateway: &Value) -> anyhow::Result<Value> {
    let settings = at(gateway, "/aws_api_gateway_method_settings/orders/settings/0")?;
    let model = at(gateway, "/aws_api_gateway_model/order_request")?;
    let mut schema = inner(model, "/schema")?;
    // Each peer says which draft it is in its own way.
    schema.as_object_mut().and_then(|it| it.remove("$schema"));
    let preflight = at(gateway, "/aws_api_gateway_integration_response/options_order")?;
    let mock = at(gateway, "/aws_api_gateway_integration/options_order/request_templates")?;
    let mut responses = Vec::new();
    for (_, response) in members(at(gateway, "/aws_api_gateway_gateway_response")?) {
        responses.push(json!({
            "type": at(response, "/response_type")?,
            "status": response.get("status_code"),
            "headers": headers(at(response, "/response_parameters")?, "gatewayresponse.header.")?,
            "template": at(response, "/response_templates/application~1json")?,
        }));
    }
    Ok(json!({
        "description": at(gateway, "/aws_api_gateway_rest_api/orders/description")?,
        "validator": at(gateway, "/aws_api_gateway_request_validator/orders/name")?,
        "throttle": {
            "burst": at(settings, "/throttling_burst_limit")?,
            "rate": at(settings, "/throttling_rate_limit")?,
        },
        "model": {"name": at(model, "/name")?, "description": at(model, "/description")?, "schema": schema},
        "accessLog": at(gateway, "/aws_api_gateway_stage/orders/access_log_settings/0/format")?,
        "cors": headers(at(preflight, "/response_parameters")?, "method.response.header.")?,
        "preflight": {
            "template": at(mock, "/application~1json")?,
            "status": at(gateway, "/aws_api_gateway_method_response/options_order/status_code")?,
        },
        "gatewayResponses": responses,
    }))
}

/// Headers, by their names alone.
fn headers(parameters: &Value, before: &str) -> anyhow::Result<Value> {
    let named = members(parameters).map(|(name, value)| {
        let name = name.strip_prefix(before);
        Ok((
            name.with_context(|| format!("a header is not named {before}…"))?.to_owned(),
            value.clone(),
        ))
    });
    Ok(Value::Object(named.collect::<anyhow::Result<_>>()?))
}

fn alarms(monitoring: &Value) -> anyhow::Result<Vec<Value>> {
    let alarms = members(at(monitoring, "/aws_cloudwatch_metric_alarm")?);
    alarms.map(|(_, it)| alarm(it).with_context(|| format!("{it}"))).collect()
}

fn alarm(alarm: &Value) -> anyhow::Result<Value> {
    let name = text(alarm, "/alarm_name")?.strip_prefix(PREFIX).and_then(|it| it.strip_prefix('-'));
    let sides = (text(alarm, "/comparison_operator")?, text(alarm, "/treat_missing_data")?);
    let silent = sides == ("LessThanThreshold", "breaching");
    ensure!(
        silent || sides == ("GreaterThanThreshold", "notBreaching"),
        "the peers cannot write {sides:?}"
    );
    let mut facts = json!({
        "name": name.context("an alarm has another prefix")?,
        "description": at(alarm, "/alarm_description")?,
        "silent": silent,
        "threshold": at(alarm, "/threshold")?,
        "datapoints": at(alarm, "/datapoints_to_alarm")?,
        "of": at(alarm, "/evaluation_periods")?,
    });
    match alarm["metric_query"].as_array().map(Vec::as_slice) {
        None => facts["metric"] = metric(alarm)?,
        Some([result, metrics @ ..]) => {
            let metrics = metrics.iter().map(|it| metric(at(it, "/metric/0")?));
            facts["math"] = json!({
                "expression": at(result, "/expression")?,
                "label": at(result, "/label")?,
                "metrics": metrics.collect::<anyhow::Result<Vec<_>>>()?,
            });
        }
        Some([]) => anyhow::bail!("an alarm asks for nothing"),
    }
    Ok(facts)
}

fn metric(metric: &Value) -> anyhow::Result<Value> {
    let stat =
        ["stat", "statistic", "extended_statistic"].into_iter().find_map(|it| metric.get(it));
    Ok(json!({
        "namespace": open(at(metric, "/namespace")?),
        "name": at(metric, "/metric_name")?,
        "dimensions": metric.get("dimensions").map(open),
        "stat": stat.context("a metric has no statistic")?,
        "period": at(metric, "/period")?,
    }))
}

/// The rows of the dashboard: a title, and the graphs below it.
fn dashboard(file: &Value) -> anyhow::Result<Vec<Value>> {
    let mut rows: Vec<Value> = Vec::new();
    for widget in at(file, "/widgets")?.as_array().context("the widgets are not a list")? {
        if widget["type"] == "text" {
            let title = text(widget, "/properties/markdown")?.trim_start_matches("## ");
            rows.push(json!({"title": title, "graphs": []}));
            continue;
        }
        let metrics = at(widget, "/properties/metrics")?.as_array().into_iter().flatten();
        let metrics: anyhow::Result<Vec<Value>> = metrics.map(drawn).collect();
        let graph = json!({"title": at(widget, "/properties/title")?, "metrics": metrics?});
        let row = rows.last_mut().context("a graph comes before every title")?;
        row["graphs"].as_array_mut().context("a row has no graphs")?.push(graph);
    }
    Ok(rows)
}

/// `[namespace, name, dimension, its value, …, {stat}]`.
fn drawn(metric: &Value) -> anyhow::Result<Value> {
    let parts = metric.as_array().map(Vec::as_slice).unwrap_or_default();
    let [namespace, name, dimensions @ .., how] = parts else {
        anyhow::bail!("{metric} is not a metric of a graph")
    };
    let mut named = Map::new();
    for pair in dimensions.chunks(2) {
        let [Value::String(dimension), value] = pair else {
            anyhow::bail!("{metric} has half a dimension")
        };
        named.insert(dimension.clone(), open(value));
    }
    let dimensions = (!named.is_empty()).then_some(named);
    Ok(
        json!({"namespace": open(namespace), "name": name, "dimensions": dimensions, "stat": at(how, "/stat")?}),
    )
}

/// With names for what differs from copy to copy: `${prefix}`, `${orders_table_name}`.
fn open(value: &Value) -> Value {
    match value {
        Value::String(text) => {
            let text = text.replace("${var.", "${");
            json!(match text.strip_prefix(PREFIX) {
                Some(rest) => format!("${{prefix}}{rest}"),
                None => text,
            })
        }
        Value::Object(all) => {
            Value::Object(all.iter().map(|(name, it)| (name.clone(), open(it))).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_the_peers_read_is_there() {
        let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        let dev = of_dev(root).unwrap();
        assert_eq!(dev["functions"].as_object().unwrap().len(), 5);
        assert_eq!(dev["queues"]["attempts"], 3);
        assert_eq!(dev["api"]["gatewayResponses"].as_array().unwrap().len(), 9);
        assert_eq!(dev["dashboard"].as_array().unwrap().len(), 6);
        let alarms = dev["alarms"].as_array().unwrap();
        let alarm = |name: &str| alarms.iter().find(|it| it["name"] == name).unwrap();
        let duration = &alarm("api-handler-duration")["metric"];
        assert_eq!(duration["stat"], "p99");
        assert_eq!(duration["dimensions"]["FunctionName"], "${api_handler_function_name}");
        assert_eq!(alarm("orders-failed")["math"]["metrics"][0]["namespace"], "${prefix}/orders");
        assert_eq!(alarm("reconcile-orders-silent")["silent"], true);
        // Texts that differ between copies are replaced by names.
        let rest = dev.to_string().replace("dofs-boundary-dev", "");
        assert!(!rest.contains(PREFIX), "{rest}");
        assert!(!rest.contains("var.") && !rest.contains(":null"), "{rest}");
    }

    #[test]
    fn a_missing_value_is_an_error() {
        let err = at(&json!({"a": {}}), "/a/b").unwrap_err().to_string();
        assert!(err.contains("/a/b") && err.contains("fix: "), "{err}");
        assert!(alarm(&json!({"alarm_name": "x-y"})).is_err());
    }
}
