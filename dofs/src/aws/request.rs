//! A signed request to AWS, for services of which `dofs` needs only a few calls: an SDK crate would take minutes to build.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{
        PayloadChecksumKind, SignableBody, SignableRequest, SigningSettings,
        UriPathNormalizationMode, sign,
    },
    sign::v4,
};
use serde_json::Value;

use super::Fault;
use crate::http::proxy;

/// How long one call may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A call of a service.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    method: &'static str,
    /// The service name in the signature.
    service: &'static str,
    host: String,
    path: String,
    /// The name of the call, for services with a single path.
    target: Option<&'static str>,
    content_type: Option<&'static str>,
    body: String,
    /// The region in the signature, for global services.
    signing_region: Option<&'static str>,
}

impl Call {
    /// Returns `GET <path>` of a regional service.
    pub(crate) fn get(service: &'static str, region: &str, path: impl Into<String>) -> Self {
        let host = format!("{service}.{region}.amazonaws.com");
        Call {
            method: "GET",
            service,
            host,
            path: path.into(),
            target: None,
            content_type: None,
            body: String::new(),
            signing_region: None,
        }
    }

    /// Returns a `HeadBucket` request, which checks that a bucket exists. The bucket name is in the path, because the emulator
    /// does not resolve it from the host name.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html>
    pub(crate) fn head_bucket(region: &str, bucket: &str) -> Self {
        Call { method: "HEAD", ..Call::get("s3", region, format!("/{bucket}")) }
    }

    /// Returns a call of a service that takes JSON at a single path.
    pub(crate) fn json(
        service: &'static str,
        region: &str,
        target: &'static str,
        body: &Value,
    ) -> Self {
        Call {
            method: "POST",
            target: Some(target),
            content_type: Some("application/x-amz-json-1.1"),
            body: body.to_string(),
            ..Call::get(service, region, "/")
        }
    }

    /// Returns a call of IAM, a global service, whose requests are signed for us-east-1.
    /// <https://docs.aws.amazon.com/IAM/latest/APIReference/CommonParameters.html>
    pub(crate) fn iam(query: &str) -> Self {
        Call {
            method: "POST",
            host: "iam.amazonaws.com".to_owned(),
            content_type: Some("application/x-www-form-urlencoded"),
            body: format!("{query}&Version=2010-05-08"),
            signing_region: Some("us-east-1"),
            ..Call::get("iam", "us-east-1", "/")
        }
    }
}

/// The response of a service.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The body as text.
    pub(crate) body: String,
}

impl Answer {
    /// Returns the JSON body of a successful response.
    ///
    /// # Errors
    ///
    /// If the response is an error, or is not JSON.
    pub(crate) fn json(&self) -> Result<Value, Fault> {
        self.text()?;
        let json = serde_json::from_str(&self.body);
        json.map_err(|_| Fault::unreadable("it is not valid JSON"))
    }

    /// Returns the text body of a successful response.
    pub(crate) fn text(&self) -> Result<&str, Fault> {
        match self.status {
            200..300 => Ok(&self.body),
            _ => Err(Fault::refused(self.status, &self.body)),
        }
    }
}

pub(super) fn send(
    call: &Call,
    credentials: &Credentials,
    region: &str,
    endpoint: Option<&str>,
) -> Result<Answer, Fault> {
    let base = match endpoint {
        Some(endpoint) => endpoint.trim_end_matches('/').to_owned(),
        None => format!("https://{}", call.host),
    };
    let url = format!("{base}{}", call.path);
    let mut headers: Vec<(&str, &str)> = Vec::new();
    headers.extend(call.content_type.map(|it| ("content-type", it)));
    headers.extend(call.target.map(|it| ("x-amz-target", it)));

    let identity = credentials.clone().into();
    let mut settings = SigningSettings::default();
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    if call.service == "s3" {
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    }
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(call.signing_region.unwrap_or(region))
        .name(call.service)
        .time(SystemTime::now())
        .settings(settings)
        .build()
        .map_err(|err| Fault::unreachable(&err))?
        .into();
    let body = SignableBody::Bytes(call.body.as_bytes());
    let signable = SignableRequest::new(call.method, url.as_str(), headers.iter().copied(), body);
    let signed = signable.and_then(|it| sign(it, &parameters));
    let (instructions, _) = signed.map_err(|err| Fault::unreachable(&err))?.into_parts();

    let mut request = ureq::http::Request::builder().method(call.method).uri(&url);
    for (name, value) in headers.into_iter().chain(instructions.headers()) {
        request = request.header(name, value);
    }
    let request = request.body(call.body.clone()).map_err(|err| Fault::unreachable(&err))?;
    let proxy = proxy(&url).map_err(Fault::of_proxy)?;
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(TIMEOUT))
        .proxy(proxy)
        .http_status_as_error(false)
        // S3 answers with a redirect if a bucket is in another region. The caller needs that answer.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .allow_non_standard_methods(true)
        .build()
        .into();
    let mut answer = agent.run(request).map_err(|err| Fault::unreachable(&err))?;
    let status = answer.status().as_u16();
    let body = answer.body_mut().read_to_string().map_err(|err| Fault::unreachable(&err))?;
    Ok(Answer { status, body })
}
