//! The orders on the page, and their changes.

use contracts::domain::OrderStatus;

use crate::{
    browser::Browser,
    shown::{CAUSE, FAILED, FULFILLED, id, put, shown},
};

const NEW: u32 = 10;

#[test]
fn orders_are_shown_as_they_move() {
    let mut page = Browser::open(&shown().url, (1280, 900));
    fn check(page: &mut Browser, shown: &[(&str, &str)]) {
        for (id, text) in shown {
            page.until_text(&format!("#{id}"), text);
        }
    }
    // The initial state.
    check(&mut page, &[("connection", "live"), ("count-ACCEPTED", "1"), ("count-PROCESSING", "1")]);
    check(&mut page, &[("count-FULFILLED", "1"), ("count-FAILED", "1"), ("count-REJECTED", "1")]);
    check(&mut page, &[("running", "1 running"), ("waiting", "2 waiting")]);
    check(&mut page, &[("depth-waiting", "2"), ("depth-dead", "1"), ("dead", "1 dead letter")]);
    page.until("document.querySelector('#said').textContent.includes('1 processing')");

    // Failures, with their reasons, always as text.
    let failures = page.text("#failures");
    for told in ["FulfillmentFailed", CAUSE, "UnreadableMessage", "expected value at line 1"] {
        assert!(failures.contains(told), "{told} is not in {failures}");
    }
    assert_eq!(page.eval("document.querySelectorAll('#failures img, #failures b').length"), 0);

    // A new order appears, with a moving dot, and changes its status.
    page.eval(
        "window.dots = []; new MutationObserver((changes) => changes.forEach((it) => \
         it.addedNodes.forEach((dot) => window.dots.push(dot.dataset.status))))\
         .observe(document.querySelector('#dots'), { childList: true }); 0",
    );
    put(NEW, OrderStatus::Processing);
    let row = format!("#orders tr[data-id='{}']", id(NEW));
    page.until_text(&format!("{row} .badge"), "PROCESSING");
    check(&mut page, &[("count-PROCESSING", "2")]);
    page.until("window.dots.includes('PROCESSING')");
    put(NEW, OrderStatus::Fulfilled);
    page.until_text(&format!("{row} .badge"), "FULFILLED");
    check(&mut page, &[("count-PROCESSING", "1"), ("count-FULFILLED", "2")]);
    page.until("window.dots.includes('FULFILLED')");
    // Nine edges lead to the queue, and two from there.
    page.until("window.dots.length === 11");

    // With reduced motion, nothing moves.
    page.prefer(&[("prefers-reduced-motion", "reduce")]);
    page.eval("window.dots = []; 0");
    put(NEW + 1, OrderStatus::Processing);
    page.until("document.querySelectorAll('#topology .lit').length > 0");
    assert_eq!(page.eval("window.dots.length"), 0);

    assert_eq!(page.complaints(), [""; 0]);
}

#[test]
fn each_order_leads_to_its_details() {
    let mut page = Browser::open(&shown().url, (1280, 900));
    fn check(page: &mut Browser, id: &str, told: &[&str]) {
        page.until(&format!("document.querySelector('a[data-id=\"{id}\"]') !== null"));
        page.eval(&format!("document.querySelector('a[data-id=\"{id}\"]').focus()"));
        page.press("Enter");
        page.until("document.querySelector('#details').open");
        page.until_text("#details-title", id);
        page.until("document.querySelector('#details-body h3') !== null");
        let shown = page.text("#details-body");
        for told in told {
            assert!(shown.contains(told), "{told} is not in {shown}");
        }
        page.press("Escape");
        page.until("!document.querySelector('#details').open && location.hash === ''");
    }
    check(&mut page, &id(FULFILLED), &["Its record in orders", "CUST-0002", "59.98"]);
    check(&mut page, &id(FAILED), &["FulfillmentFailed", CAUSE]);
    check(&mut page, "message-7", &["Its record in failed_orders", "UnreadableMessage"]);
    // By its fragment, and for an unknown order.
    page.eval("location.hash = '#order/nonsense%3Cb%3E'");
    page.until_text("#details-title", "nonsense<b>");
    page.until_text("#details-body .problem", "There is no such order.");
    let complaints = page.complaints();
    assert!(complaints.iter().all(|it| it.contains("404")), "{complaints:?}");
}
