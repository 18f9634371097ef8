//! The options that choose the system and the output.

use std::{ffi::OsStr, fmt, str::FromStr};

use clap::{
    Args, Command,
    builder::TypedValueParser,
    error::{Error, ErrorKind},
};
pub use infra_gen::cli::Format;
use infra_gen::config::Environment;
use ureq::http::{HeaderValue, Uri};

use crate::site::option;

/// The key of an API. White space around it is removed, because a file with a key ends with a line break. It has no `Display`, and
/// its `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

impl ApiKey {
    /// The value of the header.
    pub(crate) fn header(&self) -> &str {
        &self.0
    }
}

impl From<String> for ApiKey {
    fn from(key: String) -> Self {
        ApiKey(key.trim().to_owned())
    }
}

/// Parses a key. Unlike clap's own parsers, it does not print a value that it refuses, because the value is a secret.
#[derive(Debug, Clone)]
struct KeyParser;

impl TypedValueParser for KeyParser {
    type Value = ApiKey;

    fn parse_ref(
        &self,
        command: &Command,
        _: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<ApiKey, Error> {
        let key = value.to_str().map(|it| ApiKey::from(it.to_owned()));
        key.filter(|it| HeaderValue::from_str(it.header()).is_ok()).ok_or_else(|| {
            let problem = "the API key of --api-key or DOFS_API_KEY has a character that is not allowed in an HTTP header";
            Error::raw(ErrorKind::ValueValidation, format!("{problem}\n")).with_cmd(command)
        })
    }
}

/// A URL with `http` or `https`, a host, and optionally a port and a path. It has no slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(String);

impl Address {
    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let uri: Uri = text.parse().map_err(|err| format!("this is not a URL: {err}"))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err(format!(
                "the URL must begin with http:// or https://, such as http://{}",
                text.trim_start_matches('/')
            ));
        }
        if uri.host().is_none_or(str::is_empty) {
            return Err("the URL has no host".to_owned());
        }
        // `Uri` accepts a port that is too large, and then returns none.
        let authority = uri.authority().map(|it| it.as_str()).unwrap_or_default();
        if authority.contains('@') {
            return Err("the URL must not contain a user or a password".to_owned());
        }
        let host = authority.rsplit_once(']').map_or(authority, |(_, port)| port);
        if host.contains(':') && uri.port_u16().is_none_or(|it| it == 0) {
            return Err("the port of the URL must be a number from 1 to 65535".to_owned());
        }
        if text.contains(['?', '#']) {
            return Err("the URL must not contain `?` or `#`".to_owned());
        }
        Ok(Address(text.trim_end_matches('/').to_owned()))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ApiKey(…)")
    }
}

/// The options that choose the system and the output.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "System and output")]
pub struct Target {
    /// Use this environment.
    #[arg(
        long,
        value_enum,
        global = true,
        default_value = "dev",
        value_name = "dev|staging|prod",
        hide_possible_values = true
    )]
    pub env: Environment,

    /// Use AWS, not the local system.
    #[arg(long, global = true)]
    pub aws: bool,

    /// Send the calls of every AWS service to this address.
    #[arg(long, global = true, value_name = "URL")]
    pub endpoint_url: Option<Address>,

    /// Call the API at this address. Default: from Terraform's state.
    #[arg(long, global = true, value_name = "URL")]
    pub api_url: Option<Address>,

    /// Send this API key. Default: from Terraform's state.
    #[arg(
        long,
        global = true,
        env = "DOFS_API_KEY",
        hide_env_values = true,
        value_name = "KEY",
        value_parser = KeyParser
    )]
    api_key: Option<ApiKey>,

    /// Print text for people or JSON for programs.
    #[arg(
        long,
        value_enum,
        global = true,
        default_value_t,
        hide_possible_values = true,
        value_name = "text|json"
    )]
    pub format: Format,
}

impl Target {
    /// Returns the key of the options. An empty key, such as from an empty variable, counts as none.
    pub fn api_key(&self) -> Option<&ApiKey> {
        self.api_key.as_ref().filter(|it| !it.header().is_empty())
    }

    /// Returns the options with which another command uses the same system, each with a leading space. Options with default
    /// values and the API key are left out.
    pub(crate) fn options(&self) -> String {
        let mut options = option(self.env.as_str());
        if self.aws {
            options.push_str(" --aws");
        }
        for (name, address) in [("endpoint-url", &self.endpoint_url), ("api-url", &self.api_url)] {
            if let Some(address) = address {
                options.push_str(&format!(" --{name} {address}"));
            }
        }
        options
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        target: Target,
    }

    fn parsed(args: &[&str]) -> Result<Target, Error> {
        Line::try_parse_from([&["dofs"], args].concat()).map(|it| it.target)
    }

    #[test]
    fn a_key_is_what_a_header_can_hold() {
        fn check(key: &str, expected: Option<&str>) {
            let target = parsed(&["--api-key", key]).unwrap();
            assert_eq!(target.api_key().map(ApiKey::header), expected, "{key:?}");
        }
        check("drawn", Some("drawn"));
        check("drawn\n", Some("drawn"));
        check(" drawn\r\n", Some("drawn"));
        check("", None);
        check("\n", None);
        let refused = parsed(&["--api-key", "dra\nwn"]).unwrap_err();
        assert_eq!(refused.exit_code(), 2);
        assert!(!refused.to_string().contains("wn\n"), "{refused}");
        assert!(refused.to_string().contains("not allowed in an HTTP header"), "{refused}");
    }

    #[test]
    fn options_lead_to_the_same_system() {
        fn check(args: &[&str], expected: &str) {
            assert_eq!(parsed(args).unwrap().options(), expected);
        }
        check(&[], "");
        check(&["--env", "dev", "--format", "json", "--api-key", "drawn"], "");
        check(&["--aws", "--env", "prod"], " --env prod --aws");
        let urls = ["--api-url", "http://a.example/dev", "--endpoint-url", "http://b.example"];
        check(&urls, " --endpoint-url http://b.example --api-url http://a.example/dev");
    }

    #[test]
    fn an_address_is_complete_or_refused_at_once() {
        fn check(text: &str, expected: Result<&str, &str>) {
            for option in ["--api-url", "--endpoint-url"] {
                let found = parsed(&[option, text]);
                match (found, expected) {
                    (Ok(it), Ok(expected)) => {
                        let found = it.api_url.or(it.endpoint_url).unwrap();
                        assert_eq!(found.as_str(), expected);
                    }
                    (Err(err), Err(problem)) => {
                        assert_eq!(err.exit_code(), 2);
                        assert!(err.to_string().contains(problem), "{text}: {err}");
                    }
                    (found, _) => panic!("{text}: {found:?}"),
                }
            }
        }
        check("http://localhost:8080", Ok("http://localhost:8080"));
        check(" https://a.example/prod/\n", Ok("https://a.example/prod"));
        check("HTTP://[::1]:8080/x", Ok("HTTP://[::1]:8080/x"));
        check("localhost:8080", Err("such as http://localhost:8080"));
        check("a.example/prod", Err("not a URL"));
        check("/prod", Err("such as http://prod"));
        check("", Err("not a URL"));
        check("ftp://a.example", Err("must begin with http:// or https://"));
        check("http://", Err("not a URL"));
        check("http://a b", Err("not a URL"));
        check("http://a.example:99999", Err("port"));
        check("http://a.example:0", Err("port"));
        check("http://user:word@a.example", Err("must not contain a user"));
        check("http://a.example/?x=1", Err("must not contain `?`"));
        check("http://a.example/#x", Err("or `#`"));
    }
}
