//! Checks the page of `infra-gen graph --format html` in a headless Chromium.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

#[allow(dead_code, reason = "this page is not asked all that the other one is")]
#[path = "../../dofs/tests/page/browser.rs"]
mod browser;

use std::{collections::BTreeSet, process::Command};

use browser::Browser;
use infra_core::graph::Graph;
use infra_gen::{config::Environment, topology};

fn opened(name: &str) -> Browser {
    opened_at(name, (1200, 700))
}

fn opened_at(name: &str, size: (u32, u32)) -> Browser {
    let args = ["graph", "--env", "prod", "--format", "html"];
    let output = Command::new(env!("CARGO_BIN_EXE_infra-gen")).args(args).output().unwrap();
    assert!(output.status.success());
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.html"));
    std::fs::write(&file, output.stdout).unwrap();
    Browser::open(&format!("file://{}", file.display()), size)
}

/// A key, where the focus is.
fn key(page: &mut Browser, key: &str) {
    let event = format!("new KeyboardEvent('keydown', {{ key: '{key}', bubbles: true }})");
    page.eval(&format!("(document.activeElement ?? document.body).dispatchEvent({event})"));
}

const QUEUE: &str = "#queue_order_queue";

#[test]
fn a_box_is_explained_by_mouse_and_by_keyboard() {
    let mut page = opened("explained");
    assert_eq!(page.eval("document.querySelector('#explained').hidden"), true);
    page.eval(&format!("document.querySelector('{QUEUE}').dispatchEvent(new MouseEvent('click'))"));
    page.until_text("#explained h2", "module.sqs.aws_sqs_queue.order_queue");
    let told = page.text("#explained");
    for part in
        ["at infra-gen/src/topology/sqs.rs:", "sqs:SendMessage", "queue_age", "in dev, staging"]
    {
        assert!(told.contains(part), "{part:?} in {told}");
    }
    page.press("Escape");
    assert_eq!(page.eval("document.querySelector('#explained').hidden"), true);
    // Whoever closes it is back where they were.
    assert_eq!(
        page.eval(&format!("document.activeElement === document.querySelector('{QUEUE}')")),
        true
    );
    page.press("Enter");
    page.until("!document.querySelector('#explained').hidden");
    // Every box of the topology is reached by Tab.
    let reached =
        "Array.from(document.querySelectorAll('.node[tabindex=\"0\"][role=button]'), it => it.id)";
    let reached: Vec<String> = serde_json::from_value(page.eval(reached)).unwrap();
    let graph = Graph::of(&topology::dofs(Environment::Prod));
    let of_the_topology = graph.nodes.iter().filter(|it| it.address.is_some());
    assert_eq!(
        reached.iter().map(String::as_str).collect::<BTreeSet<_>>(),
        of_the_topology.map(|it| it.id.as_str()).collect()
    );
    assert!(reached.len() >= 13, "{reached:?}");
    assert_eq!(page.complaints(), [""; 0]);
}

#[test]
fn words_are_found_and_the_way_of_an_order_is_shown() {
    let mut page = opened("found");
    key(&mut page, "/");
    page.write("delivered as often as it may");
    page.until_text("#found", "1 found");
    let shown = |page: &mut Browser, selector: &str| {
        page.eval(&format!("getComputedStyle(document.querySelector('{selector}')).opacity"))
    };
    assert_eq!(
        (shown(&mut page, "#queue_order_dlq"), shown(&mut page, QUEUE)),
        ("1".into(), "0.15".into())
    );
    page.press("Enter");
    assert_eq!(page.eval("document.activeElement.id"), "queue_order_dlq");
    page.press("Escape");
    page.until_text("#found", "");
    key(&mut page, "p");
    assert_eq!(shown(&mut page, "#function_reconcile_orders"), "0.15");
    assert_eq!(shown(&mut page, "#function_fulfill_order"), "1");
    assert_eq!(page.eval("document.querySelector('#path').ariaPressed"), "true");
    assert_eq!(page.complaints(), [""; 0]);
}

#[test]
fn it_zooms_and_is_dark_where_people_like_it_dark() {
    let mut page = opened("zoomed");
    let width = "Number(document.querySelector('main svg').getAttribute('viewBox').split(' ')[2])";
    key(&mut page, "0");
    let whole = page.eval(width).as_f64().unwrap();
    key(&mut page, "+");
    assert!(page.eval(width).as_f64().unwrap() < whole);
    // By the wheel, what is below the pointer stays there.
    let at = "(() => { const it = document.querySelector('#table_orders').getBoundingClientRect(); \
              return [it.x + it.width / 2, it.y + it.height / 2]; })()";
    let before = page.eval(at);
    let wheel = format!(
        "document.querySelector('main svg').dispatchEvent(new WheelEvent('wheel', \
         {{ deltaY: -100, clientX: {}, clientY: {}, cancelable: true }}))",
        before[0], before[1]
    );
    page.eval(&wheel);
    let after = page.eval(at);
    for axis in [0, 1] {
        let moved = after[axis].as_f64().unwrap() - before[axis].as_f64().unwrap();
        assert!(moved.abs() < 2.0, "{before} {after}");
    }
    key(&mut page, "0");
    assert_eq!(page.eval(width), whole);

    let paper = "getComputedStyle(document.body).backgroundColor";
    assert_eq!(page.eval(paper), "rgb(255, 255, 255)");
    page.prefer(&[("prefers-color-scheme", "dark")]);
    assert_eq!(page.eval(paper), "rgb(18, 22, 28)");
    page.picture("graph-dark");
    // On a phone nothing is wider than the window.
    page.resize(380, 700);
    page.eval(&format!("document.querySelector('{QUEUE}').dispatchEvent(new MouseEvent('click'))"));
    page.until("document.documentElement.scrollWidth <= 380");
    assert_eq!(page.complaints(), [""; 0]);
}

/// A letter's height on the screen is that of its style times how much the picture is enlarged.
#[test]
fn it_is_readable_at_first_sight_on_a_laptop_and_on_a_phone() {
    for (name, size, least_boxes) in [("laptop", (1300, 900), 14), ("phone", (380, 700), 3)] {
        let mut page = opened_at(name, size);
        let smallest = "(() => { const svg = document.querySelector('main svg'); \
             const scale = svg.getScreenCTM().a; \
             return Math.min(...Array.from(document.querySelectorAll('main svg text'), \
             it => parseFloat(getComputedStyle(it).fontSize) * scale)); })()";
        let smallest = page.eval(smallest).as_f64().unwrap();
        assert!(smallest >= 11.0, "{name}: {smallest} px");
        let seen = "(() => { const room = document.querySelector('#picture').getBoundingClientRect(); \
             const within = it => it.left >= room.left && it.right <= room.right && \
             it.top >= room.top && it.bottom <= room.bottom; \
             return Array.from(document.querySelectorAll('.node'), it => it.getBoundingClientRect()) \
             .filter(within).length; })()";
        let seen = page.eval(seen).as_u64().unwrap();
        assert!(seen >= least_boxes, "{name}: {seen} boxes");
        // The start of a request is one of them.
        let client =
            page.eval("document.querySelector('.node.client').getBoundingClientRect().left >= 0");
        assert_eq!(client, true, "{name}");
        page.picture(&format!("graph-{name}"));
    }
}

/// Labels that lie on each other, or on a box, cannot be read at any size.
#[test]
fn no_label_covers_another() {
    let mut page = opened_at("labels", (1300, 900));
    let overlaps = "(() => { const boxes = selector => Array.from(document.querySelectorAll(selector), \
         it => ({ text: it.textContent, ...it.getBoundingClientRect().toJSON() })); \
         const labels = boxes('.edge text'); const all = [...labels, ...boxes('.node rect')]; \
         const lie = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 3 && b.top < a.bottom - 3; \
         return labels.flatMap((a, at) => all.filter((b, other) => other > at && lie(a, b)).map(b => a.text + ' / ' + b.text)); })()";
    assert_eq!(page.eval(overlaps), serde_json::json!([]));
}

#[test]
fn it_asks_for_nothing_outside_of_itself() {
    let mut page = opened("alone");
    let asked = "performance.getEntriesByType('resource').map((it) => it.name).filter((it) => !it.startsWith('data:'))";
    assert_eq!(page.eval(asked), serde_json::json!([]));
}
