//! Requests as they are on the wire, sent to an emulator that records.

use std::{
    fs,
    io::Write as _,
    net::TcpStream,
    path::{Path, PathBuf},
};

use local_aws::{Account, Emulator};

use crate::{Said, judge, tools};

/// An emulator that records into a folder of a test's own.
pub(crate) struct Recording {
    emulator: Emulator,
    folder: PathBuf,
}

/// A request without its signature.
#[derive(Debug, Clone, Copy)]
struct Request<'a> {
    method: &'a str,
    /// With its query.
    path: &'a str,
    /// The name that it is signed for; none where it is not signed.
    service: &'a str,
    headers: &'a [(&'a str, &'a str)],
    body: &'a [u8],
}

const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

impl Recording {
    pub(crate) fn start(name: &str) -> Self {
        let work = Path::new(env!("CARGO_TARGET_TMPDIR")).join("requests").join(name);
        let _ = fs::remove_dir_all(&work);
        let account = Account { id: "111111111111".to_owned(), region: "ap-south-1".to_owned() };
        let folder = work.join("recordings");
        let emulator = Emulator::start_recording(&tools(), &work.join("aws"), &account, &folder);
        Recording { emulator: emulator.unwrap_or_else(|err| panic!("{err}")), folder }
    }

    /// Sends a request, whatever it is answered.
    fn send(&self, request: Request<'_>) {
        let Request { method, path, service, headers, body } = request;
        let url = format!("{}{path}", self.emulator.endpoint());
        let mut request = ureq::http::Request::builder().method(method).uri(url);
        if !service.is_empty() {
            let scope = format!("111111111111/20260101/ap-south-1/{service}/aws4_request");
            let signature =
                format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0123");
            request = request.header("Authorization", signature);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None);
        let agent: ureq::Agent = config.allow_non_standard_methods(true).build().into();
        agent.run(request.body(body).unwrap()).unwrap();
    }

    /// Sends one in a JSON protocol: `DynamoDB_20120810.PutItem`.
    pub(crate) fn json(&self, service: &str, target: &str, body: &str) {
        let headers = [("X-Amz-Target", target), ("Content-Type", "application/x-amz-json-1.0")];
        let body = body.as_bytes();
        self.send(Request { method: "POST", path: "/", service, headers: &headers, body });
    }

    /// Sends one in the Query protocol.
    pub(crate) fn form(&self, service: &str, body: &str) {
        let headers = [("Content-Type", FORM)];
        let body = body.as_bytes();
        self.send(Request { method: "POST", path: "/", service, headers: &headers, body });
    }

    /// Sends half of one in the Query protocol, and closes the connection.
    pub(crate) fn part_of_a_form(&self, service: &str, body: &str) {
        let endpoint = self.emulator.endpoint();
        let address = endpoint.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let (half, length) = (&body[..body.len() / 2], body.len());
        let signature = format!(
            "AWS4-HMAC-SHA256 Credential=111111111111/20260101/ap-south-1/{service}/aws4_request, SignedHeaders=host, \
             Signature=0123"
        );
        write!(
            stream,
            "POST / HTTP/1.1\r\nHost: {address}\r\nAuthorization: {signature}\r\nContent-Type: {FORM}\r\n\
             Content-Length: {length}\r\n\r\n{half}"
        )
        .unwrap();
    }

    /// Sends one in a REST protocol.
    pub(crate) fn rest(&self, service: &str, method: &str, path: &str, body: &str) {
        self.send(Request { method, path, service, headers: &[], body: body.as_bytes() });
    }

    /// Sends one to S3 that puts something, with these headers.
    pub(crate) fn put(&self, path: &str, headers: &[(&str, &str)], body: &str) {
        let body = body.as_bytes();
        self.send(Request { method: "PUT", path, service: "s3", headers, body });
    }

    /// Ends the emulator, and gives what is found, and what was recorded.
    pub(crate) fn judged(self) -> (Said, String) {
        drop(self.emulator);
        let files = fs::read_dir(&self.folder).unwrap().map(|it| it.unwrap().path());
        let text = files.map(|it| fs::read_to_string(it).unwrap()).collect();
        (judge(&self.folder), text)
    }
}
