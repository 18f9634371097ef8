//! What Terraform knows about a system.

use anyhow::{Context as _, bail};
use infra_gen::{
    config::Environment,
    model::backend::PROVIDER_VERSION,
    terraform::Terraform,
    topology::{API_KEY, API_URL},
};
use serde_json::Value;

use crate::{
    place::{folder, repository, terraform_data},
    target::ApiKey,
};

/// The API's address, as Terraform's state has it.
///
/// # Errors
///
/// Where Terraform is not there, or has no state of it.
pub fn api_url(environment: Environment) -> anyhow::Result<String> {
    output(&outputs(environment)?, API_URL)
}

/// The key that the API asks callers for, as Terraform's state has it; `None` where it asks for none.
///
/// # Errors
///
/// As [`api_url`].
pub fn api_key(environment: Environment) -> anyhow::Result<Option<ApiKey>> {
    Ok(key(&outputs(environment)?).map(ApiKey::from))
}

/// The output of a root that only an API with a key has.
pub(crate) fn key(said: &str) -> Option<String> {
    let outputs: Value = serde_json::from_str(said).ok()?;
    outputs[API_KEY]["value"].as_str().map(str::to_owned)
}

fn outputs(environment: Environment) -> anyhow::Result<String> {
    let work = folder(environment).join("aws");
    let terraform = Terraform::find(PROVIDER_VERSION, &work)?;
    let root = repository().join("generated").join(environment.as_str());
    let data = terraform_data(&root);
    let outputs = || terraform.run(&root, &data, &["output", "-json"]);
    match outputs() {
        // The root was not used on this machine before.
        Err(err) if err.to_string().contains("initialization required") => {
            terraform.run(&root, &data, &["init", "-input=false"])?;
            Ok(outputs()?)
        }
        outcome => Ok(outcome?),
    }
}

/// An output of a root.
pub(crate) fn output(said: &str, name: &str) -> anyhow::Result<String> {
    let outputs: Value = serde_json::from_str(said).context("Terraform's output is no JSON")?;
    match outputs[name]["value"].as_str() {
        Some(value) => Ok(value.to_owned()),
        None => bail!("Terraform knows no output {name}\n  fix: apply the root first"),
    }
}

/// Where an emulator answers for an API that Terraform believes to be on AWS:
/// `https://<id>.execute-api.<region>.amazonaws.com/<stage>`.
pub(crate) fn on_emulator(endpoint: &str, api_url: &str) -> Option<String> {
    let (host, stage) = api_url.strip_prefix("https://")?.split_once('/')?;
    let (id, _) = host.split_once('.')?;
    Some(format!("{endpoint}/restapis/{id}/{}/_user_request_", stage.trim_end_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_there_where_the_api_asks_for_one() {
        fn check(said: &str, expected: Option<&str>) {
            assert_eq!(key(said).as_deref(), expected, "{said}");
        }
        check(r#"{"api_url":{"value":"https://example.com"}}"#, None);
        check(r#"{"api_key":{"sensitive":true,"value":"drawn"}}"#, Some("drawn"));
        check("no JSON", None);
        assert_eq!(format!("{:?}", ApiKey::from("drawn".to_owned())), "ApiKey(…)");
    }

    #[test]
    fn addresses_lead_to_the_emulator() {
        fn check(api_url: &str, expected: Option<&str>) {
            assert_eq!(on_emulator("http://127.0.0.1:1", api_url).as_deref(), expected);
        }
        check(
            "https://abc.execute-api.ap-south-1.amazonaws.com/dev",
            Some("http://127.0.0.1:1/restapis/abc/dev/_user_request_"),
        );
        check("https://abc", None);
        check("nonsense", None);
    }
}
