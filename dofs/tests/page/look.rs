//! The layout on every screen size, with the light and the dark colour scheme.

use crate::{browser::Browser, shown::shown};

#[test]
fn the_page_fits_every_screen() {
    let mut page = Browser::open(&shown().url, (1280, 900));
    page.until_text("#count-FULFILLED, #count-REJECTED", "1");
    fn check(page: &mut Browser, name: &str, width: u32, scheme: &str, paper: &str) {
        page.resize(width, 800);
        page.prefer(&[("prefers-color-scheme", scheme)]);
        page.until(&format!("innerWidth === {width}"));
        let wide = page.eval("document.documentElement.scrollWidth");
        assert_eq!(wide, width, "{name} scrolls to the side");
        assert_eq!(page.eval("getComputedStyle(document.body).backgroundColor"), paper, "{name}");
        // All text in the picture is large enough to read.
        let scale = "document.querySelector('#topology').getBoundingClientRect().width / 400";
        assert!(page.eval(scale).as_f64().unwrap() * 12.0 >= 9.0, "{name}: the picture is small");
        let size = std::fs::metadata(page.picture(name)).unwrap().len();
        assert!(size > 10_000, "{name} is empty");
    }
    const DAY: &str = "rgb(245, 246, 249)";
    const NIGHT: &str = "rgb(17, 20, 27)";
    check(&mut page, "wide", 1280, "light", DAY);
    check(&mut page, "wide-dark", 1280, "dark", NIGHT);
    check(&mut page, "phone", 360, "light", DAY);
    check(&mut page, "phone-dark", 360, "dark", NIGHT);
    // The longest content, on the smallest screen.
    page.eval("location.hash = '#order/message-7'");
    page.until("document.querySelector('#details-body h3') !== null");
    check(&mut page, "phone-details", 360, "light", DAY);
    assert_eq!(page.complaints(), [""; 0]);
}
