//! What Terraform knows about a system.

use anyhow::{Context as _, bail};
use infra_gen::topology::{API_KEY, API_URL};
use serde_json::Value;

use crate::{root::Root, target::ApiKey};

/// The API's address, and the key that it asks callers for, if it does, as Terraform's state has them.
///
/// # Errors
///
/// Where Terraform cannot read the state, or knows no address.
pub(crate) async fn api(root: &Root) -> anyhow::Result<(String, Option<ApiKey>)> {
    let outputs = async || root.run(&["output", "-json"], |_| {}).await;
    let said = match outputs().await {
        // The root was not used on this machine before.
        Err(err) if format!("{err:#}").contains("initialization required") => {
            root.init(&[]).await?;
            outputs().await?
        }
        outcome => outcome?,
    };
    Ok((output(&said, API_URL)?, key(&said).map(ApiKey::from)))
}

/// The output of a root that only an API with a key has.
pub(crate) fn key(said: &str) -> Option<String> {
    let outputs: Value = serde_json::from_str(said).ok()?;
    outputs[API_KEY]["value"].as_str().map(str::to_owned)
}

/// An output of a root.
pub(crate) fn output(said: &str, name: &str) -> anyhow::Result<String> {
    let outputs: Value =
        serde_json::from_str(said).context("Terraform's output is not valid JSON")?;
    match outputs[name]["value"].as_str() {
        Some(value) => Ok(value.to_owned()),
        None => bail!("Terraform's state has no output {name}\n  fix: apply the root first"),
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
