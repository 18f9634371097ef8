//! The order as somebody writes it on the command line. What it says is for the API to judge: who
//! writes nonsense wants to see what comes of it.

use std::{io::Read as _, path::PathBuf};

use anyhow::{Context as _, ensure};
use clap::Args;
use fs_err as fs;
use serde_json::{Map, Value, json};

/// An order. Nothing of it is judged here.
#[derive(Debug, Clone, Args)]
pub struct Written {
    /// Who orders.
    #[arg(long, default_value = "CUST-1234", value_name = "ID")]
    pub customer_id: String,

    /// What.
    #[arg(long, default_value = "PROD-5678", value_name = "ID")]
    pub product_id: String,

    /// How many. What is no number is sent as text.
    #[arg(long, default_value = "2", value_name = "NUMBER", allow_hyphen_values = true)]
    pub quantity: String,

    /// The price of one. What is no number is sent as text.
    #[arg(long, default_value = "29.99", value_name = "NUMBER", allow_hyphen_values = true)]
    pub price: String,

    /// Whatever the customer attaches; as often as wanted.
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    pub metadata: Vec<(String, String)>,

    /// The whole order instead, as JSON: a file, or `-` for stdin.
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["customer_id", "product_id", "quantity", "price", "metadata"]
    )]
    pub file: Option<PathBuf>,
}

impl Written {
    /// The body of the request.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read, or is no JSON.
    pub fn body(&self) -> anyhow::Result<Value> {
        let Some(file) = &self.file else { return Ok(self.of_arguments()) };
        let (text, name) = match file.as_os_str() == "-" {
            true => {
                let mut text = String::new();
                std::io::stdin().read_to_string(&mut text).context("stdin cannot be read")?;
                (text, "stdin".to_owned())
            }
            false => (fs::read_to_string(file)?, file.display().to_string()),
        };
        ensure!(
            !text.trim().is_empty(),
            "{name} is empty\n  fix: write an order into it, such as {}",
            crate::local::up::EXAMPLE
        );
        serde_json::from_str(&text).with_context(|| format!("{name} is no JSON"))
    }

    fn of_arguments(&self) -> Value {
        let metadata: Map<String, Value> =
            self.metadata.iter().map(|(key, it)| (key.clone(), it.clone().into())).collect();
        json!({
            "customerId": self.customer_id,
            "productId": self.product_id,
            "quantity": number_or_text(&self.quantity),
            "price": number_or_text(&self.price),
            "metadata": (!metadata.is_empty()).then_some(metadata),
        })
    }
}

fn number_or_text(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(number @ Value::Number(_)) => number,
        _ => text.into(),
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

    #[test]
    fn arguments_become_a_body() {
        fn check(arguments: &[&str], expected: Value) {
            let line = Line::try_parse_from([&["order"], arguments].concat()).unwrap();
            let body = line.written.body().unwrap();
            for (name, value) in expected.as_object().unwrap() {
                assert_eq!(&body[name], value, "{name} of {arguments:?}");
            }
        }
        check(&[], serde_json::from_str(crate::local::up::EXAMPLE).unwrap());
        check(&[], json!({ "metadata": null }));
        check(&["--quantity", "-3", "--price", "0.001"], json!({ "quantity": -3, "price": 0.001 }));
        check(&["--quantity", "two"], json!({ "quantity": "two" }));
        check(&["--price", "true"], json!({ "price": "true" }));
        check(
            &["--metadata", "a=b", "--metadata", "c=d=e"],
            json!({ "metadata": { "a": "b", "c": "d=e" } }),
        );
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
