//! A minimal HTTP server for one caller at a time. Its time is a part of every measurement, so it must be small.
//!
//! The servers for tests are slower: they buffer, pass requests between threads, and keep Nagle's algorithm on, which
//! can delay an answer by 40 ms.

use std::{
    io::{self, BufRead, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::Arc,
    thread,
    time::Instant,
};

/// A request, read to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    /// The name of the operation in AWS's JSON protocols.
    pub(super) target: Option<String>,
    pub(super) body: Vec<u8>,
    /// When it was read to its end.
    pub(super) at: Instant,
}

/// Serves on a free port of the loopback interface until the program ends. `answer` writes the
/// response to the connection, or keeps a copy of the connection and writes later.
pub(super) fn serve(
    answer: impl Fn(Request, &TcpStream) -> io::Result<()> + Send + Sync + 'static,
) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            // A caller that closes the connection early was ended by this program.
            thread::spawn(move || drop(talk(&stream, &*answer)));
        }
    });
    Ok(address)
}

fn talk(
    stream: &TcpStream,
    answer: &impl Fn(Request, &TcpStream) -> io::Result<()>,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::with_capacity(64 * 1024, stream);
    while let Some(request) = read(&mut reader)? {
        answer(request, stream)?;
    }
    Ok(())
}

/// Reads the next request. `None` if the caller has closed the connection.
fn read(from: &mut impl BufRead) -> io::Result<Option<Request>> {
    let Some(first) = line(from)? else { return Ok(None) };
    let mut words = first.split(' ').map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (mut target, mut length, mut chunked) = (None, 0, false);
    while let Some(header) = line(from)?.filter(|it| !it.is_empty()) {
        let Some((name, value)) = header.split_once(':') else { continue };
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "x-amz-target" => target = Some(value.to_owned()),
            "content-length" => length = number(value, 10)?,
            "transfer-encoding" => chunked = value.eq_ignore_ascii_case("chunked"),
            _ => {}
        }
    }
    let mut body = Vec::new();
    if chunked {
        while let Some(size) = line(from)? {
            let size = number(&size, 16)?;
            take(from, size, &mut body)?;
            line(from)?;
            if size == 0 {
                break;
            }
        }
    } else {
        take(from, length, &mut body)?;
    }
    Ok(Some(Request { method, path, target, body, at: Instant::now() }))
}

/// Reads a line, and returns it without its line break. `None` at the end of the connection.
fn line(from: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = String::new();
    let read = from.read_line(&mut line)?;
    line.truncate(line.trim_end().len());
    Ok((read > 0).then_some(line))
}

fn number(text: &str, radix: u32) -> io::Result<u64> {
    u64::from_str_radix(text.trim(), radix).map_err(io::Error::other)
}

fn take(from: &mut impl BufRead, size: u64, to: &mut Vec<u8>) -> io::Result<()> {
    from.take(size).read_to_end(to).map(drop)
}

/// Writes a response with a JSON body in a single call.
pub(super) fn respond(
    mut to: &TcpStream,
    status: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> io::Result<()> {
    let mut text = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    text.push_str(body);
    to.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read_one_after_the_other() {
        fn check(text: &str, expected: &[(&str, &str, Option<&str>, &str)]) {
            let mut from = text.as_bytes();
            let mut found = Vec::new();
            while let Some(it) = read(&mut from).unwrap() {
                let body = String::from_utf8(it.body).unwrap();
                found.push((it.method, it.path, it.target, body));
            }
            let expected: Vec<_> = expected
                .iter()
                .map(|&(method, path, target, body)| {
                    (method.into(), path.into(), target.map(Into::into), body.into())
                })
                .collect();
            assert_eq!(found, expected);
        }
        check("", &[]);
        check("GET / HTTP/1.1\r\nHost: a\r\n\r\n", &[("GET", "/", None, "")]);
        check(
            "POST /a HTTP/1.1\r\nX-Amz-Target: S.Call\r\ncontent-length: 2\r\n\r\n{}\
             GET /b HTTP/1.1\r\n\r\n",
            &[("POST", "/a", Some("S.Call"), "{}"), ("GET", "/b", None, "")],
        );
        check(
            "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{\"a\"\r\na\r\n:12345678}\r\n\
             0\r\n\r\nGET /b HTTP/1.1\r\n\r\n",
            &[("POST", "/a", None, "{\"a\":12345678}"), ("GET", "/b", None, "")],
        );
    }
}
