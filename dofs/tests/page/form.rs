//! The form, used only with the keyboard.

use crate::{
    browser::Browser,
    shown::{TAKEN, id, shown},
};

const FOCUS: &str = "document.activeElement.id";

#[test]
fn an_order_is_placed_by_the_keyboard() {
    let mut page = Browser::open(&shown().url, (1280, 900));
    page.until_text("#connection", "live");
    // The first link skips to the form.
    page.press("Tab");
    assert_eq!(page.eval("document.activeElement.className"), "skip");
    page.press("Enter");
    for field in ["customerId", "productId", "quantity", "price", "metadata", "send"] {
        page.press("Tab");
        assert_eq!(page.eval(FOCUS), field);
        let outline = page.eval("getComputedStyle(document.activeElement).outlineStyle");
        assert_eq!(outline, "solid", "the focus is seen at {field}");
        assert_eq!(page.eval("document.activeElement.labels.length") == 1, field != "send");
        if field == "quantity" {
            page.write("two");
        }
    }

    // The API's problems are shown next to the fields.
    page.press("Enter");
    page.until_text("#quantity-problem", "must be a whole number");
    assert_eq!(page.text("#metadata-problem"), "/gift must be a text");
    let outcome = page.text("#outcome");
    assert_eq!(outcome, "400: The body is not an order. /surprise is not known");
    assert_eq!(page.eval(FOCUS), "quantity", "the first field with a problem");
    assert_eq!(page.eval("document.activeElement.ariaInvalid"), "true");

    // Invalid JSON is not sent.
    page.eval("document.querySelector('#metadata').focus()");
    page.write("{");
    page.press("Enter");
    page.until_text("#metadata-problem", "must be JSON");
    assert_eq!(page.text("#quantity-problem"), "");
    page.eval("document.activeElement.select()");
    page.write("{\"gift\": \"yes\"}");

    // The corrected order is accepted.
    page.eval("document.querySelector('#quantity').focus(); document.activeElement.select()");
    page.write("3");
    page.press("Enter");
    page.until_text("#outcome .badge", "ACCEPTED");
    assert_eq!(page.eval("document.querySelector('#outcome a').dataset.id"), id(TAKEN));
    assert_eq!(page.eval("document.querySelectorAll('[aria-invalid]').length"), 0);
    page.press("Tab");
    let complaints = page.complaints();
    assert!(complaints.iter().all(|it| it.contains("400")), "{complaints:?}");
}
