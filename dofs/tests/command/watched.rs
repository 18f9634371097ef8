//! `dofs local up --watch`: saved files are deployed soon, and no order is lost.
//!
//! The workspace is small: each function is a program that runs this repository's function, and the generator changes one text
//! of a generated file. So the real cargo and rustc need only a second.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use contracts::functions::FunctionName;
use serde_json::{Value, json};

use crate::{
    changed::machine,
    support::{Place, Running, functions, measured, repository},
};

/// How long the system may take, also on a busy machine.
const SOON: Duration = Duration::from_secs(120);

/// Returns a function that runs this repository's one.
fn same(function: &str) -> String {
    let program = functions().join(function);
    format!(
        "use std::os::unix::process::CommandExt as _;\n\
         fn main() {{ panic!(\"{{}}\", std::process::Command::new({program:?}).exec()); }}\n"
    )
}

/// Returns a function that answers every call of the API with this text.
fn says(text: &str) -> String {
    r##"
use std::{io::{Read as _, Write as _}, net::TcpStream};

fn call(request: &str) -> String {
    let mut stream = TcpStream::connect(std::env::var("AWS_LAMBDA_RUNTIME_API").unwrap()).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn main() {
    let next = "/2018-06-01/runtime/invocation";
    loop {
        let answer = call(&format!("GET {next}/next HTTP/1.0\r\n\r\n"));
        let id = answer.lines().find_map(|it| {
            let (name, value) = it.split_once(": ")?;
            name.eq_ignore_ascii_case("lambda-runtime-aws-request-id").then(|| value.to_owned())
        });
        let body = r#"{"statusCode": 200, "body": "TEXT"}"#;
        let length = body.len();
        call(&format!("POST {next}/{}/response HTTP/1.0\r\nContent-Length: {length}\r\n\r\n{body}", id.unwrap()));
    }
}
"##
    .replace("TEXT", text)
}

/// Returns a generator that changes the comment of the state machine, or fails with a broken rule.
fn generates(comment: &str) -> String {
    format!(
        "fn main() {{\n    \
             assert_eq!(std::env::args().skip(1).collect::<Vec<_>>(), [\"--env\", \"dev\"]);\n    \
             if {comment:?}.is_empty() {{ eprintln!(\"module.sqs [limit/visibility]\"); std::process::exit(1); }}\n    \
             let file = \"generated/dev/modules/stepfunctions/order.asl.json\";\n    \
             let text = std::fs::read_to_string(file).unwrap();\n    \
             std::fs::write(file, text.replacen(\"Takes a submitted order\", {comment:?}, 1)).unwrap();\n}}\n"
    )
}

/// Saves a file as most editors do: it writes another file and renames it.
fn save(place: &Place, package: &str, text: &str) {
    let file = place.repository().join(package).join("src/main.rs");
    let draft = file.with_extension("rs.draft");
    fs::write(&draft, text).unwrap();
    fs::rename(draft, file).unwrap();
}

/// Writes a workspace with the package names of this repository.
fn workspace(place: &Place) {
    let root = place.repository();
    let mut names: Vec<&str> =
        FunctionName::BINS.into_iter().chain(["dofs", "infra-gen"]).collect();
    // As in cargo's lock file.
    names.sort_unstable();
    let mut lock = "version = 4\n".to_owned();
    for &name in &names {
        let folder = root.join(name).join("src");
        fs::create_dir_all(&folder).unwrap();
        let manifest =
            format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
        fs::write(root.join(name).join("Cargo.toml"), manifest).unwrap();
        fs::write(folder.join("main.rs"), "fn main() {}\n").unwrap();
        lock.push_str(&format!("\n[[package]]\nname = \"{name}\"\nversion = \"0.1.0\"\n"));
    }
    for name in FunctionName::BINS {
        save(place, name, &same(name));
    }
    let members = json!(names);
    fs::write(
        root.join("Cargo.toml"),
        format!("[workspace]\nresolver = \"3\"\nmembers = {members}\n"),
    )
    .unwrap();
    fs::write(root.join("Cargo.lock"), lock).unwrap();
    fs::copy(repository().join("rust-toolchain.toml"), root.join("rust-toolchain.toml")).unwrap();
}

/// Calls the API.
fn get(status: &Value, id: &str) -> (u16, String) {
    let url = format!("{}/order/{id}", status["api_url"].as_str().unwrap());
    let request = ureq::get(url).config().http_status_as_error(false).build();
    let mut answer = request.call().unwrap();
    (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap_or_default())
}

/// Waits for a condition. Returns the seconds that it took.
#[track_caller]
fn until(what: &str, up: &Running, is_so: impl Fn() -> bool) -> f64 {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < SOON, "{what}: not within {SOON:?}\n{}", up.said());
        thread::sleep(Duration::from_millis(50));
    }
    began.elapsed().as_secs_f64()
}

/// Returns the progress of changes that the page shows.
fn shown(status: &Value) -> Value {
    let url = format!("{}events", status["page_url"].as_str().unwrap());
    let mut lines =
        BufReader::new(ureq::get(url).call().unwrap().into_body().into_reader()).lines();
    while lines.next().unwrap().unwrap() != "event: work" {}
    let data = lines.next().unwrap().unwrap();
    serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap()
}

fn target(place: &Path) -> PathBuf {
    place.join("cargo-target")
}

#[test]
fn saved_files_are_deployed_soon_and_orders_are_kept() {
    let place = Place::new("watched").with_repository();
    let target = target(place.folder());
    let place = place.with_variable("DOFS_FUNCTIONS", PathBuf::new());
    let place = place.with_variable("CARGO_TARGET_DIR", target);
    workspace(&place);
    let mut up = place.start(&["local", "up", "--watch"]);
    up.until("watching the functions and the topology", Duration::from_secs(600));
    let (_, status) = place.json(&["local", "status"]);
    let (_, order) = place.json(&["order"]);
    let order = order["view"]["orderId"].as_str().unwrap_or_else(|| panic!("{order:#}")).to_owned();
    assert_eq!(get(&status, &order).0, 200);
    assert_eq!(shown(&status)["stage"], "ready");

    // A function.
    save(&place, "api_handler", &says("first"));
    let took = until("new code", &up, || get(&status, &order).1 == "first");
    measured(&format!("a function runs the new code {took:.1} s after the save"));
    up.until("api_handler runs the new code", SOON);

    // A compiler error is shown with the compiler's text, and the system is unchanged.
    save(&place, "api_handler", "fn main() { let <b>number: u32 = \"no number\"; }\n");
    up.until("the build failed with", SOON);
    assert!(up.said().contains("api_handler/src/main.rs:1:"), "{}", up.said());
    let failed = shown(&status);
    assert_eq!(failed["stage"], "failed", "{failed:#}");
    let problem = failed["problems"][0].as_str().unwrap();
    assert!(problem.starts_with("error: ") && problem.contains("<b>number"), "{problem}");
    assert!(!problem.contains('\x1b'), "{problem}");
    assert_eq!(get(&status, &order).1, "first");

    // Two saves, the second one during the build: the last one counts.
    let before = up.said().len();
    save(&place, "api_handler", &says("second"));
    until("a build begins", &up, || up.said()[before..].contains("building api_handler"));
    save(&place, "api_handler", &same("api_handler"));
    until("the last of two saves is there", &up, || get(&status, &order).1.contains(&order));
    up.until("fixed: api_handler runs the new code", SOON);

    // The topology: a broken rule first.
    save(&place, "infra-gen", &generates(""));
    up.until("the topology breaks a rule; the running system is unchanged", SOON);
    assert!(up.said().contains("module.sqs [limit/visibility]"), "{}", up.said());
    assert_eq!(get(&status, &order).0, 200);
    save(&place, "infra-gen", &generates("Carries an order"));
    let carries = || machine(&status)["Comment"].as_str().unwrap().starts_with("Carries an order");
    let took = until("another topology", &up, carries);
    measured(&format!("the topology is applied {took:.1} s after the save"));
    up.until("fixed: Terraform applied all changes", SOON);
    assert_eq!(shown(&status)["stage"], "ready");

    // The orders are kept, and Terraform's state has the changes that were made without Terraform.
    assert_eq!(get(&status, &order).0, 200);
    assert_eq!(place.json(&["verify"]), (Some(0), Value::Array(Vec::new())));

    // The system stops during an apply: the next run continues the apply, and keeps the orders.
    save(
        &place,
        "infra-gen",
        &generates("Carries an order")
            .replace("Takes a submitted", "Carries an")
            .replace("\"Carries an order\", 1", "\"Moves an order\", 1"),
    );
    up.until_process(&place, "terraform apply");
    up.interrupt();
    assert_eq!(up.code(Duration::from_secs(60)), Some(0), "{}", up.said());
    place.is_quiet();
    let mut again = place.start(&["local", "up"]);
    again.until("dev is up\n", Duration::from_secs(600));
    assert!(machine(&status)["Comment"].as_str().unwrap().starts_with("Moves an order"));
    assert_eq!(get(&status, &order).0, 200);
    assert_eq!(place.run(&["local", "down"]).code, Some(0));
    assert_eq!(again.code(Duration::from_secs(60)), Some(0), "{}", again.said());

    // Nothing has changed since, so the record of the last apply is right and Terraform does not run.
    let mut last = place.start(&["local", "up"]);
    last.until("dev is up\n", Duration::from_secs(600));
    assert!(!last.said().contains("terraform"), "{}", last.said());
    assert_eq!(place.run(&["local", "down"]).code, Some(0));
    assert_eq!(last.code(Duration::from_secs(60)), Some(0), "{}", last.said());
    place.is_quiet();
}
