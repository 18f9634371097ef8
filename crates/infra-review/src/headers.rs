//! Compares the headers that API Gateway sets. A browser sends a request to another origin only if the preflight
//! response allows it, and a script reads only a response whose headers allow it.

use serde_json::Value;

use super::{
    block::Block,
    compare::Comparison,
    diff::short,
    finding::{Found, Rule, Severity},
};

/// The types of resources that set response headers or let them through.
const TYPES: &[&str] = &[
    "aws_api_gateway_gateway_response",
    "aws_api_gateway_integration_response",
    "aws_api_gateway_method_response",
];

pub(super) fn check(compare: &Comparison<'_>, found: &mut Vec<Found>) {
    for (before, after) in compare.kept() {
        if !TYPES.contains(&after.tf_type.as_str()) {
            continue;
        }
        for (parameter, was) in before.body["response_parameters"].as_object().into_iter().flatten()
        {
            let is = parameters(after, parameter);
            let header = parameter.rsplit('.').next().unwrap_or(parameter);
            let problem = match lost(header, was, is, allows_credentials(after)) {
                None => continue,
                Some(lost) if is.is_null() => {
                    format!("its answers lack the header {header}: {lost}")
                }
                Some(lost) => format!("its answers no longer have {lost} in the header {header}"),
            };
            found.push(Found::new(Severity::Warning, Rule::Stopped, &after.address, problem));
        }
    }
}

fn parameters<'b>(block: &'b Block, name: &str) -> &'b Value {
    &block.body["response_parameters"][name]
}

/// Whether the response allows requests with credentials, such as cookies.
fn allows_credentials(block: &Block) -> bool {
    let parameters = block.body["response_parameters"].as_object().into_iter().flatten();
    let is = |(name, value): (&String, &Value)| {
        let name = name.to_ascii_lowercase();
        name.ends_with(".access-control-allow-credentials") && value == "'true'"
    };
    parameters.into_iter().any(is)
}

/// The values that a header no longer has. They are in quotes and separated by commas.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html>
fn lost(header: &str, was: &Value, is: &Value, credentials: bool) -> Option<String> {
    let (Some(old), Some(new)) = (was.as_str(), is.as_str()) else {
        return (was != is).then(|| short(was).trim_matches('\'').to_owned());
    };
    let header = header.to_ascii_lowercase();
    let values = |text: &str| -> Vec<String> {
        let values = text.trim_matches('\'').split(',').map(str::trim);
        // The names of methods are case-sensitive, and those of headers are not.
        let is_method = header == "access-control-allow-methods";
        values.map(|it| if is_method { it.to_owned() } else { it.to_ascii_lowercase() }).collect()
    };
    let new = values(new);
    let is_all = new.iter().any(|it| it == "*") && header.starts_with("access-control-");
    let is_told = match header.as_str() {
        // `exposure` reports another origin, or all origins.
        "access-control-allow-origin" => !(is_all && credentials),
        // It only limits for how long a browser caches the response to a preflight.
        "access-control-max-age" => true,
        _ => false,
    };
    if is_told {
        return None;
    }
    // `*` is a wildcard only without credentials, and does not include `Authorization`.
    // <https://fetch.spec.whatwg.org/#http-new-header-syntax>
    let takes = |it: &str| {
        let must_be_named = it == "authorization" && header == "access-control-allow-headers";
        is_all && !credentials && !must_be_named
    };
    let gone = values(old).into_iter().filter(|it| !new.contains(it) && !takes(it));
    let gone: Vec<_> = gone.collect();
    (!gone.is_empty()).then(|| gone.join(", "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_removed_value_of_a_header_is_lost() {
        fn check(header: &str, was: Value, is: Value, expected: Option<&str>) {
            assert_eq!(lost(header, &was, &is, false).as_deref(), expected, "{header} {was} {is}");
        }
        let methods = "Access-Control-Allow-Methods";
        check(methods, json!("'POST,OPTIONS'"), json!("'OPTIONS, POST'"), None);
        check(methods, json!("'POST,OPTIONS'"), json!("'OPTIONS,GET'"), Some("POST"));
        check(methods, json!("'POST,OPTIONS'"), json!("'*'"), None);
        check(methods, json!("'POST,OPTIONS'"), Value::Null, Some("POST,OPTIONS"));
        check("Access-Control-Allow-Origin", json!("'https://a'"), json!("'https://b'"), None);
        check("Access-Control-Allow-Origin", json!("'https://a'"), Value::Null, Some("https://a"));
        check("Access-Control-Max-Age", json!("'600'"), json!("'60'"), None);
        // `true` declares that the response of a method may have the header.
        check("Vary", json!(true), json!(true), None);
        check("Vary", json!(true), Value::Null, Some("true"));
    }
}
