//! Reads the address and the key of the API from Terraform's outputs.

use anyhow::{Context as _, bail};
use infra_gen::topology::{API_KEY, API_URL};
use serde_json::Value;

use crate::{root::Root, target::ApiKey};

/// Returns the address of the API and its key, if it needs one, from Terraform's state.
///
/// # Errors
///
/// If Terraform cannot read the state, or the state has no address.
pub(crate) async fn api(root: &Root) -> anyhow::Result<(String, Option<ApiKey>)> {
    let outputs = async || root.run(&["output", "-json"], |_| {}).await;
    let said = match outputs().await {
        // Terraform has not run in this root on this machine before.
        Err(err) if format!("{err:#}").contains("initialization required") => {
            root.init(&[]).await?;
            outputs().await?
        }
        outcome => outcome?,
    };
    Ok((output(&said, API_URL)?, key(&said).map(ApiKey::from)))
}

/// Returns the output with the key of the API, if there is one.
pub(crate) fn key(said: &str) -> Option<String> {
    let outputs: Value = serde_json::from_str(said).ok()?;
    outputs[API_KEY]["value"].as_str().map(str::to_owned)
}

/// Returns an output of a root.
pub(crate) fn output(said: &str, name: &str) -> anyhow::Result<String> {
    let outputs: Value =
        serde_json::from_str(said).context("Terraform's output is not valid JSON")?;
    match outputs[name]["value"].as_str() {
        Some(value) => Ok(value.to_owned()),
        None => bail!("Terraform's state has no output {name}\n  fix: apply the root first"),
    }
}

/// Returns the emulator's address of an API, from its address on AWS in Terraform's output:
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
    fn the_key_is_read_from_the_outputs() {
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
