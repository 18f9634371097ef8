//! The progress of changed sources on the page.

use std::thread;

use dofs::page::{self, Stage, Work};
use serde_json::json;
use tokio::sync::watch;

use crate::{
    browser::Browser,
    shown::{run, shown},
};

/// A compiler error about a source with HTML in it.
const ERROR: &str = "error: <img src=x onerror=document.title='hacked'>\n --> src/lib.rs:1:1";

#[test]
fn errors_are_shown_as_text_until_they_are_fixed() {
    let work = watch::Sender::new(Work::default());
    let (sender, url) = std::sync::mpsc::channel();
    let (system, watched) = (shown().system.clone(), work.subscribe());
    thread::spawn(move || {
        run(async {
            let listener = page::listen(0).await.unwrap();
            sender.send(page::url(&listener).unwrap()).unwrap();
            page::serve_with(system, listener, Some(watched)).await.unwrap();
        });
    });
    let mut page = Browser::open(&url.recv().unwrap(), (1280, 900));
    let stage = "document.querySelector('#work').dataset.stage";
    page.until_text("#connection", "live");
    page.until("!document.querySelector('#work').hidden");

    let (text, problems) = ("the build failed with 1 error".to_owned(), vec![ERROR.to_owned()]);
    work.send_replace(Work { stage: Stage::Failed, text, problems });
    page.until_text("#work-text", "the build failed with 1 error");
    assert_eq!(page.text("#work-problems pre"), ERROR);
    assert_eq!(page.eval("document.querySelectorAll('#work img').length"), 0);
    assert_eq!(page.eval(stage), json!("failed"));

    let text = "fixed: validator runs the new code".to_owned();
    work.send_replace(Work { stage: Stage::Ready, text, problems: Vec::new() });
    page.until_text("#work-text", "fixed: validator runs the new code");
    assert_eq!(page.eval("document.querySelectorAll('#work-problems li').length"), 0);
    assert_eq!(page.eval(stage), json!("ready"));
    assert_eq!(page.complaints(), [""; 0]);

    // Without `--watch`, the page does not show this part.
    let mut other = Browser::open(&shown().url, (1280, 900));
    other.until_text("#connection", "live");
    assert_eq!(other.eval("document.querySelector('#work').hidden"), json!(true));
}
