//! The order as the command line gives it. The API validates it, not this command, so that a user can send an invalid order
//! and see the answer.

use std::{io::Read as _, path::PathBuf};

use anyhow::{Context as _, ensure};
use clap::Args;
use fs_err as fs;
use serde::de::IgnoredAny;
use serde_json::json;

/// An order as typed. This command does not validate it.
#[derive(Debug, Clone, Args)]
pub struct Written {
    /// Order for this customer.
    #[arg(long, default_value = "CUST-1234", value_name = "ID")]
    pub customer_id: String,

    /// Order this product.
    #[arg(long, default_value = "PROD-5678", value_name = "ID")]
    pub product_id: String,

    /// Order this quantity. Other text is sent as a string.
    #[arg(long, default_value = "2", value_name = "NUMBER", allow_hyphen_values = true)]
    pub quantity: String,

    /// Order at this unit price. Other text is sent as a string.
    #[arg(long, default_value = "29.99", value_name = "NUMBER", allow_hyphen_values = true)]
    pub price: String,

    /// Attach this pair to the order. Repeat the option for more pairs.
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    pub metadata: Vec<(String, String)>,

    /// Send the content of this file as the order, unchanged. `-` reads stdin.
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["customer_id", "product_id", "quantity", "price", "metadata"]
    )]
    pub file: Option<PathBuf>,
}

impl Written {
    /// Returns the body of the request. Files are sent byte for byte, and numbers digit by digit.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or is empty.
    pub fn body(&self) -> anyhow::Result<Vec<u8>> {
        let Some(file) = &self.file else { return Ok(self.of_arguments().into_bytes()) };
        let (bytes, name) = match file.as_os_str() == "-" {
            true => {
                let mut bytes = Vec::new();
                std::io::stdin().read_to_end(&mut bytes).context("stdin cannot be read")?;
                (bytes, "stdin".to_owned())
            }
            false => (fs::read(file)?, file.display().to_string()),
        };
        ensure!(
            !bytes.trim_ascii().is_empty(),
            "{name} is empty\n  fix: write an order into it, such as {}",
            crate::local::up::EXAMPLE
        );
        Ok(bytes)
    }

    /// Writes the JSON by hand, because a `serde_json::Value` would round a long number and drop a repeated key.
    fn of_arguments(&self) -> String {
        let pair = |(key, value): &(String, String)| format!("{}:{}", json!(key), json!(value));
        let metadata = match self.metadata.is_empty() {
            true => String::new(),
            false => {
                let pairs: Vec<_> = self.metadata.iter().map(pair).collect();
                format!(r#","metadata":{{{}}}"#, pairs.join(","))
            }
        };
        format!(
            r#"{{"customerId":{},"productId":{},"quantity":{},"price":{}{metadata}}}"#,
            json!(self.customer_id),
            json!(self.product_id),
            number_or_text(&self.quantity),
            number_or_text(&self.price),
        )
    }
}

/// Returns the text itself if it is a JSON number of any length, otherwise a JSON string.
fn number_or_text(text: &str) -> String {
    let number = text.trim();
    let begins = number.starts_with(|it: char| it == '-' || it.is_ascii_digit());
    match begins && serde_json::from_str::<IgnoredAny>(number).is_ok() {
        true => number.to_owned(),
        false => json!(text).to_string(),
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write it as key=value")?;
    Ok((key.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        written: Written,
    }

    fn body(arguments: &[&str]) -> anyhow::Result<String> {
        let line = Line::try_parse_from([&["order"], arguments].concat())?;
        Ok(String::from_utf8(line.written.body()?)?)
    }

    #[test]
    fn arguments_become_a_body() {
        fn check(arguments: &[&str], expected: &str) {
            let body = body(arguments).unwrap();
            assert!(body.contains(expected), "{expected} is not in {body}");
            assert!(serde_json::from_str::<IgnoredAny>(&body).is_ok(), "{body}");
        }
        assert_eq!(body(&[]).unwrap(), crate::local::up::EXAMPLE);
        check(&["--quantity", "-3", "--price", "0.001"], r#""quantity":-3,"price":0.001}"#);
        check(&["--quantity", "two"], r#""quantity":"two","#);
        check(&["--quantity", "1 2"], r#""quantity":"1 2","#);
        check(&["--quantity", "-"], r#""quantity":"-","#);
        check(&["--price", "true"], r#""price":"true"}"#);
        check(&["--customer-id", "a\"b\n"], r#""customerId":"a\"b\n","#);
        check(&["--metadata", "a=b", "--metadata", "c=d=e"], r#","metadata":{"a":"b","c":"d=e"}}"#);
    }

    #[test]
    fn a_number_is_sent_digit_by_digit() {
        fn check(text: &str) {
            let body = body(&["--quantity", text]).unwrap();
            assert!(body.contains(&format!(r#""quantity":{text},"#)), "{body}");
        }
        check("12345678901234567890123");
        check("0.30000000000000004000");
        check("1e2");
        check("1E+400");
        check("-0.0");
    }

    #[test]
    fn a_file_is_sent_byte_for_byte() {
        fn check(bytes: &[u8]) {
            let mut file = tempfile::NamedTempFile::new().unwrap();
            std::io::Write::write_all(&mut file, bytes).unwrap();
            let line =
                Line::try_parse_from(["order", "--file", file.path().to_str().unwrap()]).unwrap();
            assert_eq!(line.written.body().unwrap(), bytes);
        }
        check(b"\xef\xbb\xbf{\"price\":1}");
        check(br#"{ "price": 1e2, "price": 2,  "quantity": 12345678901234567890123 }"#);
        check(b"{\"price\": 1}\n\n");
        check(b"no JSON");
        check(b"\xff");
    }

    #[test]
    fn a_file_is_the_whole_order() {
        fn check(arguments: &[&str], problem: &str) {
            let line = Line::try_parse_from([&["order"], arguments].concat());
            let told = match line {
                Ok(line) => format!("{:#}", line.written.body().unwrap_err()),
                Err(err) => err.to_string(),
            };
            assert!(told.contains(problem), "{told}");
        }
        check(&["--file", "x", "--price", "1"], "cannot be used with");
        check(&["--file", "/nowhere.json"], "/nowhere.json");
        check(&["--file", "/dev/null"], "/dev/null is empty");
        check(&["--metadata", "a"], "key=value");
    }
}
