//! Headers that API Gateway sets by itself: browsers call only where a preflight allows it, and read only what
//! an answer lets them read.

use serde_json::Value;

use super::{
    block::Block,
    compare::Comparison,
    diff::short,
    finding::{Found, Rule, Severity},
};

/// What sets headers, or lets them through.
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
                Some(lost) => format!("its answers no longer say {lost} in the header {header}"),
            };
            found.push(Found::new(Severity::Warning, Rule::Stopped, &after.address, problem));
        }
    }
}

fn parameters<'b>(block: &'b Block, name: &str) -> &'b Value {
    &block.body["response_parameters"][name]
}

/// Whether browsers send cookies and the like, and read what is answered to them.
fn allows_credentials(block: &Block) -> bool {
    let parameters = block.body["response_parameters"].as_object().into_iter().flatten();
    let is = |(name, value): (&String, &Value)| {
        let name = name.to_ascii_lowercase();
        name.ends_with(".access-control-allow-credentials") && value == "'true'"
    };
    parameters.into_iter().any(is)
}

/// What a header said and says no longer. Its values stand in quotes, between commas.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html>
fn lost(header: &str, was: &Value, is: &Value, credentials: bool) -> Option<String> {
    let (Some(old), Some(new)) = (was.as_str(), is.as_str()) else {
        return (was != is).then(|| short(was).trim_matches('\'').to_owned());
    };
    let header = header.to_ascii_lowercase();
    let values = |text: &str| -> Vec<String> {
        let values = text.trim_matches('\'').split(',').map(str::trim);
        // To browsers, methods differ by their case, and names of headers do not.
        let is_method = header == "access-control-allow-methods";
        values.map(|it| if is_method { it.to_owned() } else { it.to_ascii_lowercase() }).collect()
    };
    let new = values(new);
    let is_all = new.iter().any(|it| it == "*") && header.starts_with("access-control-");
    let is_told = match header.as_str() {
        // Another origin, or every one, is told as what is exposed.
        "access-control-allow-origin" => !(is_all && credentials),
        // Browsers keep the answer to a preflight for a shorter or a longer time: both are as good.
        "access-control-max-age" => true,
        _ => false,
    };
    if is_told {
        return None;
    }
    // `*` is a wildcard where there are no credentials, and `Authorization` must be named all the same.
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
    fn what_a_header_says_less_is_lost() {
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
        // Whether a method's answer may have it.
        check("Vary", json!(true), json!(true), None);
        check("Vary", json!(true), Value::Null, Some("true"));
    }
}
